/**
 * A comparison as text for a terminal.
 */

import { compare, type Change, type Comparison } from '../comparison';
import { table } from '../control/table';
import { METRICS } from '../metrics';
import type { Results } from '../results';
import { metricTitle } from './numbers';

const WORDS: Readonly<Record<Change, string>> = {
  better: 'better',
  worse: 'WORSE',
  same: '',
  unknown: 'too few repeats to tell',
};
/** Share of metrics that are outside their range by chance: see medianRange. */
const CHANCE = 0.05;

/** A row for each metric that both have, and the metrics outside their error. */
export function comparisonLines(results: Results): string[] {
  const comparisons = compare(results);
  if (comparisons.length === 0) return ['There is nothing that both have been measured for.'];
  return [
    ...table(
      [`this tree / ${results.against}`, 'ratio', '95 % certain', 'pairs', ''],
      comparisons.map(row),
    ).map((line) => line.trimEnd()),
    '',
    verdict(comparisons),
  ];
}

function row({ metric, pairs, ratio, range, change }: Comparison): string[] {
  const error = range === undefined ? '–' : `${three(range.low)} – ${three(range.high)}`;
  const title = metricTitle(METRICS.get(metric)!);
  return [title, three(ratio), error, String(pairs), WORDS[change]];
}

const three = (ratio: number): string => (Number.isFinite(ratio) ? ratio.toFixed(3) : '∞');

function verdict(comparisons: readonly Comparison[]): string {
  const titles = (change: Change): string[] =>
    comparisons
      .filter((comparison) => comparison.change === change)
      .map(({ metric }) => METRICS.get(metric)!.title);
  const told = comparisons.filter(({ change }) => change !== 'unknown').length;
  const [worse, better] = [titles('worse'), titles('better')];
  const parts = [
    worse.length === 0 ? 'No metric is worse by more than its error.' : `Worse: ${list(worse)}.`,
    ...(better.length === 0 ? [] : [`Better: ${list(better)}.`]),
    `Of ${told} metrics about ${(CHANCE * told).toFixed(1)} would be outside by chance.`,
  ];
  return parts.join(' ');
}

const list = (titles: readonly string[]): string => titles.join('; ');
