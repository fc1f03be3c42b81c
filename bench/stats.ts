/**
 * Statistics of repeated readings, and the order in which they are taken.
 */

export interface Summary {
  median: number;
  min: number;
  max: number;
}

/** @param readings at least one */
export function summarize(readings: readonly number[]): Summary {
  if (readings.length === 0) throw new Error('a summary needs at least one reading');
  const sorted = [...readings].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const below = sorted[Math.floor(middle)]!;
  const above = sorted[Math.ceil(middle)]!;
  return { median: (below + above) / 2, min: sorted[0]!, max: sorted[sorted.length - 1]! };
}

/**
 * The order of `items` in one repeat. It starts with another item each time, and every second repeat
 * runs backwards. So neither a drift of the machine nor an after-effect of the item before always hits
 * the same item.
 */
export function counterbalanced<T>(items: readonly T[], repeat: number): T[] {
  const start = items.length === 0 ? 0 : Math.floor(repeat / 2) % items.length;
  const order = [...items.slice(start), ...items.slice(0, start)];
  return repeat % 2 === 0 ? order : order.reverse();
}

export interface Range {
  low: number;
  high: number;
}

const CERTAINTY = 0.95;
/** Fewest readings for which the median has a range. */
export const FEWEST_READINGS = 6;

/**
 * The range in which the true median lies with a certainty of 95 % or more, by the sign test: for any
 * distribution, each reading lies below the median with a probability of one half. Undefined for fewer
 * than six readings.
 */
export function medianRange(readings: readonly number[]): Range | undefined {
  const sorted = [...readings].sort((a, b) => a - b);
  const count = sorted.length;
  let outside = 0;
  let coin = 2 * 0.5 ** count;
  let cut = 0;
  while (outside + coin <= 1 - CERTAINTY) {
    outside += coin;
    coin *= (count - cut) / (cut + 1);
    cut++;
  }
  return cut === 0 ? undefined : { low: sorted[cut - 1]!, high: sorted[count - cut]! };
}
