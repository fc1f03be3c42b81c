import { NO_PORT } from '../../../../src/frame/port-id';
import { describe, expect, test } from '@jest/globals';
import { type Fdb, LearnResult, MAX_STATIC } from '../../../../src/l2/fdb/table';
import type { MacWords } from '../../../../src/wire/mac';
import {
  addStatic,
  collidingHosts,
  copyAll,
  expectCounts,
  host,
  learn,
  longestRun,
  lookup,
  makeFdb,
  occupancy,
} from '../../../support/fdb-table';

/** Ageing of 300 s, in ticks. */
const AGEING_TICKS = 30_000;

const A: MacWords = { hi16: 0x0a02, lo32: 1 };
const B: MacWords = { hi16: 0x0b02, lo32: 1 };

describe('learning', () => {
  test('a station is found on the port where it was heard', () => {
    const fdb = makeFdb();
    expect(lookup(fdb, A)).toBe(NO_PORT);
    expect(learn(fdb, A, 3)).toBe(LearnResult.Learned);
    expect(lookup(fdb, A)).toBe(3);
    expect(lookup(fdb, B)).toBe(NO_PORT);
    expect(learn(fdb, A, 3)).toBe(LearnResult.Refreshed);
    expectCounts(fdb, { 3: 1 });
  });

  test('a station that is heard on another port moves at once', () => {
    const fdb = makeFdb();
    learn(fdb, A, 3);
    expect(learn(fdb, A, 5)).toBe(LearnResult.Moved);
    expect(fdb.movedFrom).toBe(3);
    expect(lookup(fdb, A)).toBe(5);
    expectCounts(fdb, { 3: 0, 5: 1 });
  });

  test('what was unknown is found, and what was known still is, after another station', () => {
    const fdb = makeFdb();
    learn(fdb, A, 3);
    expect([lookup(fdb, A), lookup(fdb, B), lookup(fdb, A)]).toEqual([3, NO_PORT, 3]);
    learn(fdb, B, 5);
    expect([lookup(fdb, A), lookup(fdb, B)]).toEqual([3, 5]);
    expect(lookup(fdb, host(7))).toBe(NO_PORT);
    learn(fdb, host(7), 9);
    expect([lookup(fdb, host(7)), lookup(fdb, B)]).toEqual([9, 5]);
  });

  test('a preload of a burst changes no entry and no answer', () => {
    const fdb = makeFdb();
    const frames = 64;
    const frameWords = 32;
    const u16 = new Uint16Array(frames * frameWords);
    const offset = Int32Array.from({ length: frames }, (_, frame) => 2 * frame * frameWords);
    const put = (frame: number, word: number, { hi16, lo32 }: MacWords) =>
      u16.set([hi16, lo32 & 0xffff, lo32 >>> 16], frame * frameWords + word);
    for (let frame = 0; frame < frames; frame++) {
      put(frame, 0, host(frame));
      put(frame, 3, host(1000 + frame));
      // Every second station is known, as source and as destination.
      if (frame % 2 === 0) learn(fdb, host(frame), 3);
      if (frame % 2 === 0) learn(fdb, host(1000 + frame), 4);
    }
    const before = copyAll(fdb, 0);
    const answers = () => [...offset.keys()].map((frame) => lookup(fdb, host(frame)));
    const answered = answers();
    fdb.preload(u16, offset, frames);
    expect(copyAll(fdb, 0)).toEqual(before);
    expect(answers()).toEqual(answered);
  });

  test('one address in two VLANs is two stations', () => {
    const fdb = makeFdb();
    fdb.learn(A.hi16, A.lo32, 1, 3, 0);
    fdb.learn(A.hi16, A.lo32, 4094, 5, 0);
    const ports = [0, 1, 4094].map((vlan) => fdb.lookup(A.hi16, A.lo32, vlan, 0));
    expect(ports).toEqual([NO_PORT, 3, 5]);
    expect(copyAll(fdb, 0).map(({ vlan }) => vlan)).toEqual(expect.arrayContaining([1, 4094]));
  });

  test.each([
    ['the first two bytes', { hi16: 0x0012, lo32: 1 }],
    ['the last byte', { hi16: 0x0002, lo32: 1 | (1 << 24) }],
    ['the highest bits', { hi16: 0xfe02, lo32: -1 }],
  ])('addresses that differ in %s are kept apart', (_, other) => {
    const fdb = makeFdb();
    learn(fdb, { hi16: 0x0002, lo32: 1 }, 1);
    learn(fdb, other, 2);
    expect([lookup(fdb, { hi16: 0x0002, lo32: 1 }), lookup(fdb, other)]).toEqual([1, 2]);
  });

  test('ports beyond 32 and up to the last are ordinary', () => {
    const fdb = makeFdb({ maxPorts: 65_536 });
    const ports = [0, 31, 32, 33, 300, 32_767, 32_768, 65_535];
    ports.forEach((port) => learn(fdb, host(port), port));
    expect(ports.map((port) => lookup(fdb, host(port)))).toEqual(ports);
    expect(copyAll(fdb, 0).map(({ port }) => port)).toEqual(expect.arrayContaining(ports));
  });

  test('with an ageing time of zero nothing is learned', () => {
    const fdb = makeFdb({ ageingMs: 0 });
    expect(learn(fdb, A, 1)).toBe(LearnResult.Refused);
    expect(lookup(fdb, A)).toBe(NO_PORT);
    addStatic(fdb, B, 2);
    expect(lookup(fdb, B)).toBe(2);
  });

  test('peek returns the same as lookup, and changes nothing', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    const usedAgoS = (): number | undefined => copyAll(fdb, 500)[0]?.usedAgoS;
    expect(fdb.peek(A.hi16, A.lo32, 0, 500)).toBe(1);
    expect(fdb.peek(B.hi16, B.lo32, 0, 500)).toBe(NO_PORT);
    expect(usedAgoS()).toBe(5);
    expect(lookup(fdb, A, 500)).toBe(1);
    expect(usedAgoS()).toBe(0);
  });

  // 497 days after the machine has started, and 248, where the sign changes.
  test.each([2 ** 32, 2 ** 31, 0])('counts on where the ticks wrap, at %d', (wrap) => {
    const fdb = makeFdb();
    addStatic(fdb, A, 1);
    const at = (ticks: number): number => (wrap + ticks) | 0;
    expect(lookup(fdb, A, at(-700))).toBe(1);
    const usedAgoS = [-700, -600, -1, 0, 1, 300, 10_000].map(
      (ticks) => copyAll(fdb, at(ticks))[0]?.usedAgoS,
    );
    // The age is up to 0.64 s more than the true one.
    const least = [0, 1, 6, 7, 7, 10, 107];
    usedAgoS.forEach((ago, index) => {
      expect((ago as number) - (least[index] as number)).toBeGreaterThanOrEqual(0);
      expect((ago as number) - (least[index] as number)).toBeLessThanOrEqual(1);
    });
  });
});

