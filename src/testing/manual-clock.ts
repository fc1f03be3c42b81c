/** A clock that moves only when a test advances it: an hour of ageing takes a microsecond. */

export class ManualClock {
  private ms: number;

  constructor(startMs = 0) {
    this.ms = startMs;
  }

  /** Monotonic milliseconds. */
  get nowMs(): number {
    return this.ms;
  }

  /** Advances the clock. @throws RangeError for a negative step: monotonic time never goes back. */
  advance(byMs: number): void {
    if (!(byMs >= 0)) throw new RangeError(`cannot advance the clock by ${byMs} ms`);
    this.ms += byMs;
  }
}
