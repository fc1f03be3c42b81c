/**
 * What a hook finds around it in the data plane's thread, where some things of Node would do harm.
 *
 * - `process.exit` ends the thread, and with it the switch. This and whatever waits is refused: `hook-refusals.ts`.
 * - `console` of a worker hands its lines to the main thread when the worker returns to its event loop. This one never
 *   does: the lines would pile up. And standard output belongs to the line `ready`.
 * - What JavaScript brings is the switch's, too: `intrinsics.ts`.
 * - Timers, sockets and promises that a hook has made would come to life when the loop ends, and keep the thread,
 *   and so the switch, from ending.
 */

import { Console } from 'node:console';
import fs from 'node:fs';
import { Writable } from 'node:stream';
import type * as hookRefusalsModule from './hook-refusals';
import { rememberIntrinsics } from './intrinsics';

const STDERR = 2;

// What hooks find in place of these is for them alone.
const exit = process.exit.bind(process);
const { writeSync } = fs;

let isPrepared = false;

/** Refuses what would do harm, and has `console` write to standard error at once. Call it before a hook is loaded. */
export function prepareForHooks(): void {
  if (isPrepared) return;
  isPrepared = true;
  // It loads modules of Node that a switch without hooks does not need: 6 ms of its start.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { refuseWaits } = require('./hook-refusals') as typeof hookRefusalsModule;
  refuseWaits();
  rememberIntrinsics();
  const stderr = new Writable({ write: writeLine });
  globalThis.console = new Console(stderr, stderr);
}

/** Lets Node end the thread: an error of the switch itself must do that, and no other one be told. */
export function allowExit(): void {
  process.exit = exit;
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
