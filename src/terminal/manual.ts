/** A manual page, man(7), made from the same commander tree as `--help`. */

import type { Command } from 'commander';

export interface ManualTitle {
  /** Name of the program, as it is typed. */
  readonly name: string;
  readonly section: number;
  /** Description on one line. */
  readonly what: string;
  /** Text of the section DESCRIPTION; the program's own description unless given. */
  readonly description?: string;
  readonly version: string;
  /** Files that the program uses: path and meaning. */
  readonly files: readonly (readonly [path: string, meaning: string])[];
  /** Other pages: `tapctl(1)`. */
  readonly seeAlso: readonly string[];
}

/** Columns of the page. Lines that are laid out for a screen must not break. */
const MANUAL_WIDTH = 80;

export function manualPage(program: Command, title: ManualTitle): string {
  const { name, section, what, version, files, seeAlso } = title;
  const commands = leavesOf(program).filter((command) => command !== program);
  const lines = [
    `.TH ${name.toUpperCase()} ${section} "" "tapswitch ${version}"`,
    '.SH NAME',
    `${escape(name)} \\- ${escape(what)}`,
    '.SH SYNOPSIS',
    `.B ${escape(name)}`,
    escape(program.usage()),
    '.SH DESCRIPTION',
    escape(title.description ?? program.description()),
    ...(commands.length > 0 ? ['.SH COMMANDS', ...commands.flatMap(commandLines)] : []),
    '.SH OPTIONS',
    ...optionLines(program),
    ...extraLines(program),
    '.SH FILES',
    ...files.flatMap(([path, meaning]) => ['.TP', `.I ${escape(path)}`, escape(meaning)]),
    '.SH SEE ALSO',
    escape(seeAlso.join(', ')),
  ];
  return `${lines.join('\n')}\n`;
}

/** Commands without subcommands. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

/** `fdb show`, without the program's name. */
export function pathOf(command: Command): string {
  const above = command.parent === null ? '' : pathOf(command.parent);
  return command.parent === null ? '' : `${above} ${command.name()}`.trim();
}

function commandLines(command: Command): string[] {
  const words = command.registeredArguments.map((argument) => argument.name()).join(' ');
  const usage = command.usage().replace('[options]', '').trim();
  return [
    '.TP',
    `.B ${escape([pathOf(command), ...command.aliases()].join('|'))} ${escape(usage || words)}`.trimEnd(),
    escape(command.description()),
    ...relative(optionLines(command)),
    ...relative(extraLines(command, '.PP')),
  ];
}

function relative(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['.RS', ...lines, '.RE'];
}

function optionLines(command: Command): string[] {
  const help = command.createHelp();
  return help
    .visibleOptions(command)
    .filter((option) => option.long !== '--help' || command.parent === null)
    .flatMap((option) => ['.TP', `.B ${escape(option.flags)}`, escape(option.description)]);
}

/** Text of `--help` behind the usage and the options: sections that are laid out by hand. */
function extraLines(command: Command, heading = '.SH'): string[] {
  return extraText(command)
    .split(/\n(?=[A-Z][A-Za-z ]+:)/)
    .filter((part) => part.trim() !== '')
    .flatMap((part) => {
      const [, title, body = part] = /^([A-Z][A-Za-z ]+):([^]*)$/.exec(part.trim()) ?? [];
      const head = title === undefined ? ['.PP'] : [headed(heading, title)];
      // Lines of 80 columns would not fit behind the indentation of man.
      const lines = body.replace(/^\n/, '').trimEnd().split('\n');
      return [...head, '.nf', '.in 0', ...lines.map(escape), '.in', '.fi'];
    });
}

function headed(heading: string, title: string): string {
  return heading === '.SH' ? `.SH ${title.toUpperCase()}` : `.PP\n${title}:`;
}

function extraText(command: Command): string {
  let whole = '';
  const before = command.configureOutput();
  const settings = {
    ...before,
    writeOut: (text: string) => {
      whole += text;
    },
    getOutHelpWidth: () => MANUAL_WIDTH,
  };
  command.configureOutput(settings).outputHelp();
  const own = command.helpInformation();
  command.configureOutput(before);
  const at = whole.indexOf(own);
  return at < 0 ? '' : whole.slice(at + own.length);
}

/** Escapes backslashes, hyphens, and lines that roff would read as requests. */
function escape(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}
