/** Traffic makes no garbage: a million frames leave the heap as it was, and cause no collection. */

import { afterAll, expect, test } from '@jest/globals';
import { CompiledPrograms } from '../../support/run-compiled';
import type { HeapReport, TrafficName } from '../../support/traffic-memory';

const PROGRAM = 'test/support/traffic-memory.ts';
/** `npm run soak` sends ten million. */
const MILLIONS = Number(process.env['TRAFFIC_FRAMES'] ?? 1_000_000) / 1_000_000;
const TIMEOUT_MS = 30_000 * MILLIONS;

/** Modules that the program imports. */
const SUPPORT = ['ethernet', 'impairments', 'ip-frames', 'room-harness'].map(
  (name) => `test/support/${name}.ts`,
);

const programs = new CompiledPrograms(PROGRAM, ...SUPPORT);
afterAll(() => programs.remove());

test.each<[string, TrafficName]>([
  ['to known stations', 'unicast'],
  ['that hooks count and change', 'hooked'],
  ['that a delay holds', 'delayed'],
  ['that a delay of their own port holds', 'delayed-in'],
  ['that are lost, doubled and corrupted', 'lossy'],
  ['that a rate slows down and a reorder sends ahead', 'shaped'],
  ['to all', 'broadcast'],
  ['through a hub', 'hub'],
  ['from ever new addresses', 'mac-flood'],
  ['from stations that move', 'moving'],
  ['that inspection looks into', 'inspected'],
  ['that ask for known hosts by ARP', 'arp'],
  ['that ask by Neighbor Discovery', 'solicitations'],
])(
  'frames %s cost no memory',
  (_, name) => {
    const expected: HeapReport = { hasGrown: false, collections: 0 };
    expect(programs.run(PROGRAM, name)).toEqual(expected);
  },
  TIMEOUT_MS,
);
