/**
 * MLD messages of versions 1 and 2, and the two others that tell where a multicast router is: PIM hellos and
 * Multicast Router Advertisements. MLD is a part of ICMPv6 and travels behind a hop-by-hop header with the
 * option router alert. Call `findMld` once per packet; the accessors cannot fail after that. Offsets count
 * from the first byte of the ICMPv6 message.
 *
 *    0  type        1  code      2  checksum      4  maximum response, ms     8  group (`::`: general query)
 *   24  flags, QRV  25  QQIC    26  number of sources                                    (query, version 2)
 *    0  143                      6  number of records                                   (report, version 2)
 *    8  records: type, length of auxiliary data in words, number of sources, group, sources, auxiliary data
 *
 * Source: RFC 2710 section 3, RFC 3810 section 5, RFC 4286 section 3; `ipv6_mc_check_mld` in
 * net/ipv6/mcast_snoop.c. Unlike Linux, a hop limit other than 1 is refused, and so is a message whose group
 * is no group address.
 */

import { addWords, asWord, complement, isChecksumPartial, sumHolds } from './checksum';
import { getI32, getU16, putI32, putU16 } from './ethernet';
import type { QueryText } from './igmp';
import { floatCode } from './igmp';
import { type IpKey, ipKeyOf, putIpv6Key } from './ip-key';
import {
  DESTINATION_ADDRESS,
  HOP_LIMIT,
  IPV6_ADDRESS_BYTES,
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_HOP_BY_HOP,
  NEXT_HEADER_ICMPV6,
  PAYLOAD_LENGTH,
  SOURCE_ADDRESS,
  VERSION_6,
  checkIpv6Header,
  isAllNodesAt,
  isLinkLocalAt,
  isMulticastAt,
  isSameIpv6,
  isUnspecifiedAt,
} from './ipv6';
import { u8At } from './read';

export const MLD_QUERY = 130;
export const MLDV1_REPORT = 131;
export const MLDV1_DONE = 132;
export const MLDV2_REPORT = 143;
/** Multicast Router Advertisement: RFC 4286 section 3.2. */
export const MLD_ROUTER_ADVERTISEMENT = 151;

const CODE = 1;
const CHECKSUM = 2;
const MAX_RESPONSE = 4;
const RECORD_COUNT = 6;
export const MLD_GROUP = 8;
const QUERY_FLAGS = 24;
const QUERY_QQIC = 25;
const QUERY_SOURCE_COUNT = 26;
/** Size of a message of version 1. */
export const MLD_BYTES = 24;
/** Size of a query of version 2 without sources, and the offset of its sources. */
export const MLDV2_QUERY_BYTES = 28;
/** Offset of the first record of a report of version 2, and the offset of the group in a record. */
export const MLD_RECORDS = 8;
const RECORD_GROUP = 4;
/** Record of a report: type, auxiliary words, number of sources, group. */
export const MLD_RECORD_BYTES = 20;
/** A Multicast Router Advertisement has no group: RFC 4286 section 3.2. */
const ADVERTISEMENT_BYTES = 8;

/** Hop-by-hop header that holds the option router alert with the value 0, MLD (RFC 2711), and a PadN. */
const HOP_BY_HOP: readonly number[] = [NEXT_HEADER_ICMPV6, 0, 5, 2, 0, 0, 1, 0];
const HOP_BY_HOP_BYTES = 8;
const SUPPRESS = 0x08;
const ROBUSTNESS = 2;
const PIM_HELLO = 0x20;
/** Bytes of ff02::6a (all snoopers) and ff02::d (all PIM routers) behind `ff02::`. */
const LAST_BYTE_SNOOPERS = 0x6a;
const LAST_BYTE_PIM = 0x0d;

/** Results of `findMld`, besides an arena offset: another packet, and a message that is malformed. */
export const NOT_MLD = 0;
export const MALFORMED = -1;

