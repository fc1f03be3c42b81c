/**
 * Reads an FDB as the control plane does, by copying its slots. The copy shows the slot of each entry,
 * so that a test can choose addresses that collide.
 */

import { expect } from '@jest/globals';
import { type FdbEntry, decodeEntries } from '../../src/l2/fdb/entry';
import { Fdb, type FdbOptions, type LearnResult } from '../../src/l2/fdb/table';
import { type MacWords, parseMac } from '../../src/wire/mac';

/** MAC address 02:00:xx:xx:xx:xx from a 32-bit number. */
export function host(index: number): MacWords {
  return { hi16: 0x0002, lo32: index | 0 };
}

export function makeFdb(options: Partial<FdbOptions> = {}): Fdb {
  return new Fdb({
    ageingMs: 300_000,
    maxDynamic: 1_000,
    maxDynamicPerPort: Number.POSITIVE_INFINITY,
    maxPorts: 64,
    seed: 0x5eed,
    ...options,
  });
}

export function learn(fdb: Fdb, { hi16, lo32 }: MacWords, port: number, nowTicks = 0): LearnResult {
  return fdb.learn(hi16, lo32, 0, port, nowTicks);
}

export function lookup(fdb: Fdb, { hi16, lo32 }: MacWords, nowTicks = 0): number {
  return fdb.lookup(hi16, lo32, 0, nowTicks);
}

export function addStatic(fdb: Fdb, { hi16, lo32 }: MacWords, port: number, nowTicks = 0): boolean {
  return fdb.addStatic(hi16, lo32, 0, port, nowTicks);
}

/** All entries in the table, expired ones included. */
export function copyAll(fdb: Fdb, nowTicks: number): FdbEntry[] {
  fdb.beginCopy();
  const entries: FdbEntry[] = [];
  for (;;) {
    const words = fdb.copySlots(fdb.slots);
    if (words === undefined) return entries;
    entries.push(...decodeEntries(words, nowTicks));
  }
}

/** Learned entries per port: the table's counts, and the entries counted here. */
export function expectCounts(fdb: Fdb, expected: Readonly<Record<number, number>>): void {
  const entries = copyAll(fdb, 0).filter(({ isStatic }) => !isStatic);
  for (const [port, count] of Object.entries(expected)) {
    expect(fdb.dynamicCountOn(Number(port))).toBe(count);
    expect(entries.filter((entry) => entry.port === Number(port))).toHaveLength(count);
  }
  const total = Object.values(expected).reduce((sum, count) => sum + count, 0);
  expect(fdb.dynamicCount).toBe(total);
  expect(entries).toHaveLength(total);
}

/** Whether each slot is taken. A copy skips regions without entries. */
export function occupancy(fdb: Fdb): boolean[] {
  return slotBySlot(fdb).map((words) => words.length > 0);
}

/** Slots of the longest run of taken ones; the last slot and the first are neighbours. */
export function longestRun(taken: readonly boolean[]): number {
  let longest = 0;
  let run = 0;
  for (const isTaken of [...taken, ...taken]) {
    run = isTaken ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return Math.min(longest, taken.length);
}

/**
 * Addresses that lie within `spread` slots of the table's end, on either side: together they make
 * one run that wraps around.
 */
export function collidingHosts(
  count: number,
  spread: number,
  options?: Partial<FdbOptions>,
): MacWords[] {
  // The table holds few entries at a time, so that each lies in the slot where its probing starts.
  const batch = 256;
  const hosts: MacWords[] = [];
  for (let first = 0; hosts.length < count; first += batch) {
    const fdb = makeFdb(options);
    for (let index = first; index < first + batch; index++) {
      const { hi16, lo32 } = host(Math.imul(index, 0x9e3779b1));
      fdb.addStatic(hi16, lo32, 0, 0, 0);
    }
    const slots = slotBySlot(fdb);
    const ends = [...slots.slice(-spread), ...slots.slice(0, spread)];
    const entries = ends.flatMap((words) => decodeEntries(words, 0));
    hosts.push(...entries.map(({ mac }) => wordsOf(mac)));
  }
  return hosts.slice(0, count);
}

/** Words that are copied of each slot. */
function slotBySlot(fdb: Fdb): Int32Array[] {
  fdb.beginCopy();
  const slots: Int32Array[] = [];
  for (let words = fdb.copySlots(1); words; words = fdb.copySlots(1)) slots.push(words);
  return slots;
}

function wordsOf(mac: string): MacWords {
  const words = parseMac(mac);
  if (words === undefined) throw new Error(`${mac} is no MAC address`);
  return words;
}
