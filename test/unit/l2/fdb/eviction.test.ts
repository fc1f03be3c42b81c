/** Entries that a full table, or a port at its limit, evicts for a new station. */

import { describe, expect, test } from '@jest/globals';
import { NO_PORT } from '../../../../src/frame/port-id';
import { LearnResult } from '../../../../src/l2/fdb/table';
import type { MacWords } from '../../../../src/wire/mac';
import {
  addStatic,
  expectCounts,
  host,
  learn,
  longestRun,
  lookup,
  makeFdb,
  occupancy,
} from '../../../support/fdb-table';

const A: MacWords = { hi16: 0x0a02, lo32: 1 };
const B: MacWords = { hi16: 0x0b02, lo32: 1 };
const C: MacWords = { hi16: 0x0c02, lo32: 1 };

describe('a full table', () => {
  const MAX = 100;

  test('admits a new station, and evicts one of the port with most entries', () => {
    const fdb = makeFdb({ maxDynamic: MAX });
    for (let index = 0; index < 70; index++) learn(fdb, host(index), 1);
    for (let index = 70; index < MAX; index++) learn(fdb, host(index), 2);
    expect(learn(fdb, A, 3)).toBe(LearnResult.Learned);
    expect(lookup(fdb, A)).toBe(3);
    expectCounts(fdb, { 1: 69, 2: 30, 3: 1 });
  });

  test('evicts the entries of a port that floods, and none of ports within their share', () => {
    const fdb = makeFdb({ maxDynamic: MAX });
    for (let index = 0; index < 20; index++) learn(fdb, host(index), 1);
    for (let index = 0; index < 30; index++) learn(fdb, host(1_000 + index), 2);
    for (let index = 0; index < 100_000; index++) learn(fdb, host(10_000 + index), 3);
    expectCounts(fdb, { 1: 20, 2: 30, 3: 50 });
    for (let index = 0; index < 20; index++) expect(lookup(fdb, host(index))).toBe(1);
    for (let index = 0; index < 30; index++) expect(lookup(fdb, host(1_000 + index))).toBe(2);
  });

  test('is shared evenly between ports that all flood', () => {
    const fdb = makeFdb({ maxDynamic: MAX });
    for (let index = 0; index < 10_000; index++) learn(fdb, host(index), index % 4);
    expectCounts(fdb, { 0: 25, 1: 25, 2: 25, 3: 25 });
  });

  test('prefers stations that have been silent for long', () => {
    const fdb = makeFdb({ maxDynamic: MAX });
    // Half of the stations fell silent early. Most of the evicted entries must be of that half.
    for (let index = 0; index < MAX; index++) learn(fdb, host(index), 1, index % 2);
    for (let index = 0; index < MAX / 4; index++) learn(fdb, host(10_000 + index), 1, 2);
    const alive = Array.from({ length: MAX }, (_, index) => index).filter(
      (index) => lookup(fdb, host(index), 2) === 1,
    );
    const recentCount = alive.filter((index) => index % 2 === 1).length;
    expect(alive).toHaveLength(MAX - MAX / 4);
    expect(recentCount).toBeGreaterThan(MAX / 2 - MAX / 16);
  });

  test("stays spread out, however long ports evict their own and each other's entries", () => {
    const fdb = makeFdb({ maxDynamic: 5_000 });
    for (let index = 0; index < 100_000; index++) learn(fdb, host(index), index % 4, index >> 8);
    // At this load, a run of 128 slots hardly ever happens with a good hash.
    expect(longestRun(occupancy(fdb))).toBeLessThan(128);
  });

  test('evicts the longest silent across a wrap of the ticks', () => {
    const fdb = makeFdb({ maxDynamic: 2 });
    learn(fdb, A, 1, 2 ** 31 - 10);
    learn(fdb, B, 1, (2 ** 31 + 10) | 0);
    learn(fdb, C, 1, (2 ** 31 + 20) | 0);
    const known = [A, B, C].map((mac) => fdb.peek(mac.hi16, mac.lo32, 0, (2 ** 31 + 20) | 0));
    expect(known).toEqual([NO_PORT, 1, 1]);
  });

  test('never evicts the entry that it just learned', () => {
    const fdb = makeFdb({ maxDynamic: 1 });
    for (let index = 0; index < 1_000; index++) {
      learn(fdb, host(index), index % 7);
      expect(lookup(fdb, host(index))).toBe(index % 7);
      expect(fdb.dynamicCount).toBe(1);
    }
  });
});

