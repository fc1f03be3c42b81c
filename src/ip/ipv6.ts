/**
 * The bytes of an IPv6 header, and IPv6 addresses. Offsets count from the first byte of the header,
 * which lies at an even arena offset.
 *
 * Source: RFC 8200 section 3 (header), RFC 4291 (addresses), RFC 5952 (text).
 */

import { getU16 } from '../l2/wire';
import { addWords, asWord } from './checksum';

export const IPV6_HEADER_BYTES = 40;
export const IPV6_ADDRESS_BYTES = 16;

export const PAYLOAD_LENGTH = 4;
export const NEXT_HEADER = 6;
export const HOP_LIMIT = 7;
export const SOURCE_ADDRESS = 8;
export const DESTINATION_ADDRESS = 24;

export const NEXT_HEADER_FRAGMENT = 44;
export const NEXT_HEADER_ICMPV6 = 58;

/** ff02::1, all nodes of a link. */
export const ALL_NODES: readonly number[] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/**
 * The one check of a header: version and lengths.
 * @param lengthBytes what the frame holds from there on
 * @returns the payload's length, bytes, or -1 where the header is malformed
 */
export function checkIpv6Header(u8: Uint8Array, ip: number, lengthBytes: number): number {
  if (lengthBytes < IPV6_HEADER_BYTES || (u8[ip] as number) >>> 4 !== 6) return -1;
  const payloadBytes = getU16(u8, ip + PAYLOAD_LENGTH);
  return IPV6_HEADER_BYTES + payloadBytes <= lengthBytes ? payloadBytes : -1;
}

/** The sum over pseudo-header and payload, where the next header is that of the payload itself. */
export function addIpv6Payload(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  payloadBytes: number,
): number {
  const pseudoHeader = addWords(
    u8,
    u16,
    ip + SOURCE_ADDRESS,
    2 * IPV6_ADDRESS_BYTES,
    asWord(payloadBytes) + asWord(u8[ip + NEXT_HEADER] as number),
  );
  return addWords(u8, u16, ip + IPV6_HEADER_BYTES, payloadBytes, pseudoHeader);
}

/** Whether the address at arena offset `at` is ff00::/8. */
export function isMulticastAt(u8: Uint8Array, at: number): boolean {
  return u8[at] === 0xff;
}

/** Whether the address at arena offset `at`, even, is `::`. */
export function isUnspecifiedAt(u16: Uint16Array, at: number): boolean {
  const first = at >> 1;
  let bits = 0;
  for (let index = first; index < first + 8; index++) bits |= u16[index] as number;
  return bits === 0;
}

/** Whether the address at arena offset `at` is fe80::/10. */
export function isLinkLocalAt(u8: Uint8Array, at: number): boolean {
  return u8[at] === 0xfe && ((u8[at + 1] as number) & 0xc0) === 0x80;
}

/** An address that one host may use on a link: not multicast, `::`, `::1` or IPv4-mapped. */
export function isHostIpv6At(u8: Uint8Array, u16: Uint16Array, at: number): boolean {
  if (isMulticastAt(u8, at)) return false;
  const first = at >> 1;
  let bits = 0;
  for (let index = first; index < first + 5; index++) bits |= u16[index] as number;
  // What starts with 80 zero bits is `::`, `::1`, or an IPv4 address in disguise.
  return bits !== 0;
}

/** Writes the solicited-node group of the address at `target` to `to`: ff02::1:ffXX:XXXX. */
export function putSolicitedNode(u8: Uint8Array, to: number, target: number): void {
  u8.set(SOLICITED_NODE_PREFIX, to);
  u8.copyWithin(to + SOLICITED_NODE_PREFIX.length, target + 13, target + 16);
}

/** Whether the address at `group` is the solicited-node group of the one at `target`. */
export function isSolicitedNodeAt(u8: Uint8Array, group: number, target: number): boolean {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) {
    const wanted = SOLICITED_NODE_PREFIX[index] ?? u8[target + index];
    if (u8[group + index] !== wanted) return false;
  }
  return true;
}

/** RFC 4291 2.7.1. */
const SOLICITED_NODE_PREFIX: readonly number[] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];

/** `2001:db8::1`, as RFC 5952 section 4 would have it. */
export function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => getU16(bytes, 2 * index).toString(16));
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return groups.join(':');
  const before = groups.slice(0, gap.start).join(':');
  const after = groups.slice(gap.start + gap.length).join(':');
  return `${before}::${after}`;
}

/** The first of the longest runs of zero groups. */
function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== '0') start = index + 1;
    else if (index + 1 - start > longest.length) longest = { start, length: index + 1 - start };
  });
  return longest;
}
