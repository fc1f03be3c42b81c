/** Share of time that a thread waits for a processor, from the kernel's statistics. */

import { expect, test } from '@jest/globals';
import { ProcessorWait } from '../../../src/capture/processor-wait';
import { kernelThreadId } from '../../../src/dataplane/thread-id';

function start(threadId: number | undefined) {
  const kernel: { nowMs: number; waitedMs: number | undefined } = { nowMs: 1000, waitedMs: 500 };
  const wait = new ProcessorWait(threadId, {
    nowMs: () => kernel.nowMs,
    waitedMs: () => kernel.waitedMs,
  });
  const pass = (ms: number, waitedMs: number | undefined): number => {
    kernel.nowMs += ms;
    kernel.waitedMs = waitedMs;
    return wait.share();
  };
  return { pass };
}

test('gives the share of the time since the last call', () => {
  const { pass } = start(1);
  expect(pass(100, 525)).toBeCloseTo(0.25);
  expect(pass(100, 525)).toBe(0);
  expect(pass(50, 575)).toBe(1);
});

test('is never more than 1, and always a number', () => {
  const { pass } = start(1);
  // Two clocks are not read at the same moment.
  expect(pass(10, 511)).toBe(1);
  expect(pass(0, 511)).toBe(0);
});

test('is 0 while the wait is unknown, and continues when it is known', () => {
  const { pass } = start(1);
  expect(pass(100, undefined)).toBe(0);
  expect(pass(100, 550)).toBeCloseTo(0.5);
  expect(start(undefined).pass(100, 600)).toBe(0);
});

test('reads the wait of a thread of this process', () => {
  const id = kernelThreadId();
  expect(id).toBeGreaterThan(0);
  const wait = new ProcessorWait(id);
  const until = performance.now() + 20;
  while (performance.now() < until);
  expect(wait.share()).toBeGreaterThanOrEqual(0);
  expect(wait.share()).toBeLessThanOrEqual(1);
});
