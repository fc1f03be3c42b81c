/** Traffic makes no garbage: millions of frames leave the heap as it was, and cause no collection. */

import { afterAll, expect, test } from '@jest/globals';
import { CompiledPrograms } from '../support/run-compiled';
import type { HeapReport, TrafficName } from '../support/traffic-memory';

const PROGRAM = 'test/support/traffic-memory.ts';

/** What measuring itself leaves behind, and the compiler at work on hot code: no matter of frames. */
const NOISE_BYTES = 100_000;

const programs = new CompiledPrograms(PROGRAM);
afterAll(() => programs.remove());

test.each<[string, TrafficName]>([
  ['to known stations', 'unicast'],
  ['to all', 'broadcast'],
  ['through a hub', 'hub'],
  ['from ever new addresses', 'mac-flood'],
  ['from stations that move', 'moving'],
])('frames %s cost no memory', (_, name) => {
  const { frames, grownBytes, collections } = programs.run(PROGRAM, name) as HeapReport;
  expect(frames).toBe(1_000_000);
  expect(collections).toBe(0);
  expect(grownBytes).toBeLessThan(NOISE_BYTES);
}, 30_000);
