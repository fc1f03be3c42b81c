/**
 * A user's mistake on the command line or in the configuration file. The program answers it with
 * one line for each mistake, never a stack trace, and exit status 2.
 */

import { printable } from './printable';

export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitStatus = 2;
  /** One mistake each: where, what, and what would be right; without the program's name. */
  readonly lines: readonly string[];

  constructor(...mistakes: string[]) {
    // What the user typed must not reach the terminal as an order to it.
    const lines = mistakes.map(printable);
    super(lines.join('\n'));
    this.lines = lines;
  }
}
