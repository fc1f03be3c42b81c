import { describe, expect, test } from '@jest/globals';
import { PRECISION, searchRate, type Trial } from '../../../bench/rate-search';

/** A device that forwards up to `capacity` frames per second and loses the rest. */
function deviceOf(capacity: number, generatorLimit = Infinity) {
  return (rate: number): Promise<Trial> => {
    const offeredRate = Math.min(rate, generatorLimit);
    return Promise.resolve({ offeredRate, lossRatio: Math.max(0, 1 - capacity / offeredRate) });
  };
}

describe('searchRate', () => {
  test.each([0.1, 0.33, 0.5, 0.77, 0.99])('finds %d of the highest rate', async (share) => {
    const capacity = share * 1e6;
    const trial = deviceOf(capacity);
    const rate = await searchRate({ highestRate: 1e6, lossGoal: 0, trial });
    expect(rate).toBeLessThanOrEqual(capacity);
    expect(rate).toBeGreaterThanOrEqual(capacity - PRECISION * 1e6);
  });

  test('a loss goal admits as much loss, and no more', async () => {
    const trial = deviceOf(500_000);
    const rate = await searchRate({ highestRate: 1e6, lossGoal: 0.1, trial });
    expect(1 - 500_000 / rate).toBeLessThanOrEqual(0.1);
    expect(rate).toBeGreaterThan(500_000);
  });

  test('the highest rate is taken if it passes', async () => {
    const trial = deviceOf(2e6);
    expect(await searchRate({ highestRate: 1e6, lossGoal: 0, trial })).toBe(1e6);
  });

  test('a generator that falls short gives the rate that it offered', async () => {
    const trial = deviceOf(2e6, 600_000);
    expect(await searchRate({ highestRate: 1e6, lossGoal: 0, trial })).toBe(600_000);
  });

  test('the long trial decides', async () => {
    const isLong = (milliseconds: number): boolean => milliseconds > 100;
    const trial = (rate: number, milliseconds: number): Promise<Trial> =>
      deviceOf(isLong(milliseconds) ? 300_000 : 800_000)(rate);
    const rate = await searchRate({ highestRate: 1e6, lossGoal: 0, trial });
    expect(rate).toBeLessThanOrEqual(300_000);
    expect(rate).toBeGreaterThan(250_000);
  });

  test('a device that always loses frames has rate 0', async () => {
    const trial = (rate: number): Promise<Trial> =>
      Promise.resolve({ offeredRate: rate, lossRatio: 0.01 });
    expect(await searchRate({ highestRate: 1e6, lossGoal: 0, trial })).toBe(0);
  });
});
