/** Storm limits: the frames that they drop and pass, and their arithmetic against a naive twin. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StormLimits } from '../../../src/l2/storm';
import { StormClass, StormControl } from '../../../src/l2/storm';
import { BROADCAST, MULTICAST, ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { keyOf } from '../../support/rooms';
import { buildSuperFrame } from '../../support/super-frame';

const A = station(0x0a);
const B = station(0x0b);
const STRANGER = station(0x77);

const to = (mac: string): Uint8Array => ethernet({ to: mac, from: A });

/** A switch of three ports, B behind the second, and limits on the first. */
function limited(limits: Partial<StormLimits>): MemorySwitch {
  const sw = new MemorySwitch(3);
  sw.send(1, ethernet({ to: BROADCAST, from: B }));
  sw.bridge.configurePort(0, limits);
  return sw;
}

/** Sends frames in one burst. @returns the number that leave from the second port */
function passed(sw: MemorySwitch, mac: string, count: number): number {
  return sw.send(0, ...Array.from({ length: count }, () => to(mac)))[1]?.length ?? 0;
}

const KINDS = [
  ['broadcast', BROADCAST, 'stormBroadcast'],
  ['multicast', MULTICAST, 'stormMulticast'],
  ['unknown', STRANGER, 'stormUnknown'],
] as const;

describe.each(KINDS)('a limit on %s', (name, mac, limit) => {
  test('passes its number of frames a second, and counts the others', () => {
    const sw = limited({ [limit]: 5 });
    expect(passed(sw, mac, 9)).toBe(5);
    expect(sw.drops(0)).toEqual({ [`storm-${name}`]: 4 });
    sw.io.clock.advance(400);
    expect(passed(sw, mac, 9)).toBe(2);
    sw.io.clock.advance(60_000);
    expect(passed(sw, mac, 9)).toBe(5);
  });

  test('does not affect other kinds, other ports and known unicast', () => {
    const sw = limited({ [limit]: 0 });
    const others = KINDS.filter(([other]) => other !== name);
    for (const [, other] of others) expect(passed(sw, other, 20)).toBe(20);
    expect(passed(sw, B, 200)).toBe(200);
    expect(sw.send(1, ethernet({ to: mac, from: B }))[2]).toHaveLength(1);
    expect(sw.allDrops()).toEqual({});
    expect(passed(sw, mac, 1)).toBe(0);
    expect(sw.drops(0)).toEqual({ [`storm-${name}`]: 1 });
  });

  test('ends while frames flow', () => {
    const sw = limited({ [limit]: 1 });
    expect(passed(sw, mac, 3)).toBe(1);
    sw.bridge.configurePort(0, { [limit]: null });
    expect(passed(sw, mac, 70)).toBe(70);
    expect(sw.drops(0)).toEqual({ [`storm-${name}`]: 2 });
  });
});

describe('a limit on all floods', () => {
  test('counts each kind of flood, and no known unicast', () => {
    const sw = limited({ storm: 6 });
    for (const [, mac] of KINDS) expect(passed(sw, mac, 2)).toBe(2);
    for (const [, mac] of KINDS) expect(passed(sw, mac, 1)).toBe(0);
    expect(passed(sw, B, 50)).toBe(50);
    expect(sw.drops(0)).toEqual({
      'storm-broadcast': 1,
      'storm-multicast': 1,
      'storm-unknown': 1,
    });
  });

  test('and a limit on one kind both hold; a frame that one of them drops takes no token of the other', () => {
    const sw = limited({ storm: 4, stormBroadcast: 1 });
    expect(passed(sw, BROADCAST, 9)).toBe(1);
    expect(passed(sw, MULTICAST, 9)).toBe(3);
  });
});

test('a station is learned from a frame that a limit drops', () => {
  const sw = limited({ storm: 0 });
  expect(passed(sw, BROADCAST, 1)).toBe(0);
  expect(sw.send(1, ethernet({ to: A, from: B }))[0]).toHaveLength(1);
});

