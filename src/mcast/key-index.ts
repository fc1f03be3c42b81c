/**
 * Index of addresses: (VLAN, address) → a small number, which does not change while the address is held. It
 * grows by doubling up to its limit, and finds without making an object.
 *
 * The hash is seeded and has chains, as that of `hosts/binding-table.ts`, whose columns have a fixed size.
 */

import { type IpKey, hashIpKey, isIpKeyAt } from '../wire/ip-key';
import { i32At, u16At } from '../wire/read';
import { grownI32, grownU16 } from './grown';

export const NOT_HELD = -1;

const KEY_WORDS = 4;
const FIRST_CAPACITY = 16;
const END = -1;

export class KeyIndex {
  /** Number of addresses held. */
  count = 0;
  /** One more than the highest number that was ever in use. */
  ceiling = 0;
  /** Most addresses that it takes. */
  max: number;
  private readonly seed: number;
  private keys = new Int32Array(FIRST_CAPACITY * KEY_WORDS);
  private vlans = new Uint16Array(FIRST_CAPACITY);
  private chain = new Int32Array(FIRST_CAPACITY);
  private buckets = new Int32Array(2 * FIRST_CAPACITY).fill(END);
  private free = END;

  /** @param seed any 32-bit number that the hosts do not know */
  constructor(seed: number, max: number) {
    this.seed = seed | 0;
    this.max = max;
  }

  /** Most numbers for which there is memory now: columns that belong to them have this length. */
  get capacity(): number {
    return this.chain.length;
  }

  find(key: IpKey, vlan: number): number {
    let entry = i32At(this.buckets, this.bucketOf(key, 0, vlan));
    while (entry !== END && !this.isKey(entry, key, vlan)) entry = i32At(this.chain, entry);
    return entry;
  }

  /** Adds an address that is not held. @returns its number, or `NOT_HELD` if the index is full */
  add(key: IpKey, vlan: number): number {
    if (this.count >= this.max) return NOT_HELD;
    let entry = this.free;
    if (entry === END) {
      entry = this.ceiling++;
      if (entry === this.capacity) this.grow();
    } else {
      this.free = i32At(this.chain, entry);
    }
    this.keys.set(key, entry * KEY_WORDS);
    this.vlans[entry] = vlan;
    this.link(entry);
    this.count++;
    return entry;
  }

  remove(entry: number): void {
    const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, this.vlanOf(entry));
    if (this.buckets[bucket] === entry) {
      this.buckets[bucket] = i32At(this.chain, entry);
    } else {
      let before = i32At(this.buckets, bucket);
      while (this.chain[before] !== entry) before = i32At(this.chain, before);
      this.chain[before] = i32At(this.chain, entry);
    }
    this.chain[entry] = this.free;
    this.free = entry;
    this.count--;
  }

  vlanOf(entry: number): number {
    return u16At(this.vlans, entry);
  }

  readKey(entry: number, key: IpKey): void {
    const at = entry * KEY_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) key[word] = i32At(this.keys, at + word);
  }

  private grow(): void {
    const capacity = 2 * this.capacity;
    this.keys = grownI32(this.keys, capacity * KEY_WORDS);
    this.vlans = grownU16(this.vlans, capacity);
    this.chain = grownI32(this.chain, capacity);
    this.buckets = new Int32Array(2 * capacity).fill(END);
    // It grows only when every number is in use, but for the one that is being given away.
    for (let entry = 0; entry < this.ceiling - 1; entry++) this.link(entry);
  }

  private link(entry: number): void {
    const bucket = this.bucketOf(this.keys, entry * KEY_WORDS, this.vlanOf(entry));
    this.chain[entry] = i32At(this.buckets, bucket);
    this.buckets[bucket] = entry;
  }

  private isKey(entry: number, key: IpKey, vlan: number): boolean {
    return isIpKeyAt(this.keys, entry * KEY_WORDS, key) && this.vlans[entry] === vlan;
  }

  private bucketOf(words: Int32Array, at: number, vlan: number): number {
    return hashIpKey(words, at, this.seed ^ vlan) & (this.buckets.length - 1);
  }
}
