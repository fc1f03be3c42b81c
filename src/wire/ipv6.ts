/**
 * IPv6 headers and IPv6 addresses. Offsets count from the first byte of the header, which lies at an
 * even arena offset.
 *
 * Source: RFC 8200 section 3 (header), RFC 4291 (addresses), RFC 5952 (text).
 */

import { getI32, getU16 } from './ethernet';
import { addWords, asWord } from './checksum';
import { u8At } from './read';

export const IPV6_HEADER_BYTES = 40;
export const IPV6_ADDRESS_BYTES = 16;

/** The first four bytes of a header: version, no traffic class, no flow label. */
export const VERSION_6 = 0x60000000;

export const PAYLOAD_LENGTH = 4;
export const NEXT_HEADER = 6;
export const HOP_LIMIT = 7;
export const SOURCE_ADDRESS = 8;
export const DESTINATION_ADDRESS = 24;

export const NEXT_HEADER_HOP_BY_HOP = 0;
export const NEXT_HEADER_TCP = 6;
export const NEXT_HEADER_UDP = 17;
export const NEXT_HEADER_ROUTING = 43;
export const NEXT_HEADER_FRAGMENT = 44;
export const NEXT_HEADER_ICMPV6 = 58;
export const NEXT_HEADER_DESTINATION_OPTIONS = 60;

/** Whether a next header is TCP or UDP, as in nearly every packet. */
export function isTcpOrUdp(nextHeader: number): boolean {
  return nextHeader === NEXT_HEADER_TCP || nextHeader === NEXT_HEADER_UDP;
}

/**
 * Checks version and lengths of a header.
 * @param lengthBytes bytes of the frame from the header on
 * @returns size of the payload, bytes, or -1 if the header is malformed
 */
export function checkIpv6Header(u8: Uint8Array, ip: number, lengthBytes: number): number {
  if (lengthBytes < IPV6_HEADER_BYTES || u8At(u8, ip) >>> 4 !== 6) return -1;
  const payloadBytes = getU16(u8, ip + PAYLOAD_LENGTH);
  return IPV6_HEADER_BYTES + payloadBytes <= lengthBytes ? payloadBytes : -1;
}

/** The sum over pseudo-header and payload. Assumes that there are no extension headers. */
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
    asWord(payloadBytes) + asWord(u8At(u8, ip + NEXT_HEADER)),
  );
  return addWords(u8, u16, ip + IPV6_HEADER_BYTES, payloadBytes, pseudoHeader);
}

/** The first word of ff02::/16. */
const LINK_SCOPE_GROUP = 0xff020000 | 0;

/** fe80::, and the parts of an interface identifier made from a MAC (RFC 4291 appendix A). */
const LINK_LOCAL_PREFIX = 0xfe800000 | 0;
const UNIVERSAL_BIT = 0x0200;
const EUI64_FILLING = 0xfffe;

/** Whether the address at arena offset `at` is in ff00::/8. */
export function isMulticastAt(u8: Uint8Array, at: number): boolean {
  return u8[at] === 0xff;
}

/** Whether the address at arena offset `at` is ff02::1. */
export function isAllNodesAt(u8: Uint8Array, at: number): boolean {
  const zeros = getI32(u8, at + 4) | getI32(u8, at + 8);
  return getI32(u8, at) === LINK_SCOPE_GROUP && zeros === 0 && getI32(u8, at + 12) === 1;
}

/** Whether the address at arena offset `at` is `::`. */
export function isUnspecifiedAt(u8: Uint8Array, at: number): boolean {
  return (getI32(u8, at) | getI32(u8, at + 4) | getI32(u8, at + 8) | getI32(u8, at + 12)) === 0;
}

/** Whether the addresses at two arena offsets are the same. */
export function isSameIpv6(u8: Uint8Array, one: number, other: number): boolean {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) {
    if (u8[one + index] !== u8[other + index]) return false;
  }
  return true;
}

/** Whether the address at arena offset `at` is in fe80::/10. */
export function isLinkLocalAt(u8: Uint8Array, at: number): boolean {
  return u8[at] === 0xfe && (u8At(u8, at + 1) & 0xc0) === 0x80;
}

/** Whether the address at `address` is the link-local address made from the MAC at `mac`. */
export function isLinkLocalOfMac(u8: Uint8Array, address: number, mac: number): boolean {
  return (
    getI32(u8, address) === LINK_LOCAL_PREFIX &&
    getI32(u8, address + 4) === 0 &&
    getU16(u8, address + 8) === (getU16(u8, mac) ^ UNIVERSAL_BIT) &&
    u8[address + 10] === u8[mac + 2] &&
    getU16(u8, address + 11) === EUI64_FILLING &&
    u8[address + 13] === u8[mac + 3] &&
    getU16(u8, address + 14) === getU16(u8, mac + 4)
  );
}

/** Whether one host may use the address on a link: not multicast, `::`, `::1` or IPv4-mapped. */
export function isHostIpv6At(u8: Uint8Array, at: number): boolean {
  // Addresses that start with 80 zero bits: `::`, `::1`, IPv4-mapped and IPv4-compatible.
  const first80Bits = getI32(u8, at) | getI32(u8, at + 4) | getU16(u8, at + 8);
  return first80Bits !== 0 && !isMulticastAt(u8, at);
}

/** ff02::1:ffXX:XXXX: RFC 4291 2.7.1. */
const SOLICITED_NODE_PREFIX: readonly number[] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];

/** Writes the solicited-node group of the address at `target` to `to`. */
export function putSolicitedNode(u8: Uint8Array, to: number, target: number): void {
  u8.set(SOLICITED_NODE_PREFIX, to);
  const prefixBytes = SOLICITED_NODE_PREFIX.length;
  u8.copyWithin(to + prefixBytes, target + prefixBytes, target + IPV6_ADDRESS_BYTES);
}

/** Whether the address at `group` is the solicited-node group of the address at `target`. */
export function isSolicitedNodeAt(u8: Uint8Array, group: number, target: number): boolean {
  for (let index = 0; index < IPV6_ADDRESS_BYTES; index++) {
    const wanted = SOLICITED_NODE_PREFIX[index] ?? u8[target + index];
    if (u8[group + index] !== wanted) return false;
  }
  return true;
}

/** `2001:db8::1`: the text of RFC 5952 section 4. */
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
