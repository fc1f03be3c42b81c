import { describe, expect, test } from '@jest/globals';
import { RetryPause } from '../../../src/ports/retry-pause';

const TICK_MS = 500;

/** Ticks at which a call that always fails is tried. */
function attempts(pause: RetryPause, from: number, ticks: number): number[] {
  return Array.from({ length: ticks }, (_, index) => from + index).filter((tick) => {
    const nowMs = tick * TICK_MS;
    if (!pause.isOver(nowMs)) return false;
    pause.begin(nowMs);
    return true;
  });
}

describe('the pause between attempts', () => {
  test('doubles up to its longest', () => {
    const pause = new RetryPause(4_000);
    expect(attempts(pause, 0, 32)).toEqual([0, 1, 3, 7, 15, 23, 31]);
  });

  test('is short again after a success', () => {
    const pause = new RetryPause(4_000);
    attempts(pause, 0, 16);
    pause.shorten();
    expect(attempts(pause, 30, 8)).toEqual([30, 31, 33, 37]);
  });
});