/** ff02::1 */
export const ALL_NODES: IpKey = ipKeyOf([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/**
 * Finds and checks the MLD message in an IPv6 packet.
 * @param at arena offset of the frame, whose virtio header may say that the checksum is left open
 * @param ip arena offset of the IPv6 header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns arena offset of the message, `NOT_MLD`, or `MALFORMED`
 */
export function findMld(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  ip: number,
  lengthBytes: number,
): number {
  if (lengthBytes < IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES) return NOT_MLD;
  const message = messageAt(u8, ip);
  if (message < 0 || message - ip + ADVERTISEMENT_BYTES > lengthBytes) return NOT_MLD;
  if (!isMldType(u8At(u8, message))) return NOT_MLD;
  const payloadBytes = checkIpv6Header(u8, ip, lengthBytes);
  const bytes = payloadBytes - (message - ip - IPV6_HEADER_BYTES);
  if (payloadBytes < 0 || bytes < ADVERTISEMENT_BYTES) return MALFORMED;
  if (u8[ip + HOP_LIMIT] !== 1 || u8[message + CODE] !== 0) return MALFORMED;
  const isOpen = isChecksumPartial(u8, u16, at, message - at, CHECKSUM);
  if (!isOpen && !sumHolds(addMessage(u8, u16, ip, message, bytes))) return MALFORMED;
  return isWhole(u8, ip, message, bytes) ? message : MALFORMED;
}

/** Arena offset of what follows one hop-by-hop header before ICMPv6, or -1 for any other packet. */
function messageAt(u8: Uint8Array, ip: number): number {
  const header = ip + IPV6_HEADER_BYTES;
  if (u8[ip + NEXT_HEADER] !== NEXT_HEADER_HOP_BY_HOP || u8[header] !== NEXT_HEADER_ICMPV6) {
    return -1;
  }
  return header + (u8At(u8, header + 1) + 1) * HOP_BY_HOP_BYTES;
}

function isMldType(type: number): boolean {
  return (
    type === MLDV2_REPORT ||
    (type >= MLD_QUERY && type <= MLDV1_DONE) ||
    type === MLD_ROUTER_ADVERTISEMENT
  );
}

/** Type of the MLD message in an IPv6 packet that has a hop-by-hop header; -1 if it holds none. */
export function mldTypeIn(u8: Uint8Array, ip: number, lengthBytes: number): number {
  if (lengthBytes < IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES) return -1;
  const message = messageAt(u8, ip);
  if (message < 0 || message - ip >= lengthBytes) return -1;
  const type = u8At(u8, message);
  return isMldType(type) ? type : -1;
}

/** Whether a message joins or leaves: hosts send it for routers alone. */
export function isMldReport(type: number): boolean {
  return type === MLDV2_REPORT || type === MLDV1_REPORT || type === MLDV1_DONE;
}

/** Size of the message at `message` of a packet whose header is right. */
export function mldBytes(u8: Uint8Array, ip: number, message: number): number {
  return getU16(u8, ip + PAYLOAD_LENGTH) - (message - ip - IPV6_HEADER_BYTES);
}

/** The sum over pseudo-header and message. */
function addMessage(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  message: number,
  bytes: number,
): number {
  const start = asWord(bytes) + asWord(NEXT_HEADER_ICMPV6);
  const sum = addWords(u8, u16, ip + SOURCE_ADDRESS, 2 * IPV6_ADDRESS_BYTES, start);
  return addWords(u8, u16, message, bytes, sum);
}

function isWhole(u8: Uint8Array, ip: number, at: number, bytes: number): boolean {
  switch (mldType(u8, at)) {
    case MLD_QUERY:
      return isQueryWhole(u8, ip, at, bytes);
    case MLDV1_REPORT:
    case MLDV1_DONE:
      return bytes >= MLD_BYTES && isMulticastAt(u8, at + MLD_GROUP);
    case MLDV2_REPORT:
      return areRecordsWhole(u8, at, bytes);
    default:
      return true;
  }
}

/** A query comes from a link-local address (RFC 3810 5.1.14); a general one goes to all nodes. */
function isQueryWhole(u8: Uint8Array, ip: number, at: number, bytes: number): boolean {
  if (bytes < MLD_BYTES || !isLinkLocalAt(u8, ip + SOURCE_ADDRESS)) return false;
  const isGeneral = isUnspecifiedAt(u8, at + MLD_GROUP);
  if (isGeneral && !isAllNodesAt(u8, ip + DESTINATION_ADDRESS)) return false;
  if (!isGeneral && !isMulticastAt(u8, at + MLD_GROUP)) return false;
  if (bytes === MLD_BYTES) return true;
  const sourcesBytes = bytes - MLDV2_QUERY_BYTES;
  return (
    sourcesBytes >= 0 && getU16(u8, at + QUERY_SOURCE_COUNT) * IPV6_ADDRESS_BYTES <= sourcesBytes
  );
}

function areRecordsWhole(u8: Uint8Array, at: number, bytes: number): boolean {
  const end = at + bytes;
  let record = at + MLD_RECORDS;
  for (let left = mldRecordCount(u8, at); left > 0; left--) {
    if (record + MLD_RECORD_BYTES > end) return false;
    if (!isMulticastAt(u8, record + RECORD_GROUP)) return false;
    record = nextMldRecord(u8, record);
    if (record > end) return false;
  }
  return true;
}

export function mldType(u8: Uint8Array, at: number): number {
  return u8At(u8, at);
}

export function mldRecordCount(u8: Uint8Array, at: number): number {
  return getU16(u8, at + RECORD_COUNT);
}

/** Arena offset of the record behind `record`. */
export function nextMldRecord(u8: Uint8Array, record: number): number {
  const sourcesBytes = getU16(u8, record + 2) * IPV6_ADDRESS_BYTES;
  return record + MLD_RECORD_BYTES + sourcesBytes + u8At(u8, record + 1) * 4;
}

/** Longest time that a host may take to answer a query, ms. */
export function mldMaxResponseMs(u8: Uint8Array, at: number, bytes: number): number {
  const code = getU16(u8, at + MAX_RESPONSE);
  if (bytes < MLDV2_QUERY_BYTES || code < 0x8000) return code;
  return ((code & 0x0fff) | 0x1000) * 2 ** (((code >> 12) & 7) + 3);
}

/**
 * Whether those who are asked hear a query: packet and frame are to the group, or to all nodes.
 * @param frame arena offset of the frame
 * @param ip arena offset of the IPv6 header
 */
export function isMldQueryHeard(u8: Uint8Array, frame: number, ip: number, at: number): boolean {
  const to = ip + DESTINATION_ADDRESS;
  const isToMembers = isAllNodesAt(u8, to) || isSameIpv6(u8, to, at + MLD_GROUP);
  // RFC 2464 7: 33:33, and the last four bytes of the address.
  const isInFrame =
    getU16(u8, frame) === 0x3333 &&
    getI32(u8, frame + 2) === getI32(u8, to + IPV6_ADDRESS_BYTES - 4);
  return isToMembers && isInFrame;
}

/** Number of sources of a query; 0 for version 1. */
export function mldQuerySources(u8: Uint8Array, at: number, bytes: number): number {
  return bytes < MLDV2_QUERY_BYTES ? 0 : getU16(u8, at + QUERY_SOURCE_COUNT);
}

/** Whether routers that hear the query are to leave their timers alone. */
export function isMldSuppressed(u8: Uint8Array, at: number, bytes: number): boolean {
  return bytes >= MLDV2_QUERY_BYTES && (u8At(u8, at + QUERY_FLAGS) & SUPPRESS) !== 0;
}

/** Whether a packet with a right message is a Multicast Router Advertisement to all snoopers. */
export function isMldRouterAdvertisement(u8: Uint8Array, ip: number, at: number): boolean {
  return mldType(u8, at) === MLD_ROUTER_ADVERTISEMENT && isToLinkGroup(u8, ip, LAST_BYTE_SNOOPERS);
}

/** Whether the packet, whose next header is PIM, is a hello to all PIM routers. */
export function isPimHelloV6(u8: Uint8Array, ip: number, lengthBytes: number): boolean {
  return (
    checkIpv6Header(u8, ip, lengthBytes) > 0 &&
    u8[ip + IPV6_HEADER_BYTES] === PIM_HELLO &&
    isToLinkGroup(u8, ip, LAST_BYTE_PIM)
  );
}

/** Whether the packet goes to ff02::X. */
function isToLinkGroup(u8: Uint8Array, ip: number, lastByte: number): boolean {
  const to = ip + DESTINATION_ADDRESS;
  if (u8[to] !== 0xff || u8[to + 1] !== 2 || u8[to + IPV6_ADDRESS_BYTES - 1] !== lastByte) {
    return false;
  }
  for (let byte = 2; byte < IPV6_ADDRESS_BYTES - 1; byte++) if (u8[to + byte] !== 0) return false;
  return true;
}

/** Size of an IPv6 packet with a query. @param version 1 or 2 */
export function mldQueryBytes(version: number, sources: number): number {
  const bytes = version === 1 ? MLD_BYTES : MLDV2_QUERY_BYTES + sources * IPV6_ADDRESS_BYTES;
  return IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES + bytes;
}

/**
 * Writes an IPv6 packet with a query at `ip`, but for the sources of version 2 and the checksum, which
 * `finishMldQuery` writes.
 * @param group `::` for a general query
 */
export function putMldQuery(
  u8: Uint8Array,
  ip: number,
  { version, maxResponseMs, queryIntervalMs, isSuppressed }: QueryText,
  source: IpKey,
  group: IpKey,
  sources: number,
): void {
  const isGeneral = (group[0] ?? 0) === 0;
  putI32(u8, ip, VERSION_6);
  putU16(u8, ip + PAYLOAD_LENGTH, mldQueryBytes(version, sources) - IPV6_HEADER_BYTES);
  u8[ip + NEXT_HEADER] = NEXT_HEADER_HOP_BY_HOP;
  u8[ip + HOP_LIMIT] = 1;
  putIpv6Key(u8, ip + SOURCE_ADDRESS, source);
  putIpv6Key(u8, ip + DESTINATION_ADDRESS, isGeneral ? ALL_NODES : group);
  u8.set(HOP_BY_HOP, ip + IPV6_HEADER_BYTES);
  const at = ip + IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES;
  u8[at] = MLD_QUERY;
  u8[at + CODE] = 0;
  putU16(u8, at + CHECKSUM, 0);
  putU16(
    u8,
    at + MAX_RESPONSE,
    version === 1 ? Math.min(maxResponseMs, 0xffff) : longCode(maxResponseMs),
  );
  putU16(u8, at + RECORD_COUNT, 0);
  putIpv6Key(u8, at + MLD_GROUP, group);
  if (version === 1) return;
  u8[at + QUERY_FLAGS] = (isSuppressed ? SUPPRESS : 0) | ROBUSTNESS;
  u8[at + QUERY_QQIC] = floatCode(Math.round(queryIntervalMs / 1000));
  putU16(u8, at + QUERY_SOURCE_COUNT, sources);
}

/** Arena offset of a source of a query that `putMldQuery` has written. */
export function mldQuerySourceAt(ip: number, source: number): number {
  const at = ip + IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES + MLDV2_QUERY_BYTES;
  return at + source * IPV6_ADDRESS_BYTES;
}

/** Writes the checksum of a query that is complete otherwise. */
export function finishMldQuery(u8: Uint8Array, u16: Uint16Array, ip: number): void {
  const at = ip + IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES;
  const sum = addMessage(u8, u16, ip, at, mldBytes(u8, ip, at));
  u16[(at + CHECKSUM) >> 1] = complement(sum);
}

/** A number of 16 bits of RFC 3810 5.1.3: from 32768 on, exponent and mantissa. */
function longCode(value: number): number {
  const whole = Math.min(Math.max(Math.round(value), 1), 8_387_584);
  if (whole < 0x8000) return whole;
  const exponent = Math.floor(Math.log2(whole)) - 15;
  return 0x8000 | (exponent << 12) | ((whole >> (exponent + 3)) & 0x0fff);
}
