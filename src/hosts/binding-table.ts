/**
 * Table of bindings of an IP address to a station: (address, VLAN) → MAC and port. The owners of the tables
 * (`neighbours.ts`, `leases.ts`) decide the meaning and the lifetime of a binding.
 *
 * Layout. Columns of typed arrays. An entry is an index, which does not change while the entry lives. A
 * seeded hash with chains finds the entries. All memory is allocated at the start.
 *
 * Eviction. A new entry in a full table replaces an entry of the port that has most, or of its own port if
 * that has as many. The entry that was heard longest ago is evicted. So a port within its fair share loses
 * nothing to a port above it. Static entries have their own room. They do not count, and are never evicted.
 */

import { i32At, u16At } from '../wire/read';
import { type IpKey, hashIpKey, isIpKeyAt } from '../wire/ip-key';

export const NO_ENTRY = -1;
/** Port of a static entry whose station may be behind any port. */
export const ANY_PORT = -1;

/** Maximum number of static entries, besides the others. */
export const MAX_STATIC = 1024;

const DEFAULT_MAX_ENTRIES = 8_192;
const DEFAULT_MAX_PORTS = 1_024;
const KEY_WORDS = 4;
const END = -1;
/** Value of `previous` for an entry that is in no port's list. */
const UNLISTED = -2;

export interface TableSize {
  /** Maximum number of entries that are not static. */
  readonly maxEntries: number;
  /** Highest port id, plus one. */
  readonly maxPorts: number;
  /** Seed of the hash: any 32-bit number that the hosts do not know. */
  readonly seed: number;
}

export class BindingTable {
  /** Maximum number of entries, static ones included: the length of every column. */
  readonly capacity: number;
  readonly vlan: Uint16Array;
  readonly hi16: Uint16Array;
  readonly lo32: Int32Array;
  readonly port: Int32Array;
  /** Time at which the station was last heard to use the address, milliseconds. */
  readonly heardMs: Float64Array;
  /** Time of the entry's next event, milliseconds. It belongs to the owner of the table. */
  readonly dueMs: Float64Array;
  /** One more than the highest entry that was ever in use. Searches stop there. */
  ceiling = 0;

  private readonly keys: Int32Array;
  private readonly used: Uint8Array;
  private readonly chain: Int32Array;
  private readonly buckets: Int32Array;
  private readonly seed: number;
  /** Oldest entry of each port. A port's entries are a list in the order in which they were heard. */
  private readonly oldest: Int32Array;
  private readonly newest: Int32Array;
  private readonly previous: Int32Array;
  private readonly next: Int32Array;
  private readonly perPort: Int32Array;
  private readonly maxEntries: number;
  private free = END;
  private listedTotal = 0;
  private staticTotal = 0;

