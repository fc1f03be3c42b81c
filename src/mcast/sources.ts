/**
 * Pool of sources: the addresses in the lists of memberships, chained. A source whose time is over is
 * blocked; a list that includes has no such source.
 */

import type { IpKey } from '../wire/ip-key';
import { i32At, u8At } from '../wire/read';
import { grownF64, grownI32, grownU8 } from './grown';

/** Bits of a source's flags. */
export const SourceFlag = {
  /** An operator made it, as an entry of its own: no report changes it. */
  ByHand: 1,
  /** For the steps of `records.ts` alone. */
  Marked: 2,
} as const;

export const NO_SOURCE = -1;
/** Value of `dueMs` of a source that is blocked. */
export const BLOCKED = 0;

/** Sources of one membership at most: PG_SRC_ENT_LIMIT in net/bridge/br_private.h is one more. */
export const MAX_SOURCES_EACH = 31;
/** Sources in all. Each may get an egress list of its own: 32 MB for 256 ports, if all differ. */
export const MAX_SOURCES = 32_768;

const FIRST_CAPACITY = 16;
const KEY_WORDS = 4;

export class Sources {
  count = 0;
  /** Time at which it is forwarded no longer, ms; `Infinity` for never, `BLOCKED` for one that is not. */
  dueMs = new Float64Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);
  /** Queries for it that are still to be sent. */
  asksLeft = new Uint8Array(FIRST_CAPACITY);
  next = new Int32Array(FIRST_CAPACITY);
  private keys = new Int32Array(FIRST_CAPACITY * KEY_WORDS);
  private ceiling = 0;
  private free = NO_SOURCE;

  constructor(readonly max = MAX_SOURCES) {}

  get isFull(): boolean {
    return this.count >= this.max;
  }

  /** Takes a source. The caller has checked `isFull`, and links it. */
  take(key: IpKey, dueMs: number): number {
    let source = this.free;
    if (source === NO_SOURCE) {
      source = this.ceiling++;
      if (source === this.next.length) this.grow();
    } else {
      this.free = i32At(this.next, source);
    }
    this.count++;
    this.keys.set(key, source * KEY_WORDS);
    this.dueMs[source] = dueMs;
    this.flags[source] = 0;
    this.asksLeft[source] = 0;
    this.next[source] = NO_SOURCE;
    return source;
  }

  release(source: number): void {
    this.next[source] = this.free;
    this.free = source;
    this.count--;
  }

  isForwarded(source: number): boolean {
    return this.dueMs[source] !== BLOCKED;
  }

  has(source: number, flag: number): boolean {
    return (u8At(this.flags, source) & flag) !== 0;
  }

  set(source: number, flag: number, isSet: boolean): void {
    const flags = u8At(this.flags, source);
    this.flags[source] = isSet ? flags | flag : flags & ~flag;
  }

  /** The source with this address in the chain that begins with `first`, or `NO_SOURCE`. */
  find(first: number, key: IpKey): number {
    let source = first;
    while (source !== NO_SOURCE && !this.isKey(source, key)) source = i32At(this.next, source);
    return source;
  }

  readKey(source: number, key: IpKey): void {
    const at = source * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) key[word] = i32At(this.keys, at + word);
  }

  private isKey(source: number, key: IpKey): boolean {
    const at = source * KEY_WORDS;
    return (
      this.keys[at + 3] === key[3] &&
      this.keys[at + 2] === key[2] &&
      this.keys[at + 1] === key[1] &&
      this.keys[at] === key[0]
    );
  }

  private grow(): void {
    const capacity = 2 * this.next.length;
    this.dueMs = grownF64(this.dueMs, capacity);
    this.flags = grownU8(this.flags, capacity);
    this.asksLeft = grownU8(this.asksLeft, capacity);
    this.next = grownI32(this.next, capacity);
    this.keys = grownI32(this.keys, capacity * KEY_WORDS);
  }
}
