import { describe, expect, test } from '@jest/globals';
import { compare } from '../../../bench/comparison';
import { comparisonLines } from '../../../bench/report/comparison-text';
import { resultsOf } from '../../support/bench-results';

const SIX = [100, 101, 102, 103, 104, 105];
const times = (factor: number): number[] => SIX.map((reading) => reading * factor);

describe('compare', () => {
  test.each([
    { metric: 'rate.60', ours: times(1.1), change: 'better' },
    { metric: 'rate.60', ours: times(0.9), change: 'worse' },
    { metric: 'rtt.mean', ours: times(1.1), change: 'worse' },
    { metric: 'rtt.mean', ours: times(0.9), change: 'better' },
    { metric: 'rate.60', ours: [110, 99, 120, 90, 110, 110], change: 'same' },
    { metric: 'rate.60', ours: [110], change: 'unknown' },
  ])('$metric of $ours beside about 100 is $change', ({ metric, ours, change }) => {
    const other = SIX.slice(0, ours.length);
    expect(compare(resultsOf({ [metric]: { ours, other } }))).toMatchObject([{ metric, change }]);
  });

  test('pairs are compared, not medians: a drift that both share does not count', () => {
    const other = [10, 20, 40, 80, 160, 320];
    const ours = other.map((reading) => reading * 0.98);
    const [{ ratio, range, pairs }] = compare(resultsOf({ 'rate.60': { ours, other } })) as [
      ReturnType<typeof compare>[number],
    ];
    expect(ratio).toBeCloseTo(0.98);
    expect(range!.low).toBeCloseTo(0.98);
    expect(range!.high).toBeCloseTo(0.98);
    expect(pairs).toBe(6);
  });

  test('nothing beside nothing is the same', () => {
    const none = SIX.map(() => 0);
    const readings = { 'head-of-line.loss': { ours: none, other: none } };
    expect(compare(resultsOf(readings))).toMatchObject([{ ratio: 1, change: 'same' }]);
  });

  test('a value beside zero is worse if less is better', () => {
    const readings = { 'head-of-line.loss': { ours: SIX, other: SIX.map(() => 0) } };
    expect(compare(resultsOf(readings))).toMatchObject([{ ratio: Infinity, change: 'worse' }]);
  });

  test('a metric that one of them lacks is left out', () => {
    expect(compare(resultsOf({ 'rate.60': { ours: SIX } }))).toEqual([]);
  });
});

describe('comparisonLines', () => {
  const linesOf = (readings: Parameters<typeof resultsOf>[0]): string[] =>
    comparisonLines({ ...resultsOf(readings), against: 'main' });

  test('a row has the ratio, its error, and a verdict', () => {
    const lines = linesOf({ 'rate.60': { ours: times(0.9), other: SIX } });
    expect(lines[0]).toMatch(/^this tree \/ main +ratio +95 % certain +pairs$/);
    expect(lines[1]).toMatch(/M frames\/s\) +0\.900 +0\.900 – 0\.900 +6 +WORSE$/);
  });

  test('the last lines name the metrics outside their error, and the number that chance would put there', () => {
    const readings = {
      'rate.60': { ours: times(0.9), other: SIX },
      'rate.128': { ours: times(1.1), other: SIX },
    };
    expect(linesOf(readings).at(-1)).toBe(
      'Worse: 60 B frames, one way. Better: 128 B frames, one way. ' +
        'Of 2 metrics about 0.1 would be outside by chance.',
    );
    const same = { 'rate.60': { ours: SIX, other: SIX } };
    expect(linesOf(same).at(-1)).toMatch(/^No metric is worse by more than its error\./);
  });

  test('too few repeats are reported', () => {
    expect(linesOf({ 'rate.60': { ours: [1], other: [2] } })[1]).toMatch(/0\.500 +– +1 +too few/);
  });
});
