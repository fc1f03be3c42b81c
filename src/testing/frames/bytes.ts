/** Fields of frames as bytes in wire order, from the text and numbers that a test has. */

import { parseIpAddress } from '../../wire/ip-text';
import { parseMac, macToBytes } from '../../wire/mac';

/** A payload: bytes as they are, or text in UTF-8. */
export type Payload = Uint8Array | string;

/** The checksum of a header: right unless given, wrong on request, or a number that is written as it is. */
export type ChecksumChoice = 'right' | 'wrong' | number;

/** @throws TypeError for text that is no MAC address */
export function macField(name: string, text: string): Uint8Array {
  const words = parseMac(text);
  if (words === undefined) throw new TypeError(`${name}: not a MAC address: ${text}`);
  return Uint8Array.from(macToBytes(words.hi16, words.lo32));
}

/**
 * @returns 4 or 16 bytes
 * @throws TypeError for text that is no IP address
 */
export function ipField(name: string, text: string): Uint8Array {
  const bytes = parseIpAddress(text);
  if (bytes === undefined) throw new TypeError(`${name}: not an IP address: ${text}`);
  return bytes;
}

/** @throws TypeError for an IPv6 address or other text */
export function ipv4Field(name: string, text: string): Uint8Array {
  const bytes = ipField(name, text);
  if (bytes.length !== 4) throw new TypeError(`${name}: not an IPv4 address: ${text}`);
  return bytes;
}

/** @throws TypeError for an IPv4 address or other text */
export function ipv6Field(name: string, text: string): Uint8Array {
  const bytes = ipField(name, text);
  if (bytes.length !== 16) throw new TypeError(`${name}: not an IPv6 address: ${text}`);
  return bytes;
}

/**
 * A number in `size` bytes.
 * @throws RangeError for a number that does not fit
 */
export function numberField(name: string, value: number, size: 1 | 2 | 4): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * size)) {
    throw new RangeError(`${name}: not a whole number of ${size} bytes: ${value}`);
  }
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

export function payloadBytes(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}

/** Joins parts, in their order. */
export function join(...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}

/**
 * The Internet checksum over bytes whose checksum field is zero; 0 over bytes with a right one.
 * Source: RFC 1071.
 */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const bytes of parts) {
    bytes.forEach((byte, index) => (sum += index % 2 === 0 ? byte * 0x100 : byte));
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum ^ 0xffff;
}

/** Writes the chosen checksum into its field, which is zero. @param sum the right checksum */
export function putChecksum(
  bytes: Buffer,
  at: number,
  sum: number,
  choice: ChecksumChoice = 'right',
): void {
  const chosen = choice === 'right' ? sum : choice === 'wrong' ? sum ^ 0x0101 : choice;
  bytes.set(numberField('checksum', chosen, 2), at);
}
