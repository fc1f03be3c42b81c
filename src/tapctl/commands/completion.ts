/** `tapctl completion`: prints a completion script for bash, for tapctl and for the switch. */

import type { Command } from 'commander';
import { switchProgram } from '../../config/command-line';
import { PORT_KINDS } from '../../ports/kinds';
import { bashCompletion } from '../../terminal/bash-completion';

/** Name of the program, as the package installs it. */
const NAME = 'tapctl';

/** Prints a head and the interfaces of the machine. */
const INTERFACES = "printf '%s\\n' PORT /sys/class/net/* | sed 's,.*/,,'";

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for tapctl and tapswitch: source <(tapctl completion)')
    .action(() => {
      process.stdout.write(tapctlCompletion(program) + tapswitchCompletion());
    });
}

export function tapctlCompletion(program: Command): string {
  return bashCompletion(program, NAME, `${NAME} port show`);
}

/** Completion of the switch's own options; of ports it offers the interfaces of the machine. */
export function tapswitchCompletion(): string {
  return bashCompletion(switchProgram(PORT_KINDS), 'tapswitch', INTERFACES);
}
