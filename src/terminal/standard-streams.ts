/**
 * Standard output and standard error of a program that must not fail because of them. Each may be
 * closed, full, or a pipe that nobody reads.
 */

import { writeSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';

export const STDOUT = 1;
export const STDERR = 2;

/** Milliseconds after which a pipe is given up if its reader takes nothing. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 5;

/** Ignores write errors: without a listener, such an error ends the process. */
export function surviveStandardStreams(): void {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/**
 * Writes a whole text before it returns, for a program that is about to end: `process.exit` drops the
 * bytes for which a pipe has no room. Waits for a slow reader as long as the reader takes something.
 * @returns why some of it could not be written
 */
export function writeWhole(
  fd: typeof STDOUT | typeof STDERR,
  text: string,
): NodeJS.ErrnoException | undefined {
  const bytes = Buffer.from(text);
  let done = 0;
  let waitedMs = 0;
  while (done < bytes.length && waitedMs < PATIENCE_MS) {
    try {
      done += writeSync(fd, bytes, done);
      waitedMs = 0;
    } catch (error) {
      const refusal = error as NodeJS.ErrnoException;
      // EAGAIN: the pipe is full.
      if (refusal.code !== 'EAGAIN') return refusal;
      pause(PAUSE_MS);
      waitedMs += PAUSE_MS;
    }
  }
  return undefined;
}

/** @returns the sentence that says why standard output takes nothing */
export function outputRefusal({ code = '', errno = 0 }: NodeJS.ErrnoException): string {
  const [, reason = 'cannot be written'] = getSystemErrorMap().get(errno) ?? [];
  return `standard output: ${reason} (${code})`;
}

/** Blocks the thread. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
