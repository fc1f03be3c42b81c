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
const SPENT = 0;
const END = 1;

export class Budget {
  private calls = 0;
  /**
   * [0]: time of this window that is spent, [1]: end of the window, both in milliseconds. An array, because a
   * field would be an object on the heap.
   */
  private readonly times = new Float64Array(2);

  /** @param limitMs milliseconds of each second */
  constructor(readonly limitMs: number) {}

  /** Counts a call. @returns whether it is to be timed */
  begin(): boolean {
    const calls = ++this.calls;
    return calls <= TIMED_CALLS || (calls & (SAMPLE - 1)) === 0;
  }

  /**
   * Adds the duration of a timed call that has just ended.
   * @returns whether the budget is exceeded
   */
  spend(durationMs: number, nowMs: number): boolean {
    if (nowMs >= f64At(this.times, END)) this.beginWindow(nowMs);
    const others = this.calls <= TIMED_CALLS ? 0 : SAMPLE - 1;
    const spent = this.spentMs + durationMs + Math.min(durationMs, SAMPLE_MAX_MS) * others;
    this.times[SPENT] = spent;
    return spent > this.limitMs;
  }

  /** Time that the calls of this window took, milliseconds. */
  get spentMs(): number {
    return f64At(this.times, SPENT);
  }

  private beginWindow(nowMs: number): void {
    this.calls = 1;
    this.times[SPENT] = 0;
    this.times[END] = nowMs + WINDOW_MS;
  }
}