describe('ageing', () => {
  test.each([0, 1_000_000, 2 ** 31 - 5, -1, -AGEING_TICKS / 2])(
    'an entry lives for the ageing time, from tick %d on',
    (start) => {
      const fdb = makeFdb();
      const at = (ticks: number): number => (start + ticks) | 0;
      learn(fdb, A, 1, at(0));
      expect(lookup(fdb, A, at(AGEING_TICKS - 1))).toBe(1);
      expect(lookup(fdb, A, at(AGEING_TICKS))).toBe(NO_PORT);
      expect(fdb.peek(A.hi16, A.lo32, 0, at(AGEING_TICKS))).toBe(NO_PORT);
      expect(fdb.entries(at(AGEING_TICKS - 1))).toHaveLength(1);
      expect(fdb.entries(at(AGEING_TICKS))).toEqual([]);
    },
  );

  test('is delayed by frames from the station, and not by frames to it', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    learn(fdb, A, 1, 20_000);
    expect(lookup(fdb, A, 49_999)).toBe(1);
    expect(lookup(fdb, A, 50_000)).toBe(NO_PORT);
  });

  test('a station heard again after its time is learned anew, and found in the same tick', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    expect(lookup(fdb, A, AGEING_TICKS)).toBe(NO_PORT);
    expect(learn(fdb, A, 1, AGEING_TICKS)).toBe(LearnResult.Learned);
    expect(lookup(fdb, A, AGEING_TICKS)).toBe(1);
    expectCounts(fdb, { 1: 1 });
  });

  test('a station heard on another port after its time has not moved', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    expect(learn(fdb, A, 2, AGEING_TICKS)).toBe(LearnResult.Learned);
    expect(lookup(fdb, A, AGEING_TICKS)).toBe(2);
    expectCounts(fdb, { 1: 0, 2: 1 });
  });

  test('the sweep frees and reports expired entries, and no others', () => {
    const fdb = makeFdb();
    for (let index = 0; index < 100; index++) learn(fdb, host(index), index % 4, index);
    addStatic(fdb, host(1_000), 0);
    const freed: number[] = [];
    const nowTicks = AGEING_TICKS + 49;
    const count = fdb.sweep(fdb.slots * 2, nowTicks, (hi16, lo32, vlan, port) => {
      expect([hi16, vlan, port]).toEqual([0x0002, 0, lo32 % 4]);
      freed.push(lo32);
    });
    expect(count).toBe(50);
    expect(freed.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expectCounts(fdb, { 0: 12, 1: 12, 2: 13, 3: 13 });
    expect(fdb.staticCount).toBe(1);
  });

  test('the sweep comes around in pieces', () => {
    const fdb = makeFdb();
    for (let index = 0; index < 900; index++) learn(fdb, host(index), 1, 0);
    let freed = 0;
    // The sweep reads a slot again after it has freed it.
    for (let piece = 0; piece < fdb.slots + 900; piece += 64) freed += fdb.sweep(64, AGEING_TICKS);
    expect(freed).toBe(900);
    expectCounts(fdb, { 1: 0 });
  });

  test('a whole pass of the sweep finds for how long no entry expires', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 100);
    learn(fdb, B, 1, 300);
    addStatic(fdb, host(7), 2);
    expect(fdb.calmTicks(400)).toBe(0);
    fdb.sweep(fdb.slots, 400);
    expect(fdb.calmTicks(400)).toBe(AGEING_TICKS - 300);
    // A station that is heard again expires later, which the next pass finds.
    learn(fdb, A, 1, 500);
    expect(fdb.calmTicks(500)).toBe(AGEING_TICKS - 400);
    expect(fdb.calmTicks(AGEING_TICKS + 100)).toBe(0);
    fdb.sweep(fdb.slots, AGEING_TICKS + 100);
    expect(fdb.calmTicks(AGEING_TICKS + 100)).toBe(200);
  });

  test('a new ageing time begins a new search for the entry that expires first', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    fdb.sweep(fdb.slots, 0);
    expect(fdb.calmTicks(0)).toBe(AGEING_TICKS);
    fdb.setAgeing(1_000);
    expect(fdb.calmTicks(0)).toBe(0);
  });

  test('a new ageing time holds for the entries that are there', () => {
    const fdb = makeFdb();
    learn(fdb, A, 1, 0);
    expect(lookup(fdb, A, 2_000)).toBe(1);
    fdb.setAgeing(10_000);
    expect(lookup(fdb, A, 2_000)).toBe(NO_PORT);
    fdb.setAgeing(1_000_000_000);
    expect(lookup(fdb, A, 99_999_999)).toBe(1);
  });
});

