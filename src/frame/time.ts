/**
 * Time in the tables: 32-bit ticks of 10 ms, so that an entry spends four bytes on it. Ticks wrap after
 * 497 days. Ages are computed modulo 2^32 and stay right, because every entry is visited within the longest
 * ageing time (1,000,000 s).
 */

export const TICK_MS = 10;

/** Monotonic milliseconds to ticks. */
export function toTicks(nowMs: number): number {
  return (nowMs / TICK_MS) | 0;
}

/** Ticks from `then` to `now`, 0 … 2^32 - 1. */
export function ticksSince(now: number, then: number): number {
  return (now - then) >>> 0;
}
