/**
 * The command line of `node dist/switch.js`. Its values override those of the configuration file, which
 * override the defaults.
 */

import { Command, CommanderError, Option } from 'commander';
import { plainComplaint } from './commander-complaint';
import { refuseCommandWord } from './command-word';
import type * as fileModule from './file';
import { refuseGivenTwice } from './given-twice';
import { HELP_BEFORE, HELP_TEXT_WIDTH_MIN, HELP_WIDTH, helpAfter } from './help';
import { packageVersion } from '../system/package-version';
import type { PortGrammar } from './port-grammar';
import type { PortSpec } from './values/port-spec';
import { ValueError, at } from './values/rule';
import {
  CONFIG_OPTIONS,
  type ConfigOption,
  type GivenConfig,
  OPERATION,
  type SwitchConfig,
  completeConfig,
} from './schema';
import { SWITCH_COMMAND } from '../system/command-name';
import { UsageError } from '../system/usage-error';

const REPEATABLE: ReadonlySet<string | undefined> = new Set(
  CONFIG_OPTIONS.filter(({ identityOf }) => identityOf).map(({ key }) => `--${key}`),
);

/** Task of the program: run a switch, or print a text and exit with status 0. */
export type Invocation =
  | {
      readonly kind: 'run';
      readonly config: SwitchConfig;
      /** Whether a configuration file was given, which a reload can read again. */
      readonly hasFile: boolean;
    }
  | { readonly kind: 'print'; readonly text: string };

/**
 * Reads the command line. A reload calls it again with the same arguments, to read a changed file.
 * @param argv the arguments behind the program's name.
 * @param ports how ports are written.
 * @param isTerminal whether standard error is a terminal, so that a person reads the log.
 * @throws UsageError for every fault of the arguments or the file.
 */
export function parseCommandLine(
  argv: readonly string[],
  ports: PortGrammar,
  isTerminal = process.stderr.isTTY,
): Invocation {
  let help = '';
  const program = switchProgram(ports).configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => undefined,
    getOutHelpWidth: () => HELP_WIDTH,
  });
  try {
    program.parse(argv, { from: 'user' });
    if (program.getOptionValue('version') === true) {
      return { kind: 'print', text: `tapswitch ${packageVersion()}\n` };
    }
    const hasFile = program.getOptionValue('config') !== undefined;
    return { kind: 'run', config: configOf(program, ports, isTerminal), hasFile };
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: help };
    throw new UsageError(complaintOf(error, program));
  }
}

/**
 * Options and arguments as a commander command. The manual page is made from it too.
 * @param command name of the program, as people type it
 */
export function switchProgram(ports: PortGrammar, command = SWITCH_COMMAND): Command {
  const program = new Command(command)
    .usage('[OPTION]... PORT...')
    .argument('[PORT...]')
    .exitOverride()
    .addHelpText('before', HELP_BEFORE)
    .addHelpText('after', helpAfter(ports, command))
    .configureHelp({
      visibleArguments: () => [],
      // Commander's own limit, 40, would leave the text in one line beside the longest option.
      minWidthToWrap: HELP_TEXT_WIDTH_MIN,
    });
  for (const option of CONFIG_OPTIONS) addConfigOption(program, option);
  const group = headingOf(OPERATION);
  for (const [flags, help] of [
    ['--config <FILE>', 'options and ports from a YAML or JSON file: see below'],
    ['--version', 'print the version and exit'],
  ] as const) {
    program.addOption(new Option(flags, help).helpGroup(group));
  }
  refuseGivenTwice(program, ({ long }) => REPEATABLE.has(long));
  return program.addHelpOption(
    new Option('-h, --help', 'print this help and exit').helpGroup(group),
  );
}

function addConfigOption(program: Command, option: ConfigOption): void {
  const { key, placeholder, rule, identityOf, fallback } = option;
  const group = headingOf(option.section);
  if (placeholder === undefined) {
    // Help hides the form that is the default: it exists to override a configuration file.
    const [on, off] = [`--${key}`, `--no-${key}`].map((flag) =>
      new Option(flag, option.help).helpGroup(group),
    ) as [Option, Option];
    (fallback === 'on' ? on : off).hideHelp();
    program.addOption(on).addOption(off);
    return;
  }
  const assumed = fallback === undefined ? '' : ` (default: ${fallback})`;
  program.addOption(
    new Option(`--${key} <${placeholder}>`, option.help + assumed)
      .helpGroup(group)
      .argParser((text, previous: unknown) => {
        const value = at(`--${key}`, () => rule.fromText(text));
        return identityOf ? [...((previous as unknown[] | undefined) ?? []), value] : value;
      }),
  );
}

function headingOf(section: string): string {
  return `${section}:`;
}

function configOf(program: Command, ports: PortGrammar, isTerminal: boolean): SwitchConfig {
  const options = program.opts<Record<string, unknown> & { config?: string }>();
  const typed: Record<string, unknown> = {};
  for (const { key, property } of CONFIG_OPTIONS) {
    const value = options[new Option(`--${key}`).attributeName()];
    if (value !== undefined) typed[property] = value;
  }
  refuseCommandWord(program.args);
  if (program.args.length > 0) typed['ports'] = readPorts(program.args, ports);
  const config = completeConfig([readFile(options.config, ports), typed], isTerminal);
  if (config.ports.length === 0) {
    throw new UsageError(`no port given; name at least one, as in: ${SWITCH_COMMAND} tap0 tap1`);
  }
  return config;
}

/** Reads the file. It loads yaml and zod only here: a start without a file saves 80 ms. */
function readFile(file: string | undefined, ports: PortGrammar): GivenConfig {
  if (file === undefined) return {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { readConfigFile } = require('./file') as typeof fileModule;
  return readConfigFile(file, ports);
}

function readPorts(args: readonly string[], ports: PortGrammar): PortSpec[] {
  return ports.expand(args.map((text) => at(`port ${text || '""'}`, () => ports.parse(text))));
}

/** @returns the complaint, with a cure. A suggestion is cure enough. */
function complaintOf(error: CommanderError, program: Command): string {
  const text = plainComplaint(error);
  // Commander takes all of `--inspect=yes` for the name of an option.
  const [, flag, value] = /^unknown option '(--[^=]+)=([^]*?)'/.exec(text) ?? [];
  if (program.options.some(({ long }) => long === flag)) {
    return `${flag}: takes no value, got "${value}"; leave that out`;
  }
  const hasCure = error.code !== 'commander.unknownOption' || text.endsWith('?');
  return hasCure ? text : `${text}; --help lists the options`;
}
