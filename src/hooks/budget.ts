/**
 * The budget of a hook: the time that it may take of each second.
 *
 * Reading the clock takes about as long as a small hook. So the first calls of a second are timed one by one,
 * and then one of several, which counts for those between. Only the first millisecond of such a call counts for
 * the others: a call that the kernel interrupted for longer says nothing about them.
 */

import { f64At } from '../wire/read';

/** Length of the window, milliseconds. */
const WINDOW_MS = 1_000;
/** Calls of a window that are timed one by one. */
const TIMED_CALLS = 64;
/** Afterwards one of this many calls is timed; a power of two. */
const SAMPLE = 16;
const SAMPLE_MAX_MS = 1;

export class Budget {
  private calls = 0;
  private windowEndMs = 0;
  /** [0]: time of this window that is spent, milliseconds. An array, because a field would be an object on the heap. */
  private readonly spent = new Float64Array(1);

  /** @param limitMs milliseconds of each second */
  constructor(readonly limitMs: number) {}

  /** Counts a call. @returns whether it is to be timed */
  begin(): boolean {
    const calls = ++this.calls;
    return calls <= TIMED_CALLS || (calls & (SAMPLE - 1)) === 0;
  }

  /** Adds the duration of a timed call. @returns whether the budget is exceeded */
  spend(durationMs: number): boolean {
    const others = this.calls <= TIMED_CALLS ? 0 : SAMPLE - 1;
    const spent = this.spentMs + durationMs + Math.min(durationMs, SAMPLE_MAX_MS) * others;
    this.spent[0] = spent;
    return spent > this.limitMs;
  }

  /** Time that the calls of this window took, milliseconds. */
  get spentMs(): number {
    return f64At(this.spent, 0);
  }

  /** Starts a new window if the present one is over. */
  tick(nowMs: number): void {
    if (nowMs < this.windowEndMs) return;
    this.windowEndMs = nowMs + WINDOW_MS;
    this.calls = 0;
    this.spent[0] = 0;
  }
}
