/**
 * A user's mistake on the command line or in the configuration file. The program prints one line for
 * each mistake, never a stack trace, and ends with exit status 2.
 */

import { printable } from './printable';

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
  readonly exitStatus = 2;
  /** One line for each mistake: place, mistake and right value, without the program's name. */
  readonly lines: readonly string[];

  constructor(...mistakes: string[]) {
    // Escapes control sequences that the user typed, so that they do not reach the terminal.
    const lines = mistakes.map(printable);
    super(lines.join('\n'));
    this.lines = lines;
  }
}
