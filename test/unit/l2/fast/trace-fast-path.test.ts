/** Steps of a trace about the fast path. test/netns/fast-path.test.ts shows which protocols take it. */

import { describe, expect, test } from '@jest/globals';
import { type FastPort, fastPathStep } from '../../../../src/l2/fast/trace-fast-path';
import type { FdbEntry } from '../../../../src/l2/fdb/entry';
import { LEG } from '../../../support/fast-memory';

const A = '02:00:00:00:00:01';
const B = '02:00:00:00:00:02';

const entry = (mac: string, port: number): FdbEntry => ({
  ...{
    mac,
    vlan: 0,
    port,
    isStatic: false,
    isSticky: false,
    isLocked: false,
    updatedAgoMs: 0,
    usedAgoS: 0,
  },
});
const port = (id: number, more: Partial<FastPort> = {}): FastPort => ({
  ...{ id, label: `p${id}`, mtuBytes: 1500, fastLeg: LEG },
  ...more,
});
const frame = (to: string, from: string, lengthBytes = 60): Uint8Array =>
  Buffer.from(`${to}${from}88b5`.replaceAll(':', '').padEnd(lengthBytes * 2, '0'), 'hex');

const PORTS = [port(0), port(1), port(2)];
const KNOWN = [entry(A, 0), entry(B, 1)];

const IN_TEN = KNOWN.map((known) => ({ ...known, vlan: 10 }));

describe('a trace', () => {
  test('says that the kernel redirects a frame between two stations that are known', () => {
    expect(fastPathStep(PORTS, KNOWN, 0, frame(B, A))).toMatch(/^fast path: the kernel redirects/);
  });

  test('has no step about the fast path if no port has one', () => {
    const ports = [port(0, { fastLeg: null }), { id: 1, label: 'p1', mtuBytes: 1500 }];
    expect(fastPathStep(ports, KNOWN, 0, frame(B, A))).toBeUndefined();
  });

  test.each<[string, readonly FastPort[], readonly FdbEntry[], Uint8Array]>([
    ['it goes to a group', PORTS, KNOWN, frame('01:00:5e:00:00:01', A)],
    ['p0: fast=off', [port(0, { fastObstacle: 'fast=off' }), port(1)], KNOWN, frame(B, A)],
    [
      'p1: the port is down',
      [port(0), port(1, { fastObstacle: 'the port is down' })],
      KNOWN,
      frame(B, A),
    ],
    ['its source is not known on this port', PORTS, [entry(B, 1)], frame(B, A)],
    ['its source is not known on this port', PORTS, [entry(A, 2), entry(B, 1)], frame(B, A)],
    ['its destination is not known', PORTS, [entry(A, 0)], frame(B, A)],
    ['its destination is on the same port', PORTS, [entry(A, 0), entry(B, 0)], frame(B, A)],
    [
      'both ports are isolated',
      [port(0, { isolated: true }), port(1, { isolated: true })],
      KNOWN,
      frame(B, A),
    ],
    [
      'the interfaces are in two network namespaces',
      [port(0), port(1, { fastLeg: { ...LEG, domain: 2 } })],
      KNOWN,
      frame(B, A),
    ],
    [
      'its destination is not known',
      [port(0, { fastVlan: 10 }), port(1)],
      IN_TEN.slice(0, 1),
      frame(B, A),
    ],
    [
      'it leaves from p1 with a tag',
      [port(0, { fastVlan: 10 }), port(1, { fastVlan: 20 })],
      IN_TEN,
      frame(B, A),
    ],
    ['it is too long for p1', PORTS, KNOWN, frame(B, A, 1519)],
  ])('says why not: %s', (reason, ports, stations, bytes) => {
    expect(fastPathStep(ports, stations, 0, bytes)).toBe(`no fast path: ${reason}`);
  });
});
