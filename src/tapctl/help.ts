/** Help of tapctl: each command with its whole grammar, and the text below a command that is long. */

import type { Command, Help, HelpConfiguration } from 'commander';

/** Columns of a term that has its text beside it. */
const TERM_WIDTH = 24;
const INDENT = 2;
/** Columns of the text of a long term. */
const TEXT_INDENT = 6;

/** The words behind a command, as in its usage, without `[options]`. */
export function grammarOf(command: Command): string {
  if (command.commands.length > 0) return '[COMMAND]';
  return command.usage().replace('[options]', '').trim();
}

export const HELP_OF_COMMANDS: HelpConfiguration = {
  subcommandTerm: (command) => {
    const names = [command.name(), ...command.aliases()].join('|');
    return `${names} ${grammarOf(command)}`.trim();
  },
  padWidth: () => TERM_WIDTH,
  formatItem(this: Help, term, _, description, helper) {
    const indent = ' '.repeat(INDENT);
    if (description === '') return indent + term;
    const width = helper.helpWidth ?? 80;
    const isLong = helper.displayWidth(term) > TERM_WIDTH;
    const column = isLong ? TEXT_INDENT : INDENT + TERM_WIDTH + INDENT;
    const text = helper
      .boxWrap(description, width - column)
      .replace(/\n/g, `\n${' '.repeat(column)}`);
    if (isLong) return `${indent}${term}\n${' '.repeat(column)}${text}`;
    return `${indent}${term.padEnd(TERM_WIDTH + INDENT)}${text}`;
  },
};
