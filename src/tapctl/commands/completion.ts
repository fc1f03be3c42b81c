/** `tapctl completion`: prints a completion script for bash. */

import type { Command } from 'commander';
import { bashCompletion } from '../../terminal/bash-completion';

/** Name of the program, as the package installs it. */
const NAME = 'tapctl';

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a completion script: source <(tapctl completion)')
    .action(() => {
      process.stdout.write(tapctlCompletion(program));
    });
}

export function tapctlCompletion(program: Command): string {
  return bashCompletion(program, NAME, `${NAME} port show`);
}
