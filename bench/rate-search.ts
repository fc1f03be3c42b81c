/**
 * Searches the highest rate at which a device loses no more than a given share of the frames.
 *
 * After MLRsearch (draft-ietf-bmwg-mlrsearch) and RFC 2544 section 26.1: short trials halve the
 * interval, and one long trial confirms the lower bound. Departure: the long trial takes half a second
 * instead of sixty, and after a failed one the rate goes down in steps, because a virtual machine
 * stalls now and then at any rate.
 */

export interface Trial {
  /** Frames per second that were offered; may be fewer than asked for. */
  offeredRate: number;
  /** Frames lost / frames offered, 0 to 1. */
  lossRatio: number;
}

export interface RateSearch {
  /** Highest rate that is tried, and the first one, frames per second. */
  highestRate: number;
  /** Largest loss ratio that still passes. */
  lossGoal: number;
  trial: (rate: number, milliseconds: number) => Promise<Trial>;
}

/** Width of the interval at which the search ends, as a share of the highest rate. */
export const PRECISION = 0.02;
const SHORT_MS = 100;
const LONG_MS = 500;
const STEP_DOWN = 0.95;
const LOWEST_SHARE = 0.05;

/** @returns frames per second, 0 if even a twentieth of the highest rate loses too much */
export async function searchRate(search: RateSearch): Promise<number> {
  let { highestRate: high } = search;
  let rate = high;
  let low = 0;
  while (high - low > PRECISION * search.highestRate) {
    const { offeredRate, lossRatio } = await search.trial(rate, SHORT_MS);
    if (lossRatio > search.lossGoal) high = rate;
    else if (rate === search.highestRate || offeredRate < rate * (1 - PRECISION)) {
      // The generator can offer no more than this.
      low = high = Math.min(offeredRate, rate);
    } else low = rate;
    rate = (low + high) / 2;
  }
  return confirm(search, low);
}

async function confirm(search: RateSearch, candidate: number): Promise<number> {
  for (let rate = candidate; rate > LOWEST_SHARE * search.highestRate; rate *= STEP_DOWN) {
    const { lossRatio } = await search.trial(rate, LONG_MS);
    if (lossRatio <= search.lossGoal) return rate;
  }
  return 0;
}
