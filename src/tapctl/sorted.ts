/** Order of the rows of a table: the same at every call, and numbers in names by their value: tap2 before tap10. */

const { compare } = new Intl.Collator('en', { numeric: true });

/**
 * @param keysOf texts by which an item is sorted, the most important first
 * @returns a sorted copy
 */
export function sortedBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): T[] {
  return items
    .map((item) => ({ item, keys: keysOf(item) }))
    .sort((a, b) => {
      for (const [at, key] of a.keys.entries()) {
        const order = compare(key, b.keys[at] ?? '');
        if (order !== 0) return order;
      }
      return 0;
    })
    .map(({ item }) => item);
}
