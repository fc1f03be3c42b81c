import { describe, expect, test } from '@jest/globals';
import { counterbalanced, medianRange, summarize } from '../../../bench/stats';

describe('summarize', () => {
  test.each([
    { readings: [7], summary: { median: 7, min: 7, max: 7 } },
    { readings: [3, 1], summary: { median: 2, min: 1, max: 3 } },
    { readings: [10, 9, 100], summary: { median: 10, min: 9, max: 100 } },
    { readings: [4, 1, 3, 2], summary: { median: 2.5, min: 1, max: 4 } },
  ])('$readings', ({ readings, summary }) => {
    expect(summarize(readings)).toEqual(summary);
  });

  test('leaves the readings in their order', () => {
    const readings = [3, 1, 2];
    summarize(readings);
    expect(readings).toEqual([3, 1, 2]);
  });

  test('refuses no readings', () => {
    expect(() => summarize([])).toThrow('at least one reading');
  });
});

describe('counterbalanced', () => {
  const items = ['a', 'b', 'c', 'd'];

  test('every second repeat is the one before, backwards', () => {
    expect(counterbalanced(items, 0)).toEqual(['a', 'b', 'c', 'd']);
    expect(counterbalanced(items, 1)).toEqual(['d', 'c', 'b', 'a']);
    expect(counterbalanced(items, 2)).toEqual(['b', 'c', 'd', 'a']);
    expect(counterbalanced(items, 3)).toEqual(['a', 'd', 'c', 'b']);
  });

  test('over two repeats for each item every item has the same mean place', () => {
    const places = items.map(() => 0);
    for (let repeat = 0; repeat < 2 * items.length; repeat++) {
      counterbalanced(items, repeat).forEach((item, place) => {
        places[items.indexOf(item)]! += place;
      });
    }
    expect(new Set(places).size).toBe(1);
  });

  test('takes an empty list', () => {
    expect(counterbalanced([], 3)).toEqual([]);
  });
});

describe('medianRange', () => {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  // The sign test's table: the largest k with P(heads < k) + P(tails < k) of n coins at most 5 %.
  test.each([
    { count: 6, low: 1, high: 6 },
    { count: 8, low: 1, high: 8 },
    { count: 9, low: 2, high: 8 },
    { count: 12, low: 3, high: 10 },
    { count: 20, low: 6, high: 15 },
    { count: 50, low: 18, high: 33 },
  ])('$count readings', ({ count, low, high }) => {
    expect(medianRange(upTo(count).reverse())).toEqual({ low, high });
  });

  test.each([0, 1, 5])('%d readings do not tell', (count) => {
    expect(medianRange(upTo(count))).toBeUndefined();
  });
});
