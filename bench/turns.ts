/**
 * Turns: compared items take turns, over and over, so that changes of the machine affect all of them
 * alike.
 */

import { counterbalanced } from './stats';

/**
 * @param rounds number of rounds; in each of them every item has one turn
 * @param first number of the first round, which decides the item that begins
 * @returns results of each item, round by round
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
