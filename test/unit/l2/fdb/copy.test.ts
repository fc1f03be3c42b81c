/** A copy that is taken in pieces while the table changes. It has every entry that was there throughout. */

import { describe, expect, test } from '@jest/globals';
import { type FdbEntry, decodeEntries } from '../../../../src/l2/fdb/entry';
import { type Fdb, type FdbOptions, LearnResult } from '../../../../src/l2/fdb/table';
import { formatMac, type MacWords } from '../../../../src/wire/mac';
import { collidingHosts, copyAll, host, makeFdb, occupancy } from '../../../support/fdb-table';

/** One long run of the table, around its end. */
const RUN = collidingHosts(16, 2);

const nameOf = ({ hi16, lo32 }: MacWords): string => formatMac(hi16, lo32);

function learnAll(fdb: Fdb, hosts: readonly MacWords[], portOf: (index: number) => number): void {
  hosts.forEach(({ hi16, lo32 }, index) => fdb.learn(hi16, lo32, 0, portOf(index), 0));
}

/** The addresses in a copy whose first `slots` slots are taken before `change`, the rest after. */
function copyAround(fdb: Fdb, slots: number, change: () => void): string[] {
  fdb.beginCopy();
  const pieces = [fdb.copySlots(slots)];
  change();
  for (let words = fdb.copySlots(100); words !== undefined; words = fdb.copySlots(100)) {
    pieces.push(words);
  }
  return pieces
    .flatMap((words) => decodeEntries(words ?? new Int32Array(0), 0))
    .map(({ mac }) => mac);
}

/** Numbers of slots after which a copy has taken a part of the run. */
function cuts(options?: Partial<FdbOptions>): number[] {
  const fdb = makeFdb(options);
  learnAll(fdb, RUN, () => 1);
  return occupancy(fdb).flatMap((isTaken, slot) => (isTaken ? [slot + 1] : []));
}

describe('copySlots', () => {
  test('gives the whole table, in pieces of any size', () => {
    const fdb = makeFdb();
    for (let index = 0; index < 900; index++) fdb.learn(2, index, 0, index % 5, index);
    const whole = fdb.entries(1_000);
    for (const slots of [1, 7, 64, fdb.slots, fdb.slots + 1]) {
      fdb.beginCopy();
      const pieces: FdbEntry[][] = [];
      for (let words = fdb.copySlots(slots); words; words = fdb.copySlots(slots)) {
        pieces.push(decodeEntries(words, 1_000));
      }
      expect(pieces).toHaveLength(Math.ceil(fdb.slots / slots));
      expect(pieces.flat()).toEqual(whole);
    }
  });

  test('skips empty slots, and stops at the maximum number of entries', () => {
    const fdb = makeFdb();
    for (let index = 0; index < 900; index++) fdb.learn(2, index, 0, 1, 0);
    fdb.beginCopy();
    const sizes: number[] = [];
    for (let words = fdb.copySlots(fdb.slots, 250); words; words = fdb.copySlots(fdb.slots, 250)) {
      sizes.push(decodeEntries(words, 0).length);
    }
    expect(sizes).toEqual([250, 250, 250, 150]);
  });

  test('reads nothing of an empty table, and one page of a table with one entry', () => {
    const fdb = makeFdb({ maxDynamic: 60_000 });
    // A copy has at least one piece.
    expect(occupancy(fdb)).toEqual([false]);
    fdb.learn(2, 1, 0, 1, 0);
    expect(occupancy(fdb).length).toBeLessThanOrEqual(256);
    expect(occupancy(fdb).filter((isTaken) => isTaken)).toHaveLength(1);
  });

  test('ends with the last piece', () => {
    const fdb = makeFdb();
    for (let index = 0; index < 900; index++) fdb.learn(2, index, 0, 1, 0);
    expect(fdb.isBeingCopied).toBe(false);
    fdb.beginCopy();
    fdb.copySlots(fdb.slots - 1);
    expect(fdb.isBeingCopied).toBe(true);
    expect(fdb.copySlots(1)).toHaveLength(4 * Number(occupancy(fdb).at(-1)));
    expect(fdb.isBeingCopied).toBe(false);
  });

  test('gives nothing before a copy is begun, and nothing when it is complete', () => {
    const fdb = makeFdb();
    expect(fdb.copySlots(10)).toBeUndefined();
    fdb.beginCopy();
    expect(fdb.copySlots(fdb.slots)).toBeDefined();
    expect(fdb.copySlots(10)).toBeUndefined();
    expect(fdb.copySlots(10)).toBeUndefined();
  });

  test('starts anew when it is begun again', () => {
    const fdb = makeFdb();
    fdb.learn(2, 1, 0, 1, 0);
    fdb.beginCopy();
    fdb.copySlots(fdb.slots - 1);
    expect(copyAll(fdb, 0)).toHaveLength(1);
  });

  test('has all fields of an entry', () => {
    const fdb = makeFdb({ maxPorts: 65_536 });
    fdb.learn(0x1402, 0x01000000, 4_094, 65_535, 100);
    fdb.addSticky(0xfe02, -1, 1, 0, 150);
    fdb.addStatic(0x0002, 0, 0, 7, 0);
    fdb.lookup(0x1402, 0x01000000, 4_094, 300);
    expect(copyAll(fdb, 600)).toEqual(
      expect.arrayContaining([
        {
          mac: '02:14:00:00:00:01',
          vlan: 4_094,
          port: 65_535,
          isStatic: false,
          isSticky: false,
          isLocked: false,
          updatedAgoMs: 5_000,
          usedAgoS: 3,
        },
        {
          mac: '02:fe:ff:ff:ff:ff',
          vlan: 1,
          port: 0,
          isStatic: false,
          isSticky: true,
          isLocked: false,
          updatedAgoMs: 4_500,
          // Times are stored in units of 1.28 s, and three units have passed.
          usedAgoS: 4,
        },
        {
          mac: '02:00:00:00:00:00',
          vlan: 0,
          port: 7,
          isStatic: true,
          isSticky: false,
          isLocked: false,
          updatedAgoMs: 6_000,
          usedAgoS: 6,
        },
      ]),
    );
  });
});

