/**
 * What a hook finds around it in the data plane's thread, where some things of Node would do harm.
 *
 * - `process.exit` ends the thread, and with it the switch. This and whatever waits is refused: `hook-refusals.ts`.
 * - `console` of a worker hands its lines to the main thread when the worker returns to its event loop. This one never
 *   does: the lines would pile up. And standard output belongs to the line `ready`.
 * - Timers, sockets and promises that a hook has made would come to life when the loop ends, and keep the thread,
 *   and so the switch, from ending.
 */

import { Console } from 'node:console';
import fs from 'node:fs';
import { Writable } from 'node:stream';
import { refuseWaits } from './hook-refusals';

const STDERR = 2;

// What hooks find in place of these is for them alone.
const exit = process.exit.bind(process);
const { writeSync } = fs;

let isPrepared = false;

/** Refuses what would do harm, and has `console` write to standard error at once. Call it before a hook is loaded. */
export function prepareForHooks(): void {
  if (isPrepared) return;
  isPrepared = true;
  refuseWaits();
  const stderr = new Writable({ write: writeLine });
  globalThis.console = new Console(stderr, stderr);
}

/** Ends the thread at once: it returns to no event loop, in which things that a hook has left would happen. */
export function endThread(): never {
  process.removeAllListeners('exit');
  return exit(0);
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
