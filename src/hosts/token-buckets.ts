/** Rate limits of several sources: each has a burst and a rate per second. */

import { f64At } from '../wire/read';

const MS_PER_SECOND = 1_000;

export class TokenBuckets {
  private readonly tokens: Float64Array;
  private readonly filledMs: Float64Array;

  constructor(
    sources: number,
    private readonly perSecond: number,
    private readonly atOnce: number,
  ) {
    this.tokens = new Float64Array(sources).fill(atOnce);
    this.filledMs = new Float64Array(sources).fill(-Infinity);
  }

  /** Takes a token of `source`. @returns whether there was one */
  take(source: number, nowMs: number): boolean {
    const elapsedMs = nowMs - f64At(this.filledMs, source);
    const earned = (elapsedMs / MS_PER_SECOND) * this.perSecond;
    const tokens = Math.min(this.atOnce, f64At(this.tokens, source) + earned);
    this.filledMs[source] = nowMs;
    this.tokens[source] = tokens >= 1 ? tokens - 1 : tokens;
    return tokens >= 1;
  }
}
