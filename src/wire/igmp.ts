/**
 * IGMP messages of versions 1 to 3, and the two others that tell where a multicast router is: PIM hellos and
 * Multicast Router Advertisements. Call `checkIgmp` once per packet; the accessors cannot fail after that.
 * Offsets count from the first byte of the IGMP message.
 *
 *    0  type        1  code, or maximum response     2  checksum      4  group address (0: general query)
 *    8  flags, QRV  9  QQIC                         10  number of sources                (query, version 3)
 *    0  0x22                                         6  number of records               (report, version 3)
 *    8  records: type, length of auxiliary data in words, number of sources, group, sources, auxiliary data
 *
 * Source: RFC 1112 appendix I, RFC 2236 section 2, RFC 3376 section 4, RFC 4286 section 3, RFC 7761 4.9;
 * `ip_mc_check_igmp` in net/ipv4/igmp.c. Unlike Linux, a message whose group is no group address is refused.
 */

import { addWords, complement, sumHolds } from './checksum';
import { getI32, getU16, putI32, putU16 } from './ethernet';
import {
  DESTINATION_ADDRESS,
  DONT_FRAGMENT,
  FLAGS_AND_FRAGMENT,
  HEADER_CHECKSUM,
  IDENTIFICATION,
  IPV4_HEADER_BYTES,
  PROTOCOL,
  SOURCE_ADDRESS,
  TIME_TO_LIVE,
  TOTAL_LENGTH,
  TYPE_OF_SERVICE,
  VERSION_AND_LENGTH,
  checkIpv4Header,
} from './ipv4';
import { u8At } from './read';

export const PROTOCOL_IGMP = 2;
export const PROTOCOL_PIM = 103;

export const IGMP_QUERY = 0x11;
export const IGMPV1_REPORT = 0x12;
export const IGMPV2_REPORT = 0x16;
export const IGMPV2_LEAVE = 0x17;
export const IGMPV3_REPORT = 0x22;
/** Multicast Router Advertisement: RFC 4286 section 3.2. */
export const IGMP_ROUTER_ADVERTISEMENT = 0x30;

export const ALL_SYSTEMS = 0xe0000001 | 0;
/** 224.0.0.13: all PIM routers. */
const ALL_PIM_ROUTERS = 0xe000000d | 0;
/** 224.0.0.106: all snoopers (RFC 4286 section 6). */
const ALL_SNOOPERS = 0xe000006a | 0;

const CODE = 1;
const CHECKSUM = 2;
export const IGMP_GROUP = 4;
const RECORD_COUNT = 6;
const QUERY_FLAGS = 8;
const QUERY_QQIC = 9;
const QUERY_SOURCE_COUNT = 10;
/** Size of a message of version 1 or 2, and the offset of the first record of a report of version 3. */
export const IGMP_BYTES = 8;
/** Size of a query of version 3 without sources, and the offset of its sources. */
export const IGMPV3_QUERY_BYTES = 12;
/** Record of a report: type, auxiliary words, number of sources, group. */
export const IGMP_RECORD_BYTES = 8;
export const IPV4_ADDRESS_BYTES = 4;

/** Type of service of a message: internetwork control (RFC 3376 section 4). */
const INTERNETWORK_CONTROL = 0xc0;
/** The IP option router alert: RFC 2113. */
const ROUTER_ALERT = 0x94040000 | 0;
const HEADER_WITH_ROUTER_ALERT_BYTES = 24;
/** Bit of a query of version 3 that keeps routers from lowering their timers: RFC 3376 4.1.5. */
const SUPPRESS = 0x08;
const ROBUSTNESS = 2;
/** PIM version 2, type 0. */
const PIM_HELLO = 0x20;

/** Result of `checkIgmp` for a malformed message. */
export const MALFORMED = -1;

/** Whether the address is a group: 224.0.0.0/4. */
export function isGroupIpv4(address: number): boolean {
  return address >>> 28 === 0xe;
}

/** Whether the address is in 224.0.0.0/24, whose groups nobody may prune (RFC 4541 2.1.2). */
export function isLinkLocalGroupIpv4(address: number): boolean {
  return address >>> 8 === 0xe00000;
}

/**
 * Checks an IPv4 packet that carries IGMP and is no fragment: header, length and checksums.
 * @param ip arena offset of the IPv4 header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns arena offset of the message, or `MALFORMED`
 */
export function checkIgmp(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  lengthBytes: number,
): number {
  const headerBytes = checkIpv4Header(u8, u16, ip, lengthBytes);
  if (headerBytes < 0) return MALFORMED;
  const at = ip + headerBytes;
  const bytes = igmpBytes(u8, ip);
  if (bytes < IGMP_BYTES || !sumHolds(addWords(u8, u16, at, bytes))) return MALFORMED;
  return isWhole(u8, ip, at, bytes) ? at : MALFORMED;
}

