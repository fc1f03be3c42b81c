import { beforeEach, describe, expect, test } from '@jest/globals';
import { ipKeyOf } from '../../../src/wire/ip-key';
import { Leases } from '../../../src/hosts/leases';

const KEY = ipKeyOf([192, 0, 2, 1]);
const OTHER = ipKeyOf([192, 0, 2, 2]);
const HI16 = 0x0002;

let leases: Leases;

beforeEach(() => {
  leases = new Leases({ maxEntries: 16, maxPorts: 8 });
  leases.grant(KEY, 0, HI16, 1, 3, 60_000, 1_000);
});

describe('a lease', () => {
  test('is for one station behind one port', () => {
    expect(leases.has(KEY, 0, HI16, 1, 3, 1_000)).toBe(true);
    expect(leases.has(KEY, 0, HI16, 2, 3, 1_000)).toBe(false);
    expect(leases.has(KEY, 0, HI16, 1, 4, 1_000)).toBe(false);
    expect(leases.has(OTHER, 0, HI16, 1, 3, 1_000)).toBe(false);
    expect(leases.has(KEY, 1, HI16, 1, 3, 1_000)).toBe(false);
  });

  test('ends at its time, whether or not a tick comes', () => {
    expect(leases.has(KEY, 0, HI16, 1, 3, 60_999)).toBe(true);
    expect(leases.has(KEY, 0, HI16, 1, 3, 61_000)).toBe(false);
    expect(leases.list(61_000)).toEqual([]);
    expect(leases.dueMs).toBe(11_000);
    for (let nowMs = 11_000; nowMs <= 71_000; nowMs += 10_000) leases.tick(nowMs);
    expect(leases.dueMs).toBe(Infinity);
  });

  test('may have no end', () => {
    leases.grant(OTHER, 0, HI16, 2, 3, Infinity, 0);
    leases.tick(1e9);
    expect(leases.has(OTHER, 0, HI16, 2, 3, 1e12)).toBe(true);
  });

  test('is renewed, and given to another', () => {
    leases.grant(KEY, 0, HI16, 1, 3, 60_000, 30_000);
    expect(leases.has(KEY, 0, HI16, 1, 3, 89_999)).toBe(true);
    leases.grant(KEY, 0, HI16, 2, 5, 60_000, 40_000);
    expect(leases.has(KEY, 0, HI16, 1, 3, 40_000)).toBe(false);
    expect(leases.list(40_000)).toEqual([
      { address: '192.0.2.1', mac: '02:00:02:00:00:00', vlan: 0, port: 5, expiresInMs: 60_000 },
    ]);
  });

  test('can be released by its holder only', () => {
    leases.release(KEY, 0, HI16, 2, 3);
    leases.release(KEY, 0, HI16, 1, 4);
    expect(leases.has(KEY, 0, HI16, 1, 3, 1_000)).toBe(true);
    leases.release(KEY, 0, HI16, 1, 3);
    expect(leases.has(KEY, 0, HI16, 1, 3, 1_000)).toBe(false);
  });

  test('is removed with its port', () => {
    leases.forgetPort(4);
    expect(leases.list(1_000)).toHaveLength(1);
    leases.forgetPort(3);
    expect(leases.list(1_000)).toEqual([]);
  });
});
