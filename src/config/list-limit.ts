/** The limit of a list in the configuration: how many items it may have. */

export interface ListLimit<T> {
  /** Maximum number of items of a group. */
  readonly max: number;
  /** Group of items that share the limit. */
  readonly groupOf: (item: T) => string;
  /** Text of the limit of a group, for complaints. */
  readonly limitText: (group: string) => string;
}

/** @returns the first item beyond its limit */
export function findExcess<T>(
  items: readonly T[],
  { max, groupOf, limitText }: ListLimit<T>,
): { readonly index: number; readonly complaint: string } | undefined {
  const groups = items.map(groupOf);
  const counts = new Map<string, number>();
  for (const [index, group] of groups.entries()) {
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    if (count <= max) continue;
    const given = groups.filter((other) => other === group).length;
    return { index, complaint: `${limitText(group)}, got ${given}; leave some out` };
  }
  return undefined;
}
