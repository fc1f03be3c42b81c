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
/** Columns by which man indents the text of a section, and that of a command. */
const SECTION_INDENT = 7;
const COMMAND_INDENT = 14;

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
    ...relative(extraLines(command, '.PP', COMMAND_INDENT)),
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

/** Title of a section, and not the beginning of a sentence with a colon. */
const TITLE = /^([A-Z][a-z]+(?: [a-z]+)?):([^]*)$/;

/** Text of `--help` behind the usage and the options: sections with sentences and lines that are laid out by hand. */
function extraLines(command: Command, heading = '.SH', indent = SECTION_INDENT): string[] {
  return extraText(command)
    .split(/\n(?=[A-Z][a-z]+(?: [a-z]+)?:)/)
    .filter((part) => part.trim() !== '')
    .flatMap((part) => {
      const [, title, body = part] = TITLE.exec(part.trim()) ?? [];
      const head = title === undefined ? [] : [headed(heading, title)];
      return [...head, ...bodyLines(body.replace(/^ /, ''), indent)];
    });
}

/** Sentences, which man fills, and lines that begin with a space, which stay as they are. */
function bodyLines(body: string, indent: number): string[] {
  const blocks: string[][] = [];
  let wasLaidOut: boolean | undefined;
  for (const line of body.trimEnd().split('\n')) {
    // An empty line belongs to the block that it stands in.
    const isLaidOut = line === '' ? wasLaidOut : line.startsWith(' ');
    if (isLaidOut === wasLaidOut) blocks.at(-1)?.push(line);
    else blocks.push([line]);
    wasLaidOut = isLaidOut;
  }
  return blocks.flatMap((lines) =>
    lines[0]?.startsWith(' ') === true ? laidOut(lines, indent) : ['.PP', ...lines.map(escape)],
  );
}

/** Lines that keep their form. Those that do not fit the page behind the usual indentation stand further left. */
function laidOut(lines: readonly string[], indent: number): string[] {
  const filled = lines.filter((line) => line !== '');
  const common = Math.min(...filled.map((line) => line.search(/\S/)));
  const widest = Math.max(...filled.map((line) => line.length)) - common;
  const column = [indent, 4, 2].find((columns) => columns + widest <= MANUAL_WIDTH) ?? 0;
  return ['.nf', `.in ${column}`, ...lines.map((line) => escape(line.slice(common))), '.in', '.fi'];
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

/** Escapes backslashes, hyphens, and lines that roff would read as requests. A terminal without UTF-8 has no "…". */
function escape(text: string): string {
  return text
    .replaceAll('…', '...')
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}
