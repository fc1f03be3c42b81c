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
