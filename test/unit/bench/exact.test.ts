import { describe, expect, test } from '@jest/globals';
import { lossOf } from '../../../bench/traffic/exact';

const counted = (received: number, refused: number, elapsedS = 1) => ({
  sentFrames: [100_000],
  receivedFrames: [received],
  refusedFrames: [refused],
  elapsedS,
});

describe('lossOf', () => {
  test.each([
    { received: 100_000, refused: 0, expected: { lost: 0, atSender: 0 } },
    { received: 98_000, refused: 2000, expected: { lost: 2000, atSender: 2000 } },
    { received: 98_000, refused: 500, expected: { lost: 2000, atSender: 500 } },
    // A received frame of another sender does not hide a lost frame.
    { received: 100_001, refused: 0, expected: { lost: 0, atSender: 0 } },
  ])('$received arrive, $refused refused: $expected', ({ received, refused, expected }) => {
    expect(lossOf(counted(received, refused), 100_000)).toEqual(expected);
  });

  test('a generator that is one percent slower counts as the rate, and a slower one is reported', () => {
    expect(lossOf(counted(100_000, 0, 1.009), 100_000).lost).toBe(0);
    expect(() => lossOf(counted(100_000, 0, 1.25), 100_000)).toThrow(
      'the generator sent 80,000 instead of 100,000 frames/s: its CPU was busy',
    );
  });
});
