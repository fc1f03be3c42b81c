/**
 * Table keys for IP addresses of both families: four signed 32-bit words in memory order. An IPv4
 * address is stored as an IPv4-mapped address (::ffff:192.0.2.1; RFC 4291 2.5.5.2).
 *
 * The frame path owns one key and sets it for each frame, so that it makes no object per frame.
 */

import { getI32, putI32 } from './ethernet';
import { formatIpv4 } from './ipv4';
import { formatIpv6 } from './ipv6';
import { type MacWords, macToBytes } from './mac';
import { i32At } from './read';

export type IpKey = Int32Array;

const WORDS = 4;
const WORD_BYTES = 4;
/** Bytes 8 to 11 of an IPv4-mapped address: 00 00 ff ff. */
const MAPPED_WORD = 0xffff0000 | 0;

export function newIpKey(): IpKey {
  return new Int32Array(WORDS);
}

/** Sets a key from an IPv4 address in the form of `ipv4.ts`. */
export function setIpv4Key(key: IpKey, address: number): void {
  key[0] = 0;
  key[1] = 0;
  key[2] = MAPPED_WORD;
  key[3] = swapBytes(address);
}

/** Sets a key from the 16 bytes at arena offset `at`. */
export function setIpv6Key(key: IpKey, u8: Uint8Array, at: number): void {
  for (let word = 0; word < WORDS; word++) key[word] = wordAt(u8, at + word * WORD_BYTES);
}

/** Whether two keys are of one address. */
export function isSameIpKey(one: IpKey, other: IpKey): boolean {
  return one[3] === other[3] && one[2] === other[2] && one[1] === other[1] && one[0] === other[0];
}

/** Whether the words of a table from `at` on are those of a key. */
export function isIpKeyAt(words: Int32Array, at: number, key: IpKey): boolean {
  return (
    words[at + 3] === key[3] &&
    words[at + 2] === key[2] &&
    words[at + 1] === key[1] &&
    words[at] === key[0]
  );
}

/**
 * Hash of the key in the words from `at` on. It multiplies and shifts each word, as murmur3 does, and starts
 * with the seed: whoever does not know the seed cannot make keys collide.
 * @returns 32 bits, signed
 */
export function hashIpKey(words: Int32Array, at: number, seed: number): number {
  let hash = seed;
  for (let word = at; word < at + WORDS; word++) {
    hash = Math.imul(hash ^ i32At(words, word), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Order of two addresses of one family, as numbers: negative if `one` is the lower. */
export function compareIpKeys(one: IpKey, other: IpKey): number {
  for (let word = 0; word < WORDS; word++) {
    const difference = (swapBytes(i32At(one, word)) >>> 0) - (swapBytes(i32At(other, word)) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Writes the 16 bytes of an address at arena offset `at`. */
export function putIpv6Key(u8: Uint8Array, at: number, key: IpKey): void {
  for (let word = 0; word < WORDS; word++) {
    putI32(u8, at + word * WORD_BYTES, swapBytes(i32At(key, word)));
  }
}

/** The IPv4 address in a key that holds an IPv4 address. */
export function ipv4OfKey(key: IpKey): number {
  return swapBytes(i32At(key, 3));
}

/** fe80:: and the interface identifier that a MAC makes: RFC 4291 appendix A. */
export function linkLocalKey({ hi16, lo32 }: MacWords): IpKey {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToBytes(hi16, lo32);
  return ipKeyOf([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
}

/** A key from 4 or 16 bytes in wire order. */
export function ipKeyOf(bytes: ArrayLike<number>): IpKey {
  const key = newIpKey();
  const isIpv4 = bytes.length === 4;
  if (isIpv4) key[2] = MAPPED_WORD;
  new Uint8Array(key.buffer).set(bytes, isIpv4 ? 12 : 0);
  return key;
}

/** `192.0.2.1` or `2001:db8::1`. */
export function formatIpKey(key: IpKey): string {
  const isIpv4 = key[0] === 0 && key[1] === 0 && key[2] === MAPPED_WORD;
  return isIpv4
    ? formatIpv4(ipv4OfKey(key))
    : formatIpv6(new Uint8Array(key.buffer, key.byteOffset, 16));
}

/** The word at arena offset `at`, in memory order. */
function wordAt(u8: Uint8Array, at: number): number {
  return swapBytes(getI32(u8, at));
}

function swapBytes(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
