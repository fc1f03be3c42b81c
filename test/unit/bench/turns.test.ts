import { describe, expect, test } from '@jest/globals';
import { kernelBridge } from '../../../bench/duts/kernel-bridge';
import { tapswitch, tapswitchPlain } from '../../../bench/duts/tapswitch';
import { combined, repeatsOf } from '../../../bench/runner';
import { takeTurns } from '../../../bench/turns';

describe('takeTurns', () => {
  test('two items have their turns A B B A B A A B', async () => {
    let order = '';
    const taken = await takeTurns(['A', 'B'], { first: 0, count: 4 }, (item, round) => {
      order += item;
      return Promise.resolve(`${item}${round}`);
    });
    expect(order).toBe('ABBABAAB');
    expect([...taken]).toEqual([
      ['A', ['A0', 'A1', 'A2', 'A3']],
      ['B', ['B0', 'B1', 'B2', 'B3']],
    ]);
  });

  test('the number of the first round decides who begins', async () => {
    let order = '';
    await takeTurns(['A', 'B'], { first: 1, count: 1 }, (item) => {
      order += item;
      return Promise.resolve(0);
    });
    expect(order).toBe('BA');
  });
});

describe('repeatsOf', () => {
  const full = (repeats: number) => ({ repeats, pace: { isQuick: false }, isPaired: false });
  const quick = { repeats: 1, pace: { isQuick: true }, isPaired: false };
  const paired = { ...full(12), isPaired: true };

  test.each([
    { limits: {}, asked: full(5), expected: 5 },
    { limits: { most: 1 }, asked: full(5), expected: 1 },
    { limits: { least: 10 }, asked: full(5), expected: 10 },
    { limits: { least: 10 }, asked: full(12), expected: 12 },
    { limits: { least: 10, leastQuick: 3 }, asked: quick, expected: 3 },
    { limits: { least: 10 }, asked: quick, expected: 1 },
    { limits: {}, asked: paired, expected: 12 },
    { limits: { most: 1 }, asked: paired, expected: 6 },
  ])('$limits of $asked.repeats', ({ limits, asked, expected }) => {
    expect(repeatsOf({ repeats: limits }, asked)).toBe(expected);
  });
});

describe('combined', () => {
  const turns = { count: 2, combine: (readings: readonly number[]) => Math.min(...readings) };
  const whole = [{ 'rate.60': 3 }, { 'rate.60': 2 }];
  const broken = [{ 'rate.60': 5 }, undefined];

  test('makes one reading of those of all turns', () => {
    const taken = new Map([[tapswitch, whole]]);
    expect(combined(taken, turns, true).get(tapswitch)).toEqual({ 'rate.60': 2 });
  });

  test('a device that failed in a turn has no reading', () => {
    const taken = new Map([
      [tapswitch, whole],
      [kernelBridge, broken],
    ]);
    expect([...combined(taken, turns, false).keys()]).toEqual([tapswitch]);
  });

  test('of a pair both devices or none have a reading', () => {
    const taken = new Map([
      [tapswitch, whole],
      [tapswitchPlain, broken],
    ]);
    expect(combined(taken, turns, true).size).toBe(0);
  });
});
