/** Timers of one hook. They have the clock of the switch, and end with the hook. */

import type { HookTimer } from './hook';

/** Maximum number of timers of a hook: each tick checks all of them. */
const TIMERS_MAX = 256;

class Timer implements HookTimer {
  constructor(
    readonly call: () => void,
    public dueMs: number,
    /** Milliseconds to the next call; 0: there is none. */
    readonly everyMs: number,
  ) {}

  stop(): void {
    this.dueMs = Infinity;
  }
}

export class HookTimers {
  private timers: Timer[] = [];

  /**
   * @param everyMs milliseconds to each further call; 0 for one call only
   * @throws RangeError, TypeError for a wrong time or function, and for too many timers
   */
  add(call: () => void, ms: number, everyMs: number, nowMs: number): HookTimer {
    if (typeof call !== 'function') throw new TypeError('a timer needs a function');
    if (typeof ms !== 'number' || !(ms >= 1)) {
      throw new RangeError('a timer needs a time of at least 1 ms');
    }
    if (this.timers.length >= TIMERS_MAX) this.forgetStopped();
    if (this.timers.length >= TIMERS_MAX) throw new RangeError(`more than ${TIMERS_MAX} timers`);
    const timer = new Timer(call, nowMs + ms, everyMs);
    this.timers.push(timer);
    return timer;
  }

  get dueMs(): number {
    let dueMs = Infinity;
    for (const timer of this.timers) dueMs = Math.min(dueMs, timer.dueMs);
    return dueMs;
  }

  /** Calls what is due. @param run calls a function and survives what it throws */
  tick(nowMs: number, run: (call: () => void) => void): void {
    const due = this.timers.filter((timer) => timer.dueMs <= nowMs);
    for (const timer of due) {
      // A timer that is late does not catch up.
      if (timer.everyMs > 0) timer.dueMs = Math.max(timer.dueMs + timer.everyMs, nowMs + 1);
      else timer.stop();
      run(timer.call);
    }
    if (due.length > 0) this.forgetStopped();
  }

  private forgetStopped(): void {
    this.timers = this.timers.filter(({ dueMs }) => dueMs !== Infinity);
  }
}