describe('a copy around a change', () => {
  const CUTS = cuts();

  test('the run that is cut wraps around the end of the table', () => {
    const fdb = makeFdb();
    learnAll(fdb, RUN, () => 1);
    expect(Math.min(...CUTS)).toBe(1);
    expect(Math.max(...CUTS)).toBe(occupancy(fdb).length);
  });

  test('misses nothing when an entry is removed, at any position of the copy', () => {
    for (const cut of CUTS) {
      for (const gone of RUN) {
        const fdb = makeFdb();
        learnAll(fdb, RUN, () => 1);
        const copied = copyAround(fdb, cut, () => fdb.remove(gone.hi16, gone.lo32, 0));
        const stayed = RUN.filter((mac) => mac !== gone).map(nameOf);
        expect(copied).toEqual(expect.arrayContaining(stayed));
      }
    }
  });

  test('misses nothing when a port is flushed', () => {
    for (const cut of CUTS) {
      const fdb = makeFdb();
      learnAll(fdb, RUN, (index) => index % 2);
      const copied = copyAround(fdb, cut, () => fdb.flushPort(1));
      const stayed = RUN.filter((_, index) => index % 2 === 0).map(nameOf);
      expect(copied).toEqual(expect.arrayContaining(stayed));
    }
  });

  test('misses nothing when others are added', () => {
    for (const cut of CUTS) {
      const fdb = makeFdb();
      const [first, second] = [RUN.slice(0, 8), RUN.slice(8)];
      learnAll(fdb, first, () => 1);
      const copied = copyAround(fdb, cut, () => learnAll(fdb, second, () => 2));
      expect(copied).toEqual(expect.arrayContaining(first.map(nameOf)));
    }
  });

  test('misses no station that moves to a port where another is evicted for it', () => {
    for (const cut of CUTS) {
      for (let index = 1; index < RUN.length; index += 2) {
        const fdb = makeFdb({ maxDynamicPerPort: RUN.length / 2 });
        learnAll(fdb, RUN, (each) => each % 2);
        const moving = RUN[index] as MacWords;
        const copied = copyAround(fdb, cut, () => {
          expect(fdb.learn(moving.hi16, moving.lo32, 0, 0, 0)).toBe(LearnResult.Moved);
        });
        const stayed = copyAll(fdb, 0).map(({ mac }) => mac);
        expect(stayed).toHaveLength(RUN.length - 1);
        expect(copied).toEqual(expect.arrayContaining(stayed));
      }
    }
  });

  test('misses no station that a full table keeps', () => {
    for (const cut of cuts({ maxDynamic: RUN.length })) {
      const fdb = makeFdb({ maxDynamic: RUN.length });
      learnAll(fdb, RUN, (index) => index % 2);
      const copied = copyAround(fdb, cut, () => fdb.learn(2, 77, 0, 9, 0));
      const stayed = copyAll(fdb, 0).map(({ mac }) => mac);
      expect(stayed).toHaveLength(RUN.length);
      const throughout = stayed.filter((mac) => mac !== nameOf(host(77)));
      expect(copied).toEqual(expect.arrayContaining(throughout));
    }
  });
});
