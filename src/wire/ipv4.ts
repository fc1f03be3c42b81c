/**
 * IPv4 headers and IPv4 addresses.
 *
 * An address travels as one signed 32-bit integer whose most significant byte is the first of the
 * dotted quad: 192.0.2.1 is `0xc0000201 | 0`. Offsets count from the first byte of the header.
 *
 * Source: RFC 791 (header), RFC 1122 3.2.1.3 and RFC 6890 (addresses).
 */

import { getU16 } from './ethernet';
import { addWords, sumHolds } from './checksum';
import { u8At } from './read';

/** Size of a header without options. */
export const IPV4_HEADER_BYTES = 20;

export const VERSION_AND_LENGTH = 0;
export const TYPE_OF_SERVICE = 1;
export const TOTAL_LENGTH = 2;
export const IDENTIFICATION = 4;
export const FLAGS_AND_FRAGMENT = 6;
export const TIME_TO_LIVE = 8;
export const PROTOCOL = 9;
export const HEADER_CHECKSUM = 10;
export const SOURCE_ADDRESS = 12;
export const DESTINATION_ADDRESS = 16;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_UDP = 17;

export const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

export const UNSPECIFIED_IPV4 = 0;
const LINK_LOCAL_PREFIX = 0xa9fe;

/**
 * Checks version, lengths and checksum of a header.
 * @param ip arena offset of the header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns size of the header with its options, bytes, or -1 if it is malformed
 */
export function checkIpv4Header(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  lengthBytes: number,
): number {
  if (lengthBytes < IPV4_HEADER_BYTES) return -1;
  const versionAndLength = u8At(u8, ip + VERSION_AND_LENGTH);
  if (versionAndLength >>> 4 !== 4) return -1;
  const headerBytes = (versionAndLength & 0x0f) * 4;
  const totalBytes = getU16(u8, ip + TOTAL_LENGTH);
  if (headerBytes < IPV4_HEADER_BYTES || totalBytes < headerBytes || totalBytes > lengthBytes) {
    return -1;
  }
  return sumHolds(addWords(u8, u16, ip, headerBytes)) ? headerBytes : -1;
}

/** Whether the packet is a fragment. */
export function isFragment(u8: Uint8Array, ip: number): boolean {
  return (getU16(u8, ip + FLAGS_AND_FRAGMENT) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
}

/** Whether the packet holds the first bytes of the payload: the first fragment, or no fragment. */
export function isFirstFragment(u8: Uint8Array, ip: number): boolean {
  return (getU16(u8, ip + FLAGS_AND_FRAGMENT) & FRAGMENT_OFFSET) === 0;
}

/** Whether one host may use the address: not 0/8, 127/8, multicast or the limited broadcast. */
export function isHostIpv4(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first >>> 4 !== 14 && address !== -1;
}

/** Whether the address is in 169.254/16, from which a host chooses its own address (RFC 3927). */
export function isLinkLocalIpv4(address: number): boolean {
  return address >>> 16 === LINK_LOCAL_PREFIX;
}

const IPV4_TEXT = /^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/;

/** Reads `192.0.2.1`. @returns the address, or `undefined` for any other text, such as octal. */
export function parseIpv4(text: string): number | undefined {
  if (!IPV4_TEXT.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => (address << 8) | byte, 0);
}

/** `192.0.2.1`. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
