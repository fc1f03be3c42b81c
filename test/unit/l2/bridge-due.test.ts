/** Times at which an idle bridge is due. Its thread sleeps until then. */

import { describe, expect, test } from '@jest/globals';
import { BROADCAST, ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const A = station(0x0a);
const B = station(0x0b);
const AGEING_MS = 300_000;

const hello = (from: string): Uint8Array => ethernet({ to: BROADCAST, from });

describe('an idle bridge is due', () => {
  test('never, while it knows no station', () => {
    const sw = new MemorySwitch(2);
    sw.io.advance(1_000);
    expect(sw.bridge.dueMs).toBe(Infinity);
  });

  test('never, while all stations are static', () => {
    const sw = new MemorySwitch(2);
    sw.bridge.addStation(0x0002, 1, 0, 0, true);
    sw.io.advance(1_000);
    expect(sw.bridge.dueMs).toBe(Infinity);
  });

  test('when a station may age, after it has looked at all of them', () => {
    const sw = new MemorySwitch(2, { ageingMs: AGEING_MS });
    sw.io.advance(100_000);
    sw.send(0, hello(A));
    sw.io.advance(1_000);
    sw.send(0, hello(B));
    // The last pass began before the bridge knew a station.
    const { dueMs } = sw.bridge;
    expect(dueMs).toBeLessThanOrEqual(100_000 + AGEING_MS);
    sw.io.advance(dueMs - sw.nowMs);
    expect(sw.events('age')).toEqual([]);
    sw.io.advance(1_000);
    expect(sw.bridge.dueMs).toBe(100_000 + AGEING_MS);
    sw.io.step(100_000 + AGEING_MS - sw.nowMs);
    expect(sw.events('age')).toHaveLength(1);
    sw.io.advance(1_000);
    expect(sw.events('age')).toHaveLength(1);
    sw.io.advance(1_000);
    expect(sw.bridge.dueMs).toBe(Infinity);
  });

  test('soon, after the ageing time has changed', () => {
    const sw = new MemorySwitch(2, { ageingMs: AGEING_MS });
    sw.send(0, hello(A));
    sw.io.advance(10_000);
    sw.bridge.configure({ ageingMs: 10_000 });
    sw.io.advance(100);
    expect(sw.stations()).toEqual({});
    expect(sw.bridge.fdb.dynamicCount).toBe(0);
  });
});
