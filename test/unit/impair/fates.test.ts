/**
 * Fates beside theory: rates of loss, lengths of bursts of loss, and distributions of delays, of
 * 100,000 frames each. The seeds are fixed, so that a result is the same each time.
 */

import { describe, expect, test } from '@jest/globals';
import { readImpairment } from '../../../src/config/values/impairment';
import { Delays } from '../../../src/impair/delays';
import { Dice } from '../../../src/impair/dice';
import { lossBy } from '../../../src/impair/loss';
import { RANDOM_RANGE, Random } from '../../../src/impair/random';
import type { Delay, LossModel } from '../../../src/impair/settings';

const FRAMES = 100_000;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function losses(words: string, seed = 1): boolean[] {
  const loss = lossBy(readImpairment(`a in loss ${words}`).loss as LossModel, new Random(seed));
  return Array.from({ length: FRAMES }, () => loss.isLost());
}

function rate(fates: readonly boolean[]): number {
  return fates.filter(Boolean).length / fates.length;
}

/** Probability that a lost frame follows a lost frame. */
function rateAfterLoss(fates: readonly boolean[]): number {
  return rate(fates.filter((_, index) => fates[index - 1] === true));
}

function delays(words: string, seed = 1): number[] {
  const { delay } = readImpairment(`a in delay ${words}`);
  const source = new Delays(delay as Delay, new Random(seed));
  return Array.from({ length: FRAMES }, () => {
    source.next();
    return source.last[0] as number;
  });
}

describe('random numbers', () => {
  test('are the same for the same seed, and differ for another seed', () => {
    const numbers = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(new Set([...numbers(0), ...numbers(1), ...numbers(2 ** 32 - 1)]).size).toBe(24);
  });

  test('fill their range evenly', () => {
    const random = new Random(3);
    const parts = new Array<number>(16).fill(0);
    for (let index = 0; index < FRAMES; index++) {
      const part = Math.floor((random.next() / RANDOM_RANGE) * 16);
      parts[part] = (parts[part] as number) + 1;
    }
    // Chi-squared with 15 degrees of freedom: beyond 37.7 in 1 of 1,000 cases.
    const expected = FRAMES / 16;
    const chi = parts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(37.7);
  });
});

describe('loss', () => {
  test.each([
    ['0%', 0],
    ['100%', 1],
    ['', 1],
    ['1%', 0.01],
    ['random 30%', 0.3],
    ['10% 50%', 0.1],
  ])('%s loses that part', (words, part) => {
    expect(rate(losses(words))).toBeCloseTo(part, 2);
  });

  test('with a correlation comes in runs, and loses no less', () => {
    // The next frame is lost with the correlation, and with the probability in the other cases.
    expect(rateAfterLoss(losses('10%'))).toBeCloseTo(0.1, 1);
    expect(rateAfterLoss(losses('10% 50%'))).toBeCloseTo(0.5 + 0.5 * 0.1, 1);
  });

  test.each([
    // The part of the time in the bad state is p / (p + r).
    ['gemodel 1% 9%', 0.1],
    ['gemodel 1% 9% 50%', 0.05],
    ['gemodel 1% 9% 50% 10%', 0.1 * 0.5 + 0.9 * 0.1],
    // Without r, r is 100 % - p.
    ['gemodel 5%', 0.05],
    // Each loss is a single frame: one frame in (1 / p14 + 1).
    ['state 0% 100% 0% 100% 25%', 0.2],
    // Without p31, p31 is 100 % - p13.
    ['state 20%', 0.2],
  ])('%s loses that part on average', (words, part) => {
    expect(rate(losses(words))).toBeCloseTo(part, 2);
  });

  test('of a line with a bad state lasts as long as that state', () => {
    // The bad state ends with a probability of 9 %, so that 91 % of the losses are followed by a loss.
    expect(rateAfterLoss(losses('gemodel 1% 9%'))).toBeCloseTo(0.91, 1);
  });
});

describe('dice', () => {
  test('throw the same for the same seed', () => {
    const thrown = (seed: number): boolean[] => {
      const dice = new Dice(new Random(seed), { probability: 0.5, correlation: 0.25 });
      return Array.from({ length: 64 }, () => dice.throw());
    };
    expect(thrown(5)).toEqual(thrown(5));
    expect(thrown(5)).not.toEqual(thrown(6));
  });
});

describe('delays', () => {
  test('without jitter are all the same', () => {
    expect(new Set(delays('10ms'))).toEqual(new Set([10]));
  });

  test('have the mean and the range of a uniform distribution', () => {
    const values = delays('10ms 2ms');
    expect(mean(values)).toBeCloseTo(10, 1);
    expect(deviation(values)).toBeCloseTo(2 / Math.sqrt(3), 1);
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(8);
    expect(Math.max(...values.slice(0, 50_000))).toBeLessThan(12);
  });

  test('have the mean and the deviation of a normal distribution', () => {
    const values = delays('100ms 10ms distribution normal');
    expect(mean(values)).toBeCloseTo(100, 0);
    expect(deviation(values)).toBeCloseTo(10, 0);
    const within = values.filter((value) => Math.abs(value - 100) < 10);
    expect(within.length / FRAMES).toBeCloseTo(0.6827, 1);
  });

  test('have the mean, the least value and the tail of a Pareto distribution', () => {
    const values = delays('100ms 10ms distribution pareto');
    // The least value is 2/3 of a deviation below the mean, whose tail is cut off at 4 deviations.
    expect(Math.min(...values.slice(0, 50_000))).toBeCloseTo(100 - 6.67, 0);
    expect(Math.max(...values.slice(0, 50_000))).toBe(140);
    const beyond = values.filter((value) => value > 120).length / FRAMES;
    expect(beyond).toBeCloseTo((1 / (1.5 + 0.75 * 2)) ** 3, 2);
  });

  test('of a mixture lie between both', () => {
    const values = delays('100ms 10ms distribution paretonormal');
    expect(mean(values)).toBeCloseTo(99, -1);
    expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThan(100 - 4 * 10);
  });

  test('are never below 0', () => {
    expect(Math.min(...delays('1ms 5ms').slice(0, 50_000))).toBe(0);
  });

  test('with a correlation repeat, and keep their mean', () => {
    const values = delays('10ms 2ms 80%');
    const repeated = values.filter((value, index) => value === values[index - 1]);
    expect(repeated.length / FRAMES).toBeCloseTo(0.8, 1);
    expect(mean(values)).toBeCloseTo(10, 0);
  });
});
