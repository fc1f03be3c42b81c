/**
 * What is said of repeated readings, and the order in which they are taken.
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
 * The order of `items` in one repeat: it starts with another item each time, and every second
 * repeat runs backwards, so that neither a drift of the machine nor what the item before left
 * behind falls always on the same item.
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
/** From so many readings on a median has a range. */
export const FEWEST_READINGS = 6;

/**
 * Where the true median lies with a certainty of 95 % or more, by the sign test: whatever the readings'
 * distribution, so many of them lie below it as a coin shows heads. Fewer than six readings do not tell.
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