/** Size of the message of a packet whose header is right. */
export function igmpBytes(u8: Uint8Array, ip: number): number {
  return getU16(u8, ip + TOTAL_LENGTH) - (u8At(u8, ip + VERSION_AND_LENGTH) & 0x0f) * 4;
}

function isWhole(u8: Uint8Array, ip: number, at: number, bytes: number): boolean {
  const group = getI32(u8, at + IGMP_GROUP);
  switch (igmpType(u8, at)) {
    case IGMP_QUERY:
      // A general query goes to all hosts: RFC 3376 4.1.12, `ip_mc_check_igmp_query` in net/ipv4/igmp.c.
      if (group === 0 && getI32(u8, ip + DESTINATION_ADDRESS) !== ALL_SYSTEMS) return false;
      return (group === 0 || isGroupIpv4(group)) && isQueryWhole(u8, at, bytes);
    case IGMPV1_REPORT:
    case IGMPV2_REPORT:
    case IGMPV2_LEAVE:
      return isGroupIpv4(group);
    case IGMPV3_REPORT:
      return areRecordsWhole(u8, at, bytes);
    default:
      return true;
  }
}

function isQueryWhole(u8: Uint8Array, at: number, bytes: number): boolean {
  if (bytes === IGMP_BYTES) return true;
  const sourcesBytes = bytes - IGMPV3_QUERY_BYTES;
  return (
    sourcesBytes >= 0 && getU16(u8, at + QUERY_SOURCE_COUNT) * IPV4_ADDRESS_BYTES <= sourcesBytes
  );
}

function areRecordsWhole(u8: Uint8Array, at: number, bytes: number): boolean {
  const end = at + bytes;
  let record = at + IGMP_BYTES;
  for (let left = igmpRecordCount(u8, at); left > 0; left--) {
    if (record + IGMP_RECORD_BYTES > end) return false;
    if (!isGroupIpv4(getI32(u8, record + IGMP_GROUP))) return false;
    record = nextIgmpRecord(u8, record);
    if (record > end) return false;
  }
  return true;
}

export function igmpType(u8: Uint8Array, at: number): number {
  return u8At(u8, at);
}

/** Whether a message joins or leaves: hosts send it for routers alone. */
export function isIgmpReport(type: number): boolean {
  return (
    type === IGMPV2_REPORT ||
    type === IGMPV3_REPORT ||
    type === IGMPV2_LEAVE ||
    type === IGMPV1_REPORT
  );
}

export function igmpRecordCount(u8: Uint8Array, at: number): number {
  return getU16(u8, at + RECORD_COUNT);
}

/** Arena offset of the record behind `record`, of either family's report: the layout differs in sizes alone. */
export function nextIgmpRecord(u8: Uint8Array, record: number): number {
  const words = u8At(u8, record + 1) + getU16(u8, record + 2);
  return record + IGMP_RECORD_BYTES + words * IPV4_ADDRESS_BYTES;
}

/** Longest time that a host may take to answer a query, ms. Version 1 says nothing, and means 10 s. */
export function igmpMaxResponseMs(u8: Uint8Array, at: number, bytes: number): number {
  const code = u8At(u8, at + CODE);
  if (code === 0) return 10_000;
  if (bytes < IGMPV3_QUERY_BYTES || code < 0x80) return code * 100;
  return ((code & 0x0f) | 0x10) * 2 ** (((code >> 4) & 7) + 3) * 100;
}

/**
 * Whether those who are asked hear a query: packet and frame are to the group, or to all hosts.
 * @param frame arena offset of the frame
 * @param ip arena offset of the IPv4 header
 */
export function isIgmpQueryHeard(u8: Uint8Array, frame: number, ip: number, at: number): boolean {
  const to = getI32(u8, ip + DESTINATION_ADDRESS);
  const isToMembers = to === ALL_SYSTEMS || to === getI32(u8, at + IGMP_GROUP);
  // RFC 1112 6.4: 01:00:5e, and the last 23 bits of the address.
  const isInFrame =
    getI32(u8, frame) >>> 8 === 0x01_00_5e &&
    (getI32(u8, frame + 2) & 0xff_ffff) === (to & 0x7f_ffff);
  return isToMembers && isInFrame;
}

/** Number of sources of a query; 0 for versions 1 and 2. */
export function igmpQuerySources(u8: Uint8Array, at: number, bytes: number): number {
  return bytes < IGMPV3_QUERY_BYTES ? 0 : getU16(u8, at + QUERY_SOURCE_COUNT);
}

/** Whether routers that hear the query are to leave their timers alone. */
export function isIgmpSuppressed(u8: Uint8Array, at: number, bytes: number): boolean {
  return bytes >= IGMPV3_QUERY_BYTES && (u8At(u8, at + QUERY_FLAGS) & SUPPRESS) !== 0;
}