describe('static and sticky entries', () => {
  test('a static entry neither ages nor moves', () => {
    const fdb = makeFdb();
    expect(addStatic(fdb, A, 1, 0)).toBe(true);
    expect(learn(fdb, A, 2, 5)).toBe(LearnResult.Refused);
    expect(learn(fdb, A, 1, 5)).toBe(LearnResult.Refreshed);
    expect(lookup(fdb, A, 10 * AGEING_TICKS)).toBe(1);
    expect(fdb.sweep(2 * fdb.slots, 10 * AGEING_TICKS)).toBe(0);
    expect(fdb.entries(10 * AGEING_TICKS)).toMatchObject([{ isStatic: true, isSticky: false }]);
    expectCounts(fdb, { 1: 0, 2: 0 });
  });

  test('a sticky entry ages, and does not move', () => {
    const fdb = makeFdb();
    fdb.addSticky(A.hi16, A.lo32, 0, 1, 0);
    expect(learn(fdb, A, 2, 5)).toBe(LearnResult.Refused);
    expect(learn(fdb, A, 1, 5)).toBe(LearnResult.Refreshed);
    expect(fdb.entries(5)).toMatchObject([{ isStatic: false, isSticky: true, updatedAgoMs: 0 }]);
    expect(lookup(fdb, A, AGEING_TICKS + 4)).toBe(1);
    expect(lookup(fdb, A, AGEING_TICKS + 5)).toBe(NO_PORT);
    expectCounts(fdb, { 1: 1, 2: 0 });
  });

  test.each([
    ['before', 0],
    ['after', 2],
  ])('an expired sticky entry does not hold its station, %s the sweep', (_, rounds) => {
    const fdb = makeFdb();
    fdb.addSticky(A.hi16, A.lo32, 0, 1, 0);
    fdb.addSticky(B.hi16, B.lo32, 0, 1, 0);
    fdb.sweep(rounds * fdb.slots, AGEING_TICKS);
    expect(learn(fdb, A, 2, AGEING_TICKS)).toBe(LearnResult.Learned);
    expect(lookup(fdb, A, AGEING_TICKS)).toBe(2);
    // A station that is heard again on its former port is learned as any other, too.
    expect(learn(fdb, B, 1, AGEING_TICKS)).toBe(LearnResult.Learned);
    expect(learn(fdb, B, 2, AGEING_TICKS + 1)).toBe(LearnResult.Moved);
    expectCounts(fdb, { 1: 0, 2: 2 });
    expect(fdb.entries(AGEING_TICKS + 1).map(({ isSticky }) => isSticky)).toEqual([false, false]);
  });

  test('each replaces the former entry of the address', () => {
    const fdb = makeFdb();
    const now = (): [string, number][] =>
      copyAll(fdb, 0).map((entry) => [
        entry.isStatic ? 'static' : entry.isSticky ? 'sticky' : 'learned',
        entry.port,
      ]);
    learn(fdb, A, 1);
    addStatic(fdb, A, 2);
    expect(now()).toEqual([['static', 2]]);
    expect([fdb.dynamicCount, fdb.staticCount]).toEqual([0, 1]);
    addStatic(fdb, A, 3);
    expect(now()).toEqual([['static', 3]]);
    expect([fdb.dynamicCount, fdb.staticCount]).toEqual([0, 1]);
    fdb.addSticky(A.hi16, A.lo32, 0, 4, 0);
    expect(now()).toEqual([['sticky', 4]]);
    expect([fdb.dynamicCount, fdb.staticCount]).toEqual([1, 0]);
    expect(fdb.remove(A.hi16, A.lo32, 0)).toBe(true);
    expect(fdb.remove(A.hi16, A.lo32, 0)).toBe(false);
    expect(now()).toEqual([]);
  });

  test('a full table takes MAX_STATIC static entries, and no more', () => {
    const fdb = makeFdb({ maxDynamic: 500 });
    for (let index = 0; index < 600; index++) learn(fdb, host(index), 1);
    for (let index = 0; index < MAX_STATIC; index++) {
      expect(addStatic(fdb, host(10_000 + index), 2)).toBe(true);
    }
    expect(addStatic(fdb, host(1), 2)).toBe(false);
    expect(addStatic(fdb, A, 2)).toBe(false);
    expect([fdb.dynamicCount, fdb.staticCount]).toEqual([500, MAX_STATIC]);
    // An entry that is there can still be changed.
    expect(addStatic(fdb, host(10_000), 7)).toBe(true);
    expect(lookup(fdb, host(10_000))).toBe(7);
    for (let index = 0; index < 10_000; index++) learn(fdb, host(100_000 + index), 3);
    expect([fdb.dynamicCount, fdb.staticCount]).toEqual([500, MAX_STATIC]);
    expect(lookup(fdb, host(10_000 + MAX_STATIC - 1))).toBe(2);
  });
});

