/**
 * V8's flags for the data plane. V8 has them for all threads of the process.
 *
 * V8 inlines functions until their bytecode exceeds a budget. The path of a frame is one function that calls
 * small ones, and each feature that is switched off still adds a test to it. With V8's own budget, 920 bytes in
 * all and 460 for one function, some of them are called instead, which costs a sixth of a forwarding decision:
 * `npm run bench -- --only decide` shows it.
 *
 * Bytecode is good under the flags with which it was written, that of Node's own modules too. A thread that starts under
 * other flags compiles those modules, which takes some 40 ms of CPU time. So the flags are set as late as possible: when
 * the switch is ready, and the lane begins to warm its code.
 */

import { setFlagsFromString } from 'node:v8';

/** Whether a lane of this process has set the flags: [0] is 1 then. All threads share it. */
let state: Int32Array = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** What a thread is given so that it knows the flags of its process. */
export interface FlagState {
  readonly flagState: Int32Array;
}

export function flagState(): FlagState {
  return { flagState: state };
}

/** Takes over the state that the thread was given by the one that has started it. */
export function adoptFlagState(given: FlagState): void {
  state = given.flagState;
}

/** Whether V8 inlines more than by default. */
export function inlinesMore(): boolean {
  return Atomics.load(state, 0) === 1;
}

/** Has V8 inline more in all threads from now on. */
export function inlineMore(): void {
  if (inlinesMore()) return;
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
  setFlagsFromString('--max-inlined-bytecode-size=1000');
  Atomics.store(state, 0, 1);
}
