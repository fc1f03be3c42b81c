import { expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/testing/manual-clock';

test('stands still until it is advanced', () => {
  const clock = new ManualClock();
  expect(clock.nowMs).toBe(0);
  clock.advance(0);
  expect(clock.nowMs).toBe(0);
  clock.advance(1.5);
  clock.advance(3_600_000);
  expect(clock.nowMs).toBe(3_600_001.5);
});

test('starts at the given time', () => {
  expect(new ManualClock(7).nowMs).toBe(7);
});

test.each([-1, Number.NaN])('cannot be advanced by %d', (byMs) => {
  const clock = new ManualClock(5);
  expect(() => clock.advance(byMs)).toThrow(`cannot advance the clock by ${byMs} ms`);
  expect(clock.nowMs).toBe(5);
});