describe('forgetting', () => {
  function filled(): Fdb {
    const fdb = makeFdb();
    for (let index = 0; index < 800; index++) learn(fdb, host(index), index % 3);
    for (let index = 0; index < 30; index++) addStatic(fdb, host(5_000 + index), index % 3);
    fdb.addSticky(0x0002, 9_000, 0, 1, 0);
    return fdb;
  }

  test('flushPort: the learned and sticky entries of that port, no static ones', () => {
    const fdb = filled();
    expect(fdb.flushPort(1)).toBe(268);
    expectCounts(fdb, { 0: 267, 1: 0, 2: 266 });
    expect(fdb.staticCount).toBe(30);
    expect(lookup(fdb, host(1))).toBe(NO_PORT);
    expect(lookup(fdb, host(2))).toBe(2);
    expect(lookup(fdb, host(5_001))).toBe(1);
    expect(fdb.flushPort(1)).toBe(0);
  });

  test('forgetPort: all entries of that port', () => {
    const fdb = filled();
    expect(fdb.forgetPort(1)).toBe(278);
    expectCounts(fdb, { 0: 267, 1: 0, 2: 266 });
    expect(fdb.staticCount).toBe(20);
    expect(lookup(fdb, host(5_001))).toBe(NO_PORT);
    expect(lookup(fdb, host(5_002))).toBe(2);
  });

  test('flush: all learned entries', () => {
    const fdb = filled();
    expect(fdb.flush()).toBe(801);
    expectCounts(fdb, { 0: 0, 1: 0, 2: 0 });
    expect(fdb.staticCount).toBe(30);
  });
});