  constructor({
    maxEntries = DEFAULT_MAX_ENTRIES,
    maxPorts = DEFAULT_MAX_PORTS,
    seed = 0,
  }: Partial<TableSize>) {
    const capacity = maxEntries + MAX_STATIC;
    this.capacity = capacity;
    this.maxEntries = maxEntries;
    this.vlan = new Uint16Array(capacity);
    this.hi16 = new Uint16Array(capacity);
    this.lo32 = new Int32Array(capacity);
    this.port = new Int32Array(capacity);
    this.heardMs = new Float64Array(capacity);
    this.dueMs = new Float64Array(capacity);
    this.keys = new Int32Array(capacity * KEY_WORDS);
    this.used = new Uint8Array(capacity);
    this.chain = new Int32Array(capacity);
    this.buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2))).fill(END);
    this.seed = seed | 0;
    this.oldest = new Int32Array(maxPorts).fill(END);
    this.newest = new Int32Array(maxPorts).fill(END);
    this.previous = new Int32Array(capacity);
    this.next = new Int32Array(capacity);
    this.perPort = new Int32Array(maxPorts);
  }

  /** Number of entries, static ones included. */
  get count(): number {
    return this.listedTotal + this.staticTotal;
  }

  /** Number of entries of one port, without static ones. */
  countOn(port: number): number {
    return this.perPort[port] ?? 0;
  }

  isUsed(entry: number): boolean {
    return this.used[entry] === 1;
  }

  isStatic(entry: number): boolean {
    return this.previous[entry] === UNLISTED;
  }

  find(key: IpKey, vlan: number): number {
    let entry = i32At(this.buckets, this.bucketOf(key, 0, vlan));
    while (entry !== END && !this.isKey(entry, key, vlan)) entry = i32At(this.chain, entry);
    return entry;
  }

  /** Copies the address of an entry. */
  readKey(entry: number, key: IpKey): void {
    for (let word = 0; word < KEY_WORDS; word++) {
      key[word] = i32At(this.keys, entry * KEY_WORDS + word);
    }
  }

  /** Adds an entry for a new key. If the table is full, it evicts another. */
  insert(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): number {
    if (this.listedTotal >= this.maxEntries) {
      this.remove(i32At(this.oldest, this.heaviest(port)));
    }
    const entry = this.take(key, vlan, hi16, lo32, port, nowMs);
    this.append(entry, port);
    return entry;
  }

  /** Whether the table has no room for another static entry. */
  get isStaticFull(): boolean {
    return this.staticTotal >= MAX_STATIC;
  }

  /** Adds a static entry for a new key. The caller has checked `isStaticFull`. */
  insertStatic(key: IpKey, vlan: number, hi16: number, lo32: number, port: number): number {
    const entry = this.take(key, vlan, hi16, lo32, port, -Infinity);
    this.previous[entry] = UNLISTED;
    this.staticTotal++;
    return entry;
  }

  /** Notes that the station of an entry was heard, behind `port`. */
  touch(entry: number, port: number, nowMs: number): void {
    this.heardMs[entry] = nowMs;
    if (this.isStatic(entry)) return;
    this.unlink(entry);
    this.port[entry] = port;
    this.append(entry, port);
  }

  remove(entry: number): void {
    this.unchain(entry);
    if (this.isStatic(entry)) this.staticTotal--;
    else this.unlink(entry);
    this.used[entry] = 0;
    this.chain[entry] = this.free;
    this.free = entry;
  }

  /** Calls `visit` for each entry. `visit` may remove that entry. */
  forEach(visit: (entry: number) => void): void {
    for (let entry = 0; entry < this.ceiling; entry++) if (this.isUsed(entry)) visit(entry);
  }

  private take(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): number {
    let entry = this.free;
    if (entry === END) entry = this.ceiling++;
    else this.free = i32At(this.chain, entry);
    this.keys.set(key, entry * KEY_WORDS);
    this.vlan[entry] = vlan;
    this.hi16[entry] = hi16;
    this.lo32[entry] = lo32;
    this.port[entry] = port;
    this.heardMs[entry] = nowMs;
    this.dueMs[entry] = Infinity;
    this.used[entry] = 1;
    const bucket = this.bucketOf(key, 0, vlan);
    this.chain[entry] = i32At(this.buckets, bucket);
    this.buckets[bucket] = entry;
    return entry;
  }

  private unchain(entry: number): void {
    const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, u16At(this.vlan, entry));
    if (this.buckets[bucket] === entry) {
      this.buckets[bucket] = i32At(this.chain, entry);
      return;
    }
    let before = i32At(this.buckets, bucket);
    while (this.chain[before] !== entry) before = i32At(this.chain, before);
    this.chain[before] = i32At(this.chain, entry);
  }

  /** Appends an entry to its port's list, as the newest one. */
  private append(entry: number, port: number): void {
    const last = i32At(this.newest, port);
    this.previous[entry] = last;
    this.next[entry] = END;
    if (last === END) this.oldest[port] = entry;
    else this.next[last] = entry;
    this.newest[port] = entry;
    this.perPort[port] = i32At(this.perPort, port) + 1;
    this.listedTotal++;
  }

  private unlink(entry: number): void {
    const port = i32At(this.port, entry);
    const before = i32At(this.previous, entry);
    const after = i32At(this.next, entry);
    if (before === END) this.oldest[port] = after;
    else this.next[before] = after;
    if (after === END) this.newest[port] = before;
    else this.previous[after] = before;
    this.perPort[port] = i32At(this.perPort, port) - 1;
    this.listedTotal--;
  }

  /** Port with most entries; `port` itself if no other has more. */
  private heaviest(port: number): number {
    let heaviest = port;
    for (let other = 0; other < this.perPort.length; other++) {
      if (i32At(this.perPort, other) > i32At(this.perPort, heaviest)) heaviest = other;
    }
    return heaviest;
  }

  private isKey(entry: number, key: IpKey, vlan: number): boolean {
    return isIpKeyAt(this.keys, entry * KEY_WORDS, key) && this.vlan[entry] === vlan;
  }

  private bucketOf(words: Int32Array, at: number, vlan: number): number {
    return hashIpKey(words, at, this.seed ^ vlan) & (this.buckets.length - 1);
  }
}
