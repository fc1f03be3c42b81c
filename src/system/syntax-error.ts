/**
 * The place of a syntax error in an ES module. The error that Node throws does not tell it: only a Node that ends because
 * of the error prints it. So a second Node checks the file, which runs no code of it.
 */

import { execFile } from 'node:child_process';

/** Milliseconds: a start of Node takes 50, on a busy machine some times as many. */
const PATIENCE_MS = 5_000;

/**
 * Looks for a syntax error in a file.
 * @param message what Node said of it, in one line
 * @returns words for the place: its line, or that it is in another file; `undefined` if the second Node says
 *   something else
 */
export function placeOfSyntaxError(file: string, message: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--check', file], { timeout: PATIENCE_MS }, (error, _, stderr) => {
      if (error === null) return resolve('in a module that it imports');
      if (!stderr.includes(`SyntaxError: ${message}\n`)) return resolve(undefined);
      const [, line] = /^[^\n]*:(\d+)\n/.exec(stderr) ?? [];
      resolve(line === undefined ? undefined : `line ${line}`);
    });
  });
}
