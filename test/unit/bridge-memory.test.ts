/** Traffic makes no garbage: a million frames leave the heap as it was, and cause no collection. */

import { afterAll, expect, test } from '@jest/globals';
import { CompiledPrograms } from '../support/run-compiled';
import type { HeapReport, TrafficName } from '../support/traffic-memory';

const PROGRAM = 'test/support/traffic-memory.ts';
const TIMEOUT_MS = 30_000;

const programs = new CompiledPrograms(PROGRAM);
afterAll(() => programs.remove());

test.each<[string, TrafficName]>([
  ['to known stations', 'unicast'],
  ['to all', 'broadcast'],
  ['through a hub', 'hub'],
  ['from ever new addresses', 'mac-flood'],
  ['from stations that move', 'moving'],
])(
  'frames %s cost no memory',
  (_, name) => {
    const expected: HeapReport = { hasGrown: false, collections: 0 };
    expect(programs.run(PROGRAM, name)).toEqual(expected);
  },
  TIMEOUT_MS,
);