test('the switch answers a request that a limit drops', () => {
  const sw = limited({ storm: 0 });
  sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.1'), sw.nowMs);
  sw.io.advance(10_000);
  sw.take();
  const request = `0001080006040001${A}c0000207000000000000c0000201`;
  const arp = ethernet({ to: BROADCAST, from: A, type: '0806', payload: request });
  expect(sw.send(0, arp).map(({ length }) => length)).toEqual([1, 0, 0]);
  // The request itself is not forwarded.
  expect(sw.drops(0)).toEqual({ 'storm-broadcast': 1 });
});

test('a super-frame counts as its segments, and passes whole or not at all', () => {
  const sw = limited({ stormUnknown: 9 });
  const { frame, vnet } = buildSuperFrame({
    ipVersion: 4,
    transport: 'udp',
    gsoSizeBytes: 100,
    payloadBytes: 400,
  });
  frame.set(to(STRANGER).subarray(0, 12));
  for (let sent = 0; sent < 3; sent++) sw.port(0).sendOffloaded(vnet, frame);
  expect(sw.take()[1]).toHaveLength(8);
  expect(sw.drops(0)).toEqual({ 'storm-unknown': 1 });
  expect(passed(sw, STRANGER, 3)).toBe(1);
});

test('a drop is reported once a second, with the station', () => {
  const sw = limited({ storm: 0 });
  sw.events();
  passed(sw, BROADCAST, 20);
  sw.io.clock.advance(999);
  passed(sw, STRANGER, 20);
  expect(sw.events('storm')).toMatchObject([{ port: 0, mac: '02:00:00:00:00:0a' }]);
  sw.io.clock.advance(1);
  passed(sw, BROADCAST, 20);
  expect(sw.events('storm')).toHaveLength(1);
});

test('a port that gets the id of another has no limit', () => {
  const sw = limited({ storm: 0 });
  sw.bridge.removePort(0);
  sw.bridge.addPort(0, { name: 'new', mtuBytes: 1500, takesOffloads: false, isUp: true });
  expect(passed(sw, BROADCAST, 9)).toBe(9);
});

describe('the buckets', () => {
  test('the same limit, set again, gives no new tokens', () => {
    const storm = new StormControl(1);
    storm.configure(0, { storm: 3 }, 0);
    expect(storm.admits(0, StormClass.Unknown, 3, 0)).toBe(true);
    storm.configure(0, { storm: 3 }, 0);
    expect(storm.admits(0, StormClass.Unknown, 1, 0)).toBe(false);
  });

  test('agree with exact arithmetic', () => {
    const step = fc.record({
      kind: fc.constantFrom<StormClass>(0, 1, 2),
      frames: fc.integer({ min: 1, max: 9 }),
      afterMs: fc.nat(900),
    });
    const limit = fc.option(fc.nat(20));
    const limits = fc.tuple(limit, limit, limit, limit);
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), ([all, ...kinds], steps) => {
        const storm = new StormControl(2);
        const [stormUnknown, stormMulticast, stormBroadcast] = kinds;
        storm.configure(1, { storm: all, stormUnknown, stormMulticast, stormBroadcast }, 7);
        // Thousandths of tokens are whole numbers: the twin is exact.
        const full = [all, ...kinds].map((pps) => (pps ?? 1e9) * 1_000);
        let tokens = [...full];
        let nowMs = 7;
        for (const { kind, frames, afterMs } of steps) {
          nowMs += afterMs;
          tokens = tokens.map((had, at) =>
            Math.min(full[at] ?? 0, had + (afterMs * (full[at] ?? 0)) / 1_000),
          );
          const spent = tokens.map((had, at) =>
            at === 0 || at === kind + 1 ? had - frames * 1_000 : had,
          );
          const passes = spent.every((left) => left >= 0);
          // Sums of binary fractions may differ from the exact sum by a tiny part of a token.
          const isClose = spent.some((left) => Math.abs(left) < 1e-3);
          const admitted = storm.admits(1, kind, frames, nowMs);
          expect(isClose || admitted === passes).toBe(true);
          if (admitted) tokens = spent;
        }
      }),
      { numRuns: 300 },
    );
  });
});