describe('an empty table', () => {
  /** RFC 2889, 5.7: addresses up to the capacity, all on one port. Each is known afterwards. */
  test.each([
    ['one after the other', (index: number): MacWords => host(index)],
    ['far apart', (index: number): MacWords => ({ hi16: 2, lo32: Math.imul(index, 0x9e3779b1) })],
  ])('learns as many addresses as it has room for, %s', (_, address) => {
    const maxDynamic = 65_536;
    const fdb = makeFdb({ maxDynamic });
    for (let index = 0; index < maxDynamic; index++) learn(fdb, address(index), 1);
    let known = 0;
    for (let index = 0; index < maxDynamic; index++) known += lookup(fdb, address(index));
    expect(known).toBe(maxDynamic);
    expect(fdb.crowdedCount).toBe(0);
    expectCounts(fdb, { 1: maxDynamic });
    expect(learn(fdb, address(maxDynamic), 1)).toBe(LearnResult.Learned);
    expect(fdb.crowdedCount).toBe(1);
    expectCounts(fdb, { 1: maxDynamic });
  });
});

test.each([
  { maxDynamic: 0 },
  { maxDynamic: -1 },
  { maxDynamic: 1.5 },
  { maxDynamic: Number.NaN },
  { maxDynamicPerPort: 0 },
  { maxDynamicPerPort: Number.NaN },
])('a table of %j cannot be made', (options) => {
  expect(() => makeFdb(options)).toThrow(RangeError);
});

describe('the table', () => {
  test('closes the gap in a run that wraps around the end', () => {
    const hosts = collidingHosts(24, 2);
    for (let victim = 0; victim < hosts.length; victim++) {
      const fdb = makeFdb();
      hosts.forEach((mac, index) => learn(fdb, mac, index));
      const { hi16, lo32 } = hosts[victim] as MacWords;
      fdb.remove(hi16, lo32, 0);
      const found = hosts.map((mac) => lookup(fdb, mac));
      expect(found).toEqual(hosts.map((_, index) => (index === victim ? NO_PORT : index)));
      expect(copyAll(fdb, 0)).toHaveLength(hosts.length - 1);
    }
  });

  test('is empty again, slot by slot, when all learned entries are gone', () => {
    const hosts = [...collidingHosts(24, 2), ...Array.from({ length: 900 }, (_, i) => host(i))];
    const fdb = makeFdb();
    hosts.forEach((mac, index) => learn(fdb, mac, index % 64));
    // The entries are removed in another order than they were added.
    const third = hosts.reverse().filter((_, index) => index % 3 === 0);
    expect(third.map(({ hi16, lo32 }) => fdb.remove(hi16, lo32, 0))).not.toContain(false);
    for (let port = 0; port < 64; port++) fdb.flushPort(port);
    expect(occupancy(fdb)).toEqual([false]);
    expect(fdb.dynamicCount).toBe(0);
  });

  test.each([1_000, 65_536, 100_000])('costs at most 32 bytes an entry: %d entries', (count) => {
    const fdb = makeFdb({ maxDynamic: count });
    expect(fdb.sizeBytes / (count + MAX_STATIC)).toBeLessThanOrEqual(32);
  });

  // Addresses of real hosts, and addresses that an attacker would choose for the table's size.
  const RANGES: readonly [string, (index: number) => MacWords][] = [
    ['counted in the last bytes', (index) => ({ hi16: 2, lo32: swapBytes(index) })],
    [
      'counted in the first bytes',
      (index) => ({ hi16: 2 | ((index & 255) << 8), lo32: index >> 8 }),
    ],
    ['multiples of 65,536', (index) => ({ hi16: 2, lo32: Math.imul(index, 65_536) })],
    ['multiples of the number of slots', (index) => ({ hi16: 2, lo32: Math.imul(index, 83_200) })],
    ['one in each of 2^n', (index) => ({ hi16: 2 | ((index >> 6) << 8), lo32: 1 << (index & 31) })],
  ];

  test.each(RANGES)('spreads addresses %s', (_, hostOf) => {
    for (const seed of [0, 1, 0x12345678, -1]) {
      const fdb = makeFdb({ maxDynamic: 10_000, seed });
      const count = 5_000;
      for (let index = 0; index < count; index++) learn(fdb, hostOf(index), 1);
      // At a load of 40 %, a run of 64 slots hardly ever happens with a good hash.
      expect(longestRun(occupancy(fdb))).toBeLessThan(64);
    }
  });

  test('has another order with another seed: collisions cannot be chosen without the seed', () => {
    const hosts = collidingHosts(24, 2, { seed: 1 });
    const runs = [1, 2].map((seed) => {
      const fdb = makeFdb({ seed });
      hosts.forEach((mac) => learn(fdb, mac, 1));
      return longestRun(occupancy(fdb));
    });
    expect(runs[0]).toBeGreaterThanOrEqual(20);
    expect(runs[1]).toBeLessThan(8);
  });
});

function swapBytes(value: number): number {
  return (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >>> 24);
}

/** Of slots that are taken, around the end of the table. */
