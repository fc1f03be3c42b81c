/**
 * Compares this tree with another commit, from the results of one run in which both had their turns.
 *
 * A pair is the two readings of one repeat, at most seconds apart. The figure is the median of the
 * pairs' ratios; its error is the range in which the true median lies (stats.ts).
 */

import { OTHER, OURS } from './duts/tapswitch';
import { METRICS } from './metrics';
import type { Results } from './results';
import { medianRange, summarize, type Range } from './stats';

export type Change = 'better' | 'worse' | 'same' | 'unknown';

export interface Comparison {
  metric: string;
  pairs: number;
  /** Median of the ratios of this tree to the other commit. */
  ratio: number;
  /** Undefined if there are too few pairs. */
  range: Range | undefined;
  /** `same`: 1 is in the range. `unknown`: there is none. */
  change: Change;
}

/** Comparisons in the order of the metrics. */
export function compare({ readings }: Results): Comparison[] {
  return [...METRICS].flatMap(([metric, { better }]) => {
    const here = readings[metric]?.[OURS] ?? [];
    const there = readings[metric]?.[OTHER] ?? [];
    const pairs = Math.min(here.length, there.length);
    if (pairs === 0) return [];
    const ratios = here.slice(0, pairs).map((reading, pair) => ratioOf(reading, there[pair]!));
    const range = medianRange(ratios);
    const { median } = summarize(ratios);
    const ratio = Number.isNaN(median) ? Infinity : median;
    return [{ metric, pairs, ratio, range, change: changeOf(range, better) }];
  });
}

/** Ratio of two readings; 1 where both are 0, such as no lost frames on either side. */
const ratioOf = (here: number, there: number): number => (here === there ? 1 : here / there);

function changeOf(range: Range | undefined, better: 'higher' | 'lower'): Change {
  if (range === undefined) return 'unknown';
  if (range.low <= 1 && range.high >= 1) return 'same';
  return range.low > 1 === (better === 'higher') ? 'better' : 'worse';
}
