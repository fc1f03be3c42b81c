/**
 * What a hook finds around it in the data plane's thread, where two things of Node would do harm.
 *
 * - `process.exit` ends the thread, and with it the switch.
 * - `console` of a worker hands its lines to the main thread when the worker returns to its event loop. This one never
 *   does: the lines would pile up. And standard output belongs to the line `ready`.
 */

import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

const STDERR = 2;

let isPrepared = false;

/** Has `process.exit` throw, and `console` write to standard error at once. Call it before a hook is loaded. */
export function prepareForHooks(): void {
  if (isPrepared) return;
  isPrepared = true;
  process.exit = (): never => {
    throw new Error('a hook cannot end the switch');
  };
  const stderr = new Writable({ write: writeLine });
  globalThis.console = new Console(stderr, stderr);
}

/** Writes to standard error. What it does not take is lost. */
function writeLine(chunk: Buffer, _: BufferEncoding, done: () => void): void {
  try {
    writeSync(STDERR, chunk);
  } catch {
    // Nobody reads it.
  }
  done();
}
