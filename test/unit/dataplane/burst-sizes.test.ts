import { describe, expect, test } from '@jest/globals';
import { BurstSizes } from '../../../src/dataplane/burst-sizes';

describe('burst sizes', () => {
  test('are counted in classes of powers of two', () => {
    const sizes = new BurstSizes();
    for (const frames of [1, 1, 2, 3, 8, 15]) sizes.note(frames);
    expect(sizes.read()).toEqual([
      { from: 1, to: 1, bursts: 2 },
      { from: 2, to: 3, bursts: 2 },
      { from: 4, to: 7, bursts: 0 },
      { from: 8, to: 15, bursts: 2 },
    ]);
  });

  test('are read by another thread through the same memory', () => {
    const writer = new BurstSizes();
    const reader = new BurstSizes(writer.memory);
    expect(reader.read()).toEqual([]);
    writer.note(1);
    expect(reader.read()).toEqual([{ from: 1, to: 1, bursts: 1 }]);
  });
});
