/**
 * The mark of hooks: three words of memory that the lane and the main thread share. The lane says in it which
 * hook is at work, and the main thread ends a call that does not return: `HookWatchdog`.
 *
 *     word 0   number of the hook that is at work; 0: none; -1: its call is being ended
 *     word 1   number of calls, so that two calls of one hook are told apart
 *     word 2   not 0: a hook has filled the heap (addon/node/interruptible.cc)
 *
 * A call is ended only while it is marked. Whoever ends it changes word 0 to -1, and a hook that returns at
 * this moment waits in `leave` until it is unwound. So the code of the bridge is never unwound.
 */

import type { HookWatch } from '../hooks/hook-watch';
import { refuseChangedIntrinsics } from './intrinsics';
import { i32At } from '../wire/read';

const RUNNING = 0;
const CALLS = 1;
const HEAP_LIMIT = 2;
const WORDS = 3;
const ENDING = -1;
/** Number that stands for the load of a module, which has no hook yet. */
const LOADING = 0x7fffffff;

export class HookMark implements HookWatch {
  private readonly words: Int32Array;

  /** @param memory memory of the lane's mark; without it, a new one is made */
  constructor(readonly memory = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)) {
    this.words = new Int32Array(memory);
  }

  // In the lane ---------------------------------------------------------------------------------

  nowMs(): number {
    return performance.now();
  }

  enter(hook: number): void {
    const { words } = this;
    words[CALLS] = i32At(words, CALLS) + 1;
    words[RUNNING] = hook;
  }

  leave(hook: number): void {
    if (Atomics.compareExchange(this.words, RUNNING, hook, 0) === hook) return;
    for (;;) {
      // The call is unwound here at any moment.
    }
  }

  check(): void {
    refuseChangedIntrinsics();
  }

  /** Runs the load of a module under the mark. @throws what `load` throws */
  load<T>(load: () => T): T {
    this.enter(LOADING);
    try {
      const loaded = load();
      this.leave(LOADING);
      return loaded;
    } catch (error) {
      this.leave(LOADING);
      throw error;
    }
  }

  /** Whether a hook has filled the heap since `clear`. */
  get isHeapFull(): boolean {
    return Atomics.load(this.words, HEAP_LIMIT) !== 0;
  }

  /** Notes that the call is unwound. */
  clear(): void {
    Atomics.store(this.words, HEAP_LIMIT, 0);
    Atomics.store(this.words, RUNNING, 0);
  }

  // In the main thread --------------------------------------------------------------------------

  /** Number of the call that is at work; 0 if none is. */
  get call(): number {
    return Atomics.load(this.words, RUNNING) > 0 ? Atomics.load(this.words, CALLS) : 0;
  }

  /** Marks that the present call is being ended. @returns number of its hook; 0 if none is at work */
  claim(): number {
    const hook = Atomics.load(this.words, RUNNING);
    if (hook <= 0) return 0;
    return Atomics.compareExchange(this.words, RUNNING, hook, ENDING) === hook ? hook : 0;
  }

  /** Whether a call is being ended, and has not been unwound yet. */
  get isEnding(): boolean {
    return Atomics.load(this.words, RUNNING) === ENDING;
  }

  /** The words, for the addon. */
  get view(): Int32Array {
    return this.words;
  }
}
