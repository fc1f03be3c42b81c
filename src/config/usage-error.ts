/**
 * A user's mistake on the command line or in the configuration file. The program answers it with
 * one line for each mistake, never a stack trace, and exit status 2.
 */

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitStatus = 2;
  /** One mistake each: where, what, and what would be right; without the program's name. */
  readonly lines: readonly string[];

  constructor(...mistakes: string[]) {
    const lines = mistakes.map(onOneLine);
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** A line break or an escape sequence in what the user typed must not reach the terminal. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, escaped);
}

/** As JSON has it, which leaves DEL and the controls behind it (ISO 6429 C1) as they are. */
function escaped(control: string): string {
  if (control < '\x7f') return JSON.stringify(control).slice(1, -1);
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
