/**
 * The command line of `node dist/switch.js`. What was typed goes before what the configuration file
 * says, and that before the defaults.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import type * as fileModule from './file';
import { HELP_AFTER, HELP_BEFORE } from './help';
import { type PortSpec, parsePortSpec, portIdentity } from './port-spec';
import { ValueError } from './rule';
import {
  CONFIG_OPTIONS,
  type ConfigOption,
  type GivenConfig,
  OPERATION,
  type SwitchConfig,
  completeConfig,
  findRepeated,
} from './schema';
import { UsageError } from './usage-error';

/** What the program is to do: run a switch, or print a text and end well. */
export type Invocation =
  | { readonly kind: 'run'; readonly config: SwitchConfig }
  | { readonly kind: 'print'; readonly text: string };

/**
 * May be called again with the same arguments, to read a configuration file that has changed.
 * @param argv the arguments behind the program's name.
 * @param isTerminal whether standard error is one, so that a person reads the log.
 * @throws UsageError for whatever is wrong with the arguments or the file.
 */
export function parseCommandLine(
  argv: readonly string[],
  isTerminal = process.stderr.isTTY,
): Invocation {
  let help = '';
  const program = createProgram().configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => undefined,
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'print', text: help };
    throw new UsageError(complaintOf(error));
  }
  if (program.getOptionValue('version') === true) {
    return { kind: 'print', text: `tapswitch ${packageVersion()}\n` };
  }
  return { kind: 'run', config: configOf(program, isTerminal) };
}

function createProgram(): Command {
  const program = new Command('node dist/switch.js')
    .usage('[OPTION]... PORT...')
    .argument('[PORT...]')
    .exitOverride()
    .addHelpText('before', HELP_BEFORE)
    .addHelpText('after', HELP_AFTER)
    .configureHelp({ visibleArguments: () => [] });
  const add = (flags: string, help: string, section: string): Option => {
    const option = new Option(flags, help).helpGroup(`${section}:`);
    program.addOption(option);
    return option;
  };
  for (const option of CONFIG_OPTIONS) {
    const { key, placeholder, section, fallback } = option;
    if (placeholder === undefined) {
      // The positive form is there to overrule a configuration file.
      add(`--${key}`, '', section).hideHelp();
      add(`--no-${key}`, option.help, section);
      continue;
    }
    const help = fallback === undefined ? option.help : `${option.help} (default: ${fallback})`;
    add(`--${key} <${placeholder}>`, help, section).argParser((text, previous: unknown) => {
      const value = readArgument(option, text);
      return option.identityOf ? [...((previous as unknown[] | undefined) ?? []), value] : value;
    });
  }
  add('--config <FILE>', 'options and ports from a YAML or JSON file: see below', OPERATION);
  add('--version', 'print the version and exit', OPERATION);
  const help = new Option('-h, --help', 'print this help and exit').helpGroup(`${OPERATION}:`);
  return program.addHelpOption(help);
}

function configOf(program: Command, isTerminal: boolean): SwitchConfig {
  const { config: file, ...options } = program.opts<
    Record<string, unknown> & { config?: string }
  >();
  const typed: Record<string, unknown> = {};
  for (const option of CONFIG_OPTIONS) {
    const value = options[new Option(`--${option.key}`).attributeName()];
    if (option.identityOf && Array.isArray(value)) {
      refuseRepeated(`--${option.key} `, value, option.identityOf);
    }
    if (value !== undefined) typed[option.property] = value;
  }
  if (program.args.length > 0) typed['ports'] = readPorts(program.args);
  const config = completeConfig([readFile(file), typed], isTerminal);
  if (config.ports.length === 0) {
    throw new UsageError('no port given; name at least one, as in: node dist/switch.js tap0 tap1');
  }
  return config;
}

/** Loads what reads files, and yaml and zod with it, only now: a start without a file saves 80 ms. */
function readFile(file: string | undefined): GivenConfig {
  if (file === undefined) return {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { readConfigFile } = require('./file') as typeof fileModule;
  return readConfigFile(file);
}

function readPorts(args: readonly string[]): PortSpec[] {
  const ports = args.map((text) => refusedAs(`port ${text || '""'}`, () => parsePortSpec(text)));
  refuseRepeated('port ', ports, portIdentity);
  return ports;
}

function readArgument({ key, rule }: ConfigOption, text: string): unknown {
  return refusedAs(`--${key}`, () => rule.fromText(text));
}

/** Says where a wrong value stood. */
function refusedAs<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(`${where}: ${error.message}`);
    throw error;
  }
}

function refuseRepeated<T>(
  prefix: string,
  items: readonly T[],
  identityOf: (item: T) => string | undefined,
): void {
  const repeated = findRepeated(items, identityOf);
  if (repeated)
    {throw new UsageError(`${prefix}${repeated.identity} is given twice; once is enough`);}
}

/** Commander's complaint as one line, without its prefix. */
function complaintOf({ code, message }: CommanderError): string {
  const text = message
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/, '; did you mean $1?')
    .replace(/ argument missing$/, ' needs a value');
  const hasCure = code !== 'commander.unknownOption' || text.endsWith('?');
  return hasCure ? text : `${text}; --help lists the options`;
}

function packageVersion(): string {
  const file = join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
