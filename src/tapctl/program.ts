/**
 * The commands of tapctl as a tree of commander commands. Help, the manual page and the completion are made
 * from it.
 *
 * Each group of commands has a file under `commands/`, and a line here. The commands for a running switch use
 * the `SwitchClient` of the context; the others need no switch.
 */

import { Command, type CommanderError } from 'commander';
import { plainComplaint } from '../config/commander-complaint';
import { refuseGivenTwice } from '../config/given-twice';
import { nearestWord } from '../config/values/suggest';
import { packageVersion } from '../system/package-version';
import { UsageError } from '../system/usage-error';
import { addAddressCommands } from './commands/address';
import { addCaptureCommand } from './commands/capture';
import { addCompletionCommand } from './commands/completion';
import { addEventsCommand } from './commands/events';
import { addFdbCommands } from './commands/fdb';
import { addMdbCommands } from './commands/mdb';
import { addImpairCommands } from './commands/impair';
import { addHookCommands } from './commands/hook';
import { addMirrorCommands } from './commands/mirror';
import { addNeighCommands } from './commands/neigh';
import { addPortCommands } from './commands/port';
import { addReloadCommand } from './commands/reload';
import { addServiceCommands } from './commands/service';
import { addShowCommand } from './commands/show';
import { addStatsCommand } from './commands/stats';
import { addStpCommand } from './commands/stp';
import { addTapCommands } from './commands/tap';
import { addTopCommand } from './commands/top';
import { addTraceCommand } from './commands/trace';
import { addVlanCommands } from './commands/vlan';
import { Context } from './context';
import { HELP_OF_COMMANDS } from './help';

const HELP_AFTER = `
Exit status:
  0  done
  1  refused, or no switch answers; the line on standard error says why
  2  wrong usage; the line on standard error says what would be right
`.trimEnd();

export function createProgram(): Command {
  const program = new Command('tapctl')
    .description('Shows and controls a running switch.')
    .usage('[--name NAME | --control PATH] [--json] COMMAND')
    .option('--name <NAME>', 'name of the switch (default: br0)')
    .option('--control <PATH>', 'path of its control socket (default: /run/tapswitch/NAME.sock)')
    .option('-j, --json', 'print what the API returns')
    .version(packageVersion(), '--version', 'print the version and exit')
    .helpOption('-h, --help', 'print this help and exit')
    .helpCommand(false)
    .configureHelp(HELP_OF_COMMANDS)
    .addHelpText('after', HELP_AFTER);
  const context = new Context(program);
  addShowCommand(program, context);
  addPortCommands(program, context);
  addFdbCommands(program, context);
  addVlanCommands(program, context);
  addNeighCommands(program, context);
  addMdbCommands(program, context);
  addAddressCommands(program, context);
  addStpCommand(program, context);
  addMirrorCommands(program, context);
  addImpairCommands(program, context);
  addHookCommands(program, context);
  addStatsCommand(program, context);
  addTapCommands(program, context);
  addServiceCommands(program, context);
  addReloadCommand(program, context);
  addEventsCommand(program, context);
  addCaptureCommand(program, context);
  addTraceCommand(program, context);
  addTopCommand(program, context);
  addCompletionCommand(program);
  for (const command of withSubcommands(program)) {
    refuseGivenTwice(command);
    if (command !== program && command.commands.length > 0) command.usage('[COMMAND]');
    // A subcommand inherits only settings made before it was added, so each one gets its own.
    command
      .exitOverride((error) => {
        throw error.exitCode === 0 ? error : new UsageError(complaintOf(error, command));
      })
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

/** Complaint in one line, with a suggestion or a hint at the help. */
function complaintOf(error: CommanderError, command: Command): string {
  if (error.code === 'commander.help') {
    const names = command.commands.map((known) => known.name()).join(', ');
    return `${pathOf(command)} needs a command: ${names}`;
  }
  const [word] = command.args;
  if (
    error.code === 'commander.excessArguments' &&
    word !== undefined &&
    command.commands.length > 0
  ) {
    const names = command.commands.flatMap((known) => [known.name(), ...known.aliases()]);
    const nearest = nearestWord(word, names);
    const cure = nearest === undefined ? `one of ${names.join(', ')}` : `did you mean ${nearest}?`;
    return `unknown command '${word}'; ${cure}`;
  }
  const text = plainComplaint(error);
  return text.endsWith('?') ? text : `${text}; see ${pathOf(command)} --help`;
}

function pathOf(command: Command): string {
  const above = command.parent === null ? '' : `${pathOf(command.parent)} `;
  return above + command.name();
}
