/**
 * An entry of the forwarding database: four words of the table's one typed array, and the decoded form for
 * people.
 *
 * Sources: IEEE 802.1Q-2022 8.8 (contents of the database); the keys of `bridge -s -j fdb show`
 * (iproute2, bridge/fdb.c) for the decoded form.
 */

import { TICK_MS, ticksSince } from '../../frame/time';
import { formatMac } from '../../wire/mac';
import { i32At } from '../../wire/read';

/**
 * Layout of an entry. A module that reads entries copies the constants that it needs into its own
 * constants: V8 folds a constant of the same module, and loads an imported one at each use.
 */
export const LAYOUT = {
  /** Word with bytes 2 to 5 of the address. */
  LO32: 0,
  /** Word with hi16 | vlan << 16 | flags. Zero means that the slot is empty. */
  KEY: 1,
  /** Word with the ticks at the time when the station was last heard. */
  UPDATED: 2,
  /** Word with port | (time of the last forwarding decision by this entry, see `usedUnits`) << 16. */
  PORT: 3,
  /** Words of an entry. */
  ENTRY_WORDS: 4,

  /** Flag in KEY: the slot holds an entry. */
  IN_USE: 1 << 28,
  /** Flag in KEY: the entry neither ages nor moves. */
  STATIC: 1 << 29,
  /** Flag in KEY: the entry ages and does not move. */
  STICKY: 1 << 30,
  /** Flag in KEY, its sign: the station waits for authorisation. The entry ages, and decides nothing. */
  LOCKED: 1 << 31,
  /** Bits of KEY that identify the station. */
  KEY_MASK: 0x1fffffff,
  /** Bits of PORT that hold the port. */
  PORT_MASK: 0xffff,
} as const;

const { LO32, KEY, UPDATED, PORT, ENTRY_WORDS, STATIC, STICKY, LOCKED, PORT_MASK } = LAYOUT;

const TICKS_PER_SECOND = 1000 / TICK_MS;
/** Unit of `used`, in bits of ticks: 0.64 s. It is a power of two, so that it counts on when ticks wrap. */
const USED_UNIT_BITS = 6;
const USED_UNIT_TICKS = 1 << USED_UNIT_BITS;
/** Time after which `used` starts again: 11 hours and 39 minutes. */
const USED_MODULO_TICKS = USED_UNIT_TICKS << 16;

export interface FdbEntry {
  readonly mac: string;
  readonly vlan: number;
  readonly port: number;
  readonly isStatic: boolean;
  readonly isSticky: boolean;
  /** Whether the station waits for authorisation (MAB): no frame passes from it, and none is sent to it. */
  readonly isLocked: boolean;
  /** Milliseconds since the station was last heard. */
  readonly updatedAgoMs: number;
  /** Seconds since the entry last decided the port of a frame, modulo 11.6 hours. */
  readonly usedAgoS: number;
}

/** Decodes the words of entries from a copy (`copy.ts`). */
export function decodeEntries(words: Int32Array, nowTicks: number): FdbEntry[] {
  const entries: FdbEntry[] = [];
  for (let at = 0; at + ENTRY_WORDS <= words.length; at += ENTRY_WORDS) {
    const key = i32At(words, at + KEY);
    const port = i32At(words, at + PORT);
    entries.push({
      mac: formatMac(key & 0xffff, i32At(words, at + LO32)),
      vlan: (key >>> 16) & 0xfff,
      port: port & PORT_MASK,
      isStatic: (key & STATIC) !== 0,
      isSticky: (key & STICKY) !== 0,
      isLocked: (key & LOCKED) !== 0,
      updatedAgoMs: ticksSince(nowTicks, i32At(words, at + UPDATED)) * TICK_MS,
      usedAgoS: usedAgoSeconds(port >>> 16, nowTicks),
    });
  }
  return entries;
}

/** Whether an entry has not expired. A look-up ignores an expired one, swept or not. */
export function isAlive({ isStatic, updatedAgoMs }: FdbEntry, ageingMs: number): boolean {
  return isStatic || updatedAgoMs < ageingMs;
}

/** Time of a use in stored form: units of 0.64 s, modulo 2^16. */
export function usedUnits(ticks: number): number {
  return (ticks >>> USED_UNIT_BITS) & 0xffff;
}

/** Whole seconds since the start of the unit in which the entry was used. */
function usedAgoSeconds(units: number, nowTicks: number): number {
  const ago = (nowTicks - units * USED_UNIT_TICKS) & (USED_MODULO_TICKS - 1);
  return Math.floor(ago / TICKS_PER_SECOND);
}