describe('the limit of one port', () => {
  test('bounds the entries of its port, and does not affect others', () => {
    const fdb = makeFdb({ maxDynamicPerPort: 10 });
    for (let index = 0; index < 50; index++) learn(fdb, host(index), 1);
    for (let index = 0; index < 9; index++) learn(fdb, host(1_000 + index), 2);
    expectCounts(fdb, { 1: 10, 2: 9 });
    for (let index = 0; index < 9; index++) expect(lookup(fdb, host(1_000 + index))).toBe(2);
  });

  test('holds for stations that move there, too', () => {
    const fdb = makeFdb({ maxDynamicPerPort: 10 });
    for (let index = 0; index < 10; index++) learn(fdb, host(index), 1);
    for (let index = 100; index < 105; index++) learn(fdb, host(index), 2);
    expect(learn(fdb, host(100), 1)).toBe(LearnResult.Moved);
    expect(fdb.movedFrom).toBe(2);
    expect(lookup(fdb, host(100))).toBe(1);
    expectCounts(fdb, { 1: 10, 2: 4 });
  });

  test('does not count static entries', () => {
    const fdb = makeFdb({ maxDynamicPerPort: 1 });
    addStatic(fdb, A, 1);
    addStatic(fdb, B, 1);
    learn(fdb, host(1), 1);
    learn(fdb, host(2), 1);
    expect([A, B, host(1), host(2)].map((mac) => lookup(fdb, mac))).toEqual([1, 1, NO_PORT, 1]);
  });
});

test('a small table evicts exactly the station that was silent longest, as Open vSwitch does', () => {
  const fdb = makeFdb({ maxDynamic: 100, maxDynamicPerPort: 16 });
  for (let index = 0; index < 16; index++) learn(fdb, host(index), 1, index);
  for (let index = 16; index < 40; index++) {
    learn(fdb, host(index), 1, index);
    expect(lookup(fdb, host(index - 16), index)).toBe(NO_PORT);
    expect(lookup(fdb, host(index - 15), index)).toBe(1);
  }
});

describe('without eviction', () => {
  const makeFull = () => {
    const fdb = makeFdb({ maxDynamic: 2, evicts: false });
    for (const station of [A, B]) learn(fdb, station, 1);
    return fdb;
  };

  test('a full table refuses a new station, and counts it', () => {
    const fdb = makeFull();
    expect(learn(fdb, C, 2)).toBe(LearnResult.Refused);
    expect([A, B, C].map((station) => lookup(fdb, station))).toEqual([1, 1, NO_PORT]);
    expect(fdb.crowdedCount).toBe(1);
  });

  test('a station still moves, unless its new port is full', () => {
    const fdb = makeFdb({ maxDynamic: 3, maxDynamicPerPort: 2, evicts: false });
    for (const station of [A, B]) learn(fdb, station, 1);
    expect(learn(fdb, A, 2)).toBe(LearnResult.Moved);
    learn(fdb, C, 1);
    expect(learn(fdb, A, 1)).toBe(LearnResult.Refused);
    expectCounts(fdb, { 1: 2, 2: 1 });
  });

  test("an operator's sticky entry is added to a full table", () => {
    const fdb = makeFull();
    fdb.addSticky(C.hi16, C.lo32, 0, 2, 0);
    expect(lookup(fdb, C)).toBe(2);
    expectCounts(fdb, { 1: 1, 2: 1 });
  });
});
