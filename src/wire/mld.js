"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.ALL_NODES = exports.MALFORMED = exports.NOT_MLD = exports.MLD_RECORD_BYTES = exports.MLD_RECORDS = exports.MLDV2_QUERY_BYTES = exports.MLD_BYTES = exports.MLD_GROUP = exports.MLD_ROUTER_ADVERTISEMENT = exports.MLDV2_REPORT = exports.MLDV1_DONE = exports.MLDV1_REPORT = exports.MLD_QUERY = void 0;
exports.findMld = findMld;
exports.mldTypeIn = mldTypeIn;
exports.isMldReport = isMldReport;
exports.mldBytes = mldBytes;
exports.mldType = mldType;
exports.mldRecordCount = mldRecordCount;
exports.nextMldRecord = nextMldRecord;
exports.mldMaxResponseMs = mldMaxResponseMs;
exports.mldQuerySources = mldQuerySources;
exports.isMldSuppressed = isMldSuppressed;
exports.isMldRouterAdvertisement = isMldRouterAdvertisement;
exports.isPimHelloV6 = isPimHelloV6;
exports.mldQueryBytes = mldQueryBytes;
exports.putMldQuery = putMldQuery;
exports.mldQuerySourceAt = mldQuerySourceAt;
exports.finishMldQuery = finishMldQuery;
const checksum_1 = require("./checksum");
const ethernet_1 = require("./ethernet");
const igmp_1 = require("./igmp");
const ip_key_1 = require("./ip-key");
const ipv6_1 = require("./ipv6");
const read_1 = require("./read");
exports.MLD_QUERY = 130;
exports.MLDV1_REPORT = 131;
exports.MLDV1_DONE = 132;
exports.MLDV2_REPORT = 143;
/** Multicast Router Advertisement: RFC 4286 section 3.2. */
exports.MLD_ROUTER_ADVERTISEMENT = 151;
const CODE = 1;
const CHECKSUM = 2;
const MAX_RESPONSE = 4;
const RECORD_COUNT = 6;
exports.MLD_GROUP = 8;
const QUERY_FLAGS = 24;
const QUERY_QQIC = 25;
const QUERY_SOURCE_COUNT = 26;
/** Size of a message of version 1. */
exports.MLD_BYTES = 24;
/** Size of a query of version 2 without sources, and the offset of its sources. */
exports.MLDV2_QUERY_BYTES = 28;
/** Offset of the first record of a report of version 2, and the offset of the group in a record. */
exports.MLD_RECORDS = 8;
const RECORD_GROUP = 4;
/** Record of a report: type, auxiliary words, number of sources, group. */
exports.MLD_RECORD_BYTES = 20;
/** A Multicast Router Advertisement has no group: RFC 4286 section 3.2. */
const ADVERTISEMENT_BYTES = 8;
/** Hop-by-hop header that holds the option router alert with the value 0, MLD (RFC 2711), and a PadN. */
const HOP_BY_HOP = [ipv6_1.NEXT_HEADER_ICMPV6, 0, 5, 2, 0, 0, 1, 0];
const HOP_BY_HOP_BYTES = 8;
const SUPPRESS = 0x08;
const ROBUSTNESS = 2;
const PIM_HELLO = 0x20;
/** Bytes of ff02::6a (all snoopers) and ff02::d (all PIM routers) behind `ff02::`. */
const LAST_BYTE_SNOOPERS = 0x6a;
const LAST_BYTE_PIM = 0x0d;
/** Results of `findMld`, besides an arena offset: another packet, and a message that is malformed. */
exports.NOT_MLD = 0;
exports.MALFORMED = -1;
/** ff02::1 */
exports.ALL_NODES = (0, ip_key_1.ipKeyOf)([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/**
 * Finds and checks the MLD message in an IPv6 packet.
 * @param at arena offset of the frame, whose virtio header may say that the checksum is left open
 * @param ip arena offset of the IPv6 header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns arena offset of the message, `NOT_MLD`, or `MALFORMED`
 */
function findMld(u8, u16, at, ip, lengthBytes) {
    if (lengthBytes < ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES)
        return exports.NOT_MLD;
    const message = messageAt(u8, ip);
    if (message < 0 || message - ip + ADVERTISEMENT_BYTES > lengthBytes)
        return exports.NOT_MLD;
    if (!isMldType((0, read_1.u8At)(u8, message)))
        return exports.NOT_MLD;
    const payloadBytes = (0, ipv6_1.checkIpv6Header)(u8, ip, lengthBytes);
    const bytes = payloadBytes - (message - ip - ipv6_1.IPV6_HEADER_BYTES);
    if (payloadBytes < 0 || bytes < ADVERTISEMENT_BYTES)
        return exports.MALFORMED;
    if (u8[ip + ipv6_1.HOP_LIMIT] !== 1 || u8[message + CODE] !== 0)
        return exports.MALFORMED;
    const isOpen = (0, checksum_1.isChecksumPartial)(u8, u16, at, message - at, CHECKSUM);
    if (!isOpen && !(0, checksum_1.sumHolds)(addMessage(u8, u16, ip, message, bytes)))
        return exports.MALFORMED;
    return isWhole(u8, ip, message, bytes) ? message : exports.MALFORMED;
}
/** Arena offset of what follows one hop-by-hop header before ICMPv6, or -1 for any other packet. */
function messageAt(u8, ip) {
    const header = ip + ipv6_1.IPV6_HEADER_BYTES;
    if (u8[ip + ipv6_1.NEXT_HEADER] !== ipv6_1.NEXT_HEADER_HOP_BY_HOP || u8[header] !== ipv6_1.NEXT_HEADER_ICMPV6) {
        return -1;
    }
    return header + ((0, read_1.u8At)(u8, header + 1) + 1) * HOP_BY_HOP_BYTES;
}
function isMldType(type) {
    return (type === exports.MLDV2_REPORT ||
        (type >= exports.MLD_QUERY && type <= exports.MLDV1_DONE) ||
        type === exports.MLD_ROUTER_ADVERTISEMENT);
}
/** Type of the MLD message in an IPv6 packet that has a hop-by-hop header; -1 if it holds none. */
function mldTypeIn(u8, ip, lengthBytes) {
    if (lengthBytes < ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES)
        return -1;
    const message = messageAt(u8, ip);
    if (message < 0 || message - ip >= lengthBytes)
        return -1;
    const type = (0, read_1.u8At)(u8, message);
    return isMldType(type) ? type : -1;
}
/** Whether a message joins or leaves: hosts send it for routers alone. */
function isMldReport(type) {
    return type === exports.MLDV2_REPORT || type === exports.MLDV1_REPORT || type === exports.MLDV1_DONE;
}
/** Size of the message at `message` of a packet whose header is right. */
function mldBytes(u8, ip, message) {
    return (0, ethernet_1.getU16)(u8, ip + ipv6_1.PAYLOAD_LENGTH) - (message - ip - ipv6_1.IPV6_HEADER_BYTES);
}
/** The sum over pseudo-header and message. */
function addMessage(u8, u16, ip, message, bytes) {
    const start = (0, checksum_1.asWord)(bytes) + (0, checksum_1.asWord)(ipv6_1.NEXT_HEADER_ICMPV6);
    const sum = (0, checksum_1.addWords)(u8, u16, ip + ipv6_1.SOURCE_ADDRESS, 2 * ipv6_1.IPV6_ADDRESS_BYTES, start);
    return (0, checksum_1.addWords)(u8, u16, message, bytes, sum);
}
function isWhole(u8, ip, at, bytes) {
    switch (mldType(u8, at)) {
        case exports.MLD_QUERY:
            return isQueryWhole(u8, ip, at, bytes);
        case exports.MLDV1_REPORT:
        case exports.MLDV1_DONE:
            return bytes >= exports.MLD_BYTES && (0, ipv6_1.isMulticastAt)(u8, at + exports.MLD_GROUP);
        case exports.MLDV2_REPORT:
            return areRecordsWhole(u8, at, bytes);
        default:
            return true;
    }
}
/** A query comes from a link-local address (RFC 3810 5.1.14); a general one goes to all nodes. */
function isQueryWhole(u8, ip, at, bytes) {
    if (bytes < exports.MLD_BYTES || !(0, ipv6_1.isLinkLocalAt)(u8, ip + ipv6_1.SOURCE_ADDRESS))
        return false;
    const isGeneral = (0, ipv6_1.isUnspecifiedAt)(u8, at + exports.MLD_GROUP);
    if (isGeneral && !(0, ipv6_1.isAllNodesAt)(u8, ip + ipv6_1.DESTINATION_ADDRESS))
        return false;
    if (!isGeneral && !(0, ipv6_1.isMulticastAt)(u8, at + exports.MLD_GROUP))
        return false;
    if (bytes === exports.MLD_BYTES)
        return true;
    const sourcesBytes = bytes - exports.MLDV2_QUERY_BYTES;
    return (sourcesBytes >= 0 && (0, ethernet_1.getU16)(u8, at + QUERY_SOURCE_COUNT) * ipv6_1.IPV6_ADDRESS_BYTES <= sourcesBytes);
}
function areRecordsWhole(u8, at, bytes) {
    const end = at + bytes;
    let record = at + exports.MLD_RECORDS;
    for (let left = mldRecordCount(u8, at); left > 0; left--) {
        if (record + exports.MLD_RECORD_BYTES > end)
            return false;
        if (!(0, ipv6_1.isMulticastAt)(u8, record + RECORD_GROUP))
            return false;
        record = nextMldRecord(u8, record);
        if (record > end)
            return false;
    }
    return true;
}
function mldType(u8, at) {
    return (0, read_1.u8At)(u8, at);
}
function mldRecordCount(u8, at) {
    return (0, ethernet_1.getU16)(u8, at + RECORD_COUNT);
}
/** Arena offset of the record behind `record`. */
function nextMldRecord(u8, record) {
    const sourcesBytes = (0, ethernet_1.getU16)(u8, record + 2) * ipv6_1.IPV6_ADDRESS_BYTES;
    return record + exports.MLD_RECORD_BYTES + sourcesBytes + (0, read_1.u8At)(u8, record + 1) * 4;
}
/** Longest time that a host may take to answer a query, ms. */
function mldMaxResponseMs(u8, at, bytes) {
    const code = (0, ethernet_1.getU16)(u8, at + MAX_RESPONSE);
    if (bytes < exports.MLDV2_QUERY_BYTES || code < 0x8000)
        return code;
    return ((code & 0x0fff) | 0x1000) * 2 ** (((code >> 12) & 7) + 3);
}
/** Number of sources of a query; 0 for version 1. */
function mldQuerySources(u8, at, bytes) {
    return bytes < exports.MLDV2_QUERY_BYTES ? 0 : (0, ethernet_1.getU16)(u8, at + QUERY_SOURCE_COUNT);
}
/** Whether routers that hear the query are to leave their timers alone. */
function isMldSuppressed(u8, at, bytes) {
    return bytes >= exports.MLDV2_QUERY_BYTES && ((0, read_1.u8At)(u8, at + QUERY_FLAGS) & SUPPRESS) !== 0;
}
/** Whether a packet with a right message is a Multicast Router Advertisement to all snoopers. */
function isMldRouterAdvertisement(u8, ip, at) {
    return mldType(u8, at) === exports.MLD_ROUTER_ADVERTISEMENT && isToLinkGroup(u8, ip, LAST_BYTE_SNOOPERS);
}
/** Whether the packet, whose next header is PIM, is a hello to all PIM routers. */
function isPimHelloV6(u8, ip, lengthBytes) {
    return ((0, ipv6_1.checkIpv6Header)(u8, ip, lengthBytes) > 0 &&
        u8[ip + ipv6_1.IPV6_HEADER_BYTES] === PIM_HELLO &&
        isToLinkGroup(u8, ip, LAST_BYTE_PIM));
}
/** Whether the packet goes to ff02::X. */
function isToLinkGroup(u8, ip, lastByte) {
    const to = ip + ipv6_1.DESTINATION_ADDRESS;
    if (u8[to] !== 0xff || u8[to + 1] !== 2 || u8[to + ipv6_1.IPV6_ADDRESS_BYTES - 1] !== lastByte) {
        return false;
    }
    for (let byte = 2; byte < ipv6_1.IPV6_ADDRESS_BYTES - 1; byte++)
        if (u8[to + byte] !== 0)
            return false;
    return true;
}
/** Size of an IPv6 packet with a query. @param version 1 or 2 */
function mldQueryBytes(version, sources) {
    const bytes = version === 1 ? exports.MLD_BYTES : exports.MLDV2_QUERY_BYTES + sources * ipv6_1.IPV6_ADDRESS_BYTES;
    return ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES + bytes;
}
/**
 * Writes an IPv6 packet with a query at `ip`, but for the sources of version 2 and the checksum, which
 * `finishMldQuery` writes.
 * @param group `::` for a general query
 */
function putMldQuery(u8, ip, { version, maxResponseMs, queryIntervalMs, isSuppressed }, source, group, sources) {
    const isGeneral = (group[0] ?? 0) === 0;
    (0, ethernet_1.putI32)(u8, ip, ipv6_1.VERSION_6);
    (0, ethernet_1.putU16)(u8, ip + ipv6_1.PAYLOAD_LENGTH, mldQueryBytes(version, sources) - ipv6_1.IPV6_HEADER_BYTES);
    u8[ip + ipv6_1.NEXT_HEADER] = ipv6_1.NEXT_HEADER_HOP_BY_HOP;
    u8[ip + ipv6_1.HOP_LIMIT] = 1;
    (0, ip_key_1.putIpv6Key)(u8, ip + ipv6_1.SOURCE_ADDRESS, source);
    (0, ip_key_1.putIpv6Key)(u8, ip + ipv6_1.DESTINATION_ADDRESS, isGeneral ? exports.ALL_NODES : group);
    u8.set(HOP_BY_HOP, ip + ipv6_1.IPV6_HEADER_BYTES);
    const at = ip + ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES;
    u8[at] = exports.MLD_QUERY;
    u8[at + CODE] = 0;
    (0, ethernet_1.putU16)(u8, at + CHECKSUM, 0);
    (0, ethernet_1.putU16)(u8, at + MAX_RESPONSE, version === 1 ? Math.min(maxResponseMs, 0xffff) : longCode(maxResponseMs));
    (0, ethernet_1.putU16)(u8, at + RECORD_COUNT, 0);
    (0, ip_key_1.putIpv6Key)(u8, at + exports.MLD_GROUP, group);
    if (version === 1)
        return;
    u8[at + QUERY_FLAGS] = (isSuppressed ? SUPPRESS : 0) | ROBUSTNESS;
    u8[at + QUERY_QQIC] = (0, igmp_1.floatCode)(Math.round(queryIntervalMs / 1000));
    (0, ethernet_1.putU16)(u8, at + QUERY_SOURCE_COUNT, sources);
}
/** Arena offset of a source of a query that `putMldQuery` has written. */
function mldQuerySourceAt(ip, source) {
    const at = ip + ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES + exports.MLDV2_QUERY_BYTES;
    return at + source * ipv6_1.IPV6_ADDRESS_BYTES;
}
/** Writes the checksum of a query that is complete otherwise. */
function finishMldQuery(u8, u16, ip) {
    const at = ip + ipv6_1.IPV6_HEADER_BYTES + HOP_BY_HOP_BYTES;
    const sum = addMessage(u8, u16, ip, at, mldBytes(u8, ip, at));
    u16[(at + CHECKSUM) >> 1] = (0, checksum_1.complement)(sum);
}
/** A number of 16 bits of RFC 3810 5.1.3: from 32768 on, exponent and mantissa. */
function longCode(value) {
    const whole = Math.min(Math.max(Math.round(value), 1), 8_387_584);
    if (whole < 0x8000)
        return whole;
    const exponent = Math.floor(Math.log2(whole)) - 15;
    return 0x8000 | (exponent << 12) | ((whole >> (exponent + 3)) & 0x0fff);
}
