/**
 * Turns: things that are compared have them one after the other, over and over, so that what changes
 * on the machine meets all of them alike.
 */

import { counterbalanced } from './stats';

/**
 * @param rounds in each of which every item has one turn
 * @param first number of the first round: it decides who begins
 * @returns what each item gave, round by round
 */
export async function takeTurns<Item, Reading>(
  items: readonly Item[],
  rounds: { readonly first: number; readonly count: number },
  take: (item: Item, round: number) => Promise<Reading>,
): Promise<Map<Item, Reading[]>> {
  const readings = new Map<Item, Reading[]>(items.map((item) => [item, []]));
  for (let round = rounds.first; round < rounds.first + rounds.count; round++) {
    for (const item of counterbalanced(items, round)) {
      readings.get(item)!.push(await take(item, round));
    }
  }
  return readings;
}