/** Whether the packet is a PIM hello to all PIM routers. @param ip arena offset of a header that is right */
export function isPimHello(u8: Uint8Array, ip: number, headerBytes: number): boolean {
  return (
    getI32(u8, ip + DESTINATION_ADDRESS) === ALL_PIM_ROUTERS &&
    getU16(u8, ip + TOTAL_LENGTH) > headerBytes &&
    u8[ip + headerBytes] === PIM_HELLO
  );
}

/** Whether a packet with a right message is a Multicast Router Advertisement to all snoopers. */
export function isIgmpRouterAdvertisement(u8: Uint8Array, ip: number, at: number): boolean {
  return (
    igmpType(u8, at) === IGMP_ROUTER_ADVERTISEMENT &&
    getI32(u8, ip + DESTINATION_ADDRESS) === ALL_SNOOPERS
  );
}

/** Size of an IPv4 packet with a query. @param version 2 or 3 */
export function igmpQueryBytes(version: number, sources: number): number {
  const bytes = version === 2 ? IGMP_BYTES : IGMPV3_QUERY_BYTES + sources * IPV4_ADDRESS_BYTES;
  return HEADER_WITH_ROUTER_ALERT_BYTES + bytes;
}

/** What a query asks. */
export interface QueryText {
  readonly version: number;
  readonly maxResponseMs: number;
  readonly queryIntervalMs: number;
  /** Whether routers are to leave their timers alone. */
  readonly isSuppressed: boolean;
}

/**
 * Writes an IPv4 packet with a query at `ip`, but for the sources of version 3 and the checksum of the
 * message, which `finishIgmpQuery` writes.
 * @param source address of the querier; 0 if it has none
 * @param group 0 for a general query
 */
export function putIgmpQuery(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  { version, maxResponseMs, queryIntervalMs, isSuppressed }: QueryText,
  source: number,
  group: number,
  sources: number,
): void {
  u8[ip + VERSION_AND_LENGTH] = 0x40 | (HEADER_WITH_ROUTER_ALERT_BYTES / 4);
  u8[ip + TYPE_OF_SERVICE] = INTERNETWORK_CONTROL;
  putU16(u8, ip + TOTAL_LENGTH, igmpQueryBytes(version, sources));
  putU16(u8, ip + IDENTIFICATION, 0);
  putU16(u8, ip + FLAGS_AND_FRAGMENT, DONT_FRAGMENT);
  u8[ip + TIME_TO_LIVE] = 1;
  u8[ip + PROTOCOL] = PROTOCOL_IGMP;
  putU16(u8, ip + HEADER_CHECKSUM, 0);
  putI32(u8, ip + SOURCE_ADDRESS, source);
  putI32(u8, ip + DESTINATION_ADDRESS, group === 0 ? ALL_SYSTEMS : group);
  putI32(u8, ip + IPV4_HEADER_BYTES, ROUTER_ALERT);
  u16[(ip + HEADER_CHECKSUM) >> 1] = complement(
    addWords(u8, u16, ip, HEADER_WITH_ROUTER_ALERT_BYTES),
  );
  const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES;
  const tenths = Math.round(maxResponseMs / 100);
  u8[at] = IGMP_QUERY;
  u8[at + CODE] = version === 2 ? Math.min(Math.max(tenths, 1), 0xff) : floatCode(tenths);
  putU16(u8, at + CHECKSUM, 0);
  putI32(u8, at + IGMP_GROUP, group);
  if (version === 2) return;
  u8[at + QUERY_FLAGS] = (isSuppressed ? SUPPRESS : 0) | ROBUSTNESS;
  u8[at + QUERY_QQIC] = floatCode(Math.round(queryIntervalMs / 1000));
  putU16(u8, at + QUERY_SOURCE_COUNT, sources);
}

/** Arena offset of a source of a query that `putIgmpQuery` has written. */
export function igmpQuerySourceAt(ip: number, source: number): number {
  const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES + IGMPV3_QUERY_BYTES;
  return at + source * IPV4_ADDRESS_BYTES;
}

/** Writes the checksum of a query that is complete otherwise. */
export function finishIgmpQuery(u8: Uint8Array, u16: Uint16Array, ip: number): void {
  const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES;
  u16[(at + CHECKSUM) >> 1] = complement(addWords(u8, u16, at, igmpBytes(u8, ip)));
}

/** A number of 8 bits of RFC 3376 4.1.1 and 4.1.7: from 128 on, exponent and mantissa. */
export function floatCode(value: number): number {
  const whole = Math.min(Math.max(value, 1), 31_744);
  if (whole < 0x80) return whole;
  const exponent = Math.floor(Math.log2(whole)) - 7;
  return 0x80 | (exponent << 4) | ((whole >> (exponent + 3)) & 0x0f);
}
