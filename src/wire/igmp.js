"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.MALFORMED = exports.IPV4_ADDRESS_BYTES = exports.IGMP_RECORD_BYTES = exports.IGMPV3_QUERY_BYTES = exports.IGMP_BYTES = exports.IGMP_GROUP = exports.ALL_SYSTEMS = exports.IGMP_ROUTER_ADVERTISEMENT = exports.IGMPV3_REPORT = exports.IGMPV2_LEAVE = exports.IGMPV2_REPORT = exports.IGMPV1_REPORT = exports.IGMP_QUERY = exports.PROTOCOL_PIM = exports.PROTOCOL_IGMP = void 0;
exports.isGroupIpv4 = isGroupIpv4;
exports.isLinkLocalGroupIpv4 = isLinkLocalGroupIpv4;
exports.checkIgmp = checkIgmp;
exports.igmpBytes = igmpBytes;
exports.igmpType = igmpType;
exports.isIgmpReport = isIgmpReport;
exports.igmpRecordCount = igmpRecordCount;
exports.nextIgmpRecord = nextIgmpRecord;
exports.igmpMaxResponseMs = igmpMaxResponseMs;
exports.igmpQuerySources = igmpQuerySources;
exports.isIgmpSuppressed = isIgmpSuppressed;
exports.isPimHello = isPimHello;
exports.isIgmpRouterAdvertisement = isIgmpRouterAdvertisement;
exports.igmpQueryBytes = igmpQueryBytes;
exports.putIgmpQuery = putIgmpQuery;
exports.igmpQuerySourceAt = igmpQuerySourceAt;
exports.finishIgmpQuery = finishIgmpQuery;
exports.floatCode = floatCode;
const checksum_1 = require("./checksum");
const ethernet_1 = require("./ethernet");
const ipv4_1 = require("./ipv4");
const read_1 = require("./read");
exports.PROTOCOL_IGMP = 2;
exports.PROTOCOL_PIM = 103;
exports.IGMP_QUERY = 0x11;
exports.IGMPV1_REPORT = 0x12;
exports.IGMPV2_REPORT = 0x16;
exports.IGMPV2_LEAVE = 0x17;
exports.IGMPV3_REPORT = 0x22;
/** Multicast Router Advertisement: RFC 4286 section 3.2. */
exports.IGMP_ROUTER_ADVERTISEMENT = 0x30;
exports.ALL_SYSTEMS = 0xe0000001 | 0;
/** 224.0.0.13: all PIM routers. */
const ALL_PIM_ROUTERS = 0xe000000d | 0;
/** 224.0.0.106: all snoopers (RFC 4286 section 6). */
const ALL_SNOOPERS = 0xe000006a | 0;
const CODE = 1;
const CHECKSUM = 2;
exports.IGMP_GROUP = 4;
const RECORD_COUNT = 6;
const QUERY_FLAGS = 8;
const QUERY_QQIC = 9;
const QUERY_SOURCE_COUNT = 10;
/** Size of a message of version 1 or 2, and the offset of the first record of a report of version 3. */
exports.IGMP_BYTES = 8;
/** Size of a query of version 3 without sources, and the offset of its sources. */
exports.IGMPV3_QUERY_BYTES = 12;
/** Record of a report: type, auxiliary words, number of sources, group. */
exports.IGMP_RECORD_BYTES = 8;
exports.IPV4_ADDRESS_BYTES = 4;
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
exports.MALFORMED = -1;
/** Whether the address is a group: 224.0.0.0/4. */
function isGroupIpv4(address) {
    return address >>> 28 === 0xe;
}
/** Whether the address is in 224.0.0.0/24, whose groups nobody may prune (RFC 4541 2.1.2). */
function isLinkLocalGroupIpv4(address) {
    return address >>> 8 === 0xe00000;
}
/**
 * Checks an IPv4 packet that carries IGMP and is no fragment: header, length and checksums.
 * @param ip arena offset of the IPv4 header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns arena offset of the message, or `MALFORMED`
 */
function checkIgmp(u8, u16, ip, lengthBytes) {
    const headerBytes = (0, ipv4_1.checkIpv4Header)(u8, u16, ip, lengthBytes);
    if (headerBytes < 0)
        return exports.MALFORMED;
    const at = ip + headerBytes;
    const bytes = igmpBytes(u8, ip);
    if (bytes < exports.IGMP_BYTES || !(0, checksum_1.sumHolds)((0, checksum_1.addWords)(u8, u16, at, bytes)))
        return exports.MALFORMED;
    return isWhole(u8, at, bytes) ? at : exports.MALFORMED;
}
/** Size of the message of a packet whose header is right. */
function igmpBytes(u8, ip) {
    return (0, ethernet_1.getU16)(u8, ip + ipv4_1.TOTAL_LENGTH) - ((0, read_1.u8At)(u8, ip + ipv4_1.VERSION_AND_LENGTH) & 0x0f) * 4;
}
function isWhole(u8, at, bytes) {
    const group = (0, ethernet_1.getI32)(u8, at + exports.IGMP_GROUP);
    switch (igmpType(u8, at)) {
        case exports.IGMP_QUERY:
            return (group === 0 || isGroupIpv4(group)) && isQueryWhole(u8, at, bytes);
        case exports.IGMPV1_REPORT:
        case exports.IGMPV2_REPORT:
        case exports.IGMPV2_LEAVE:
            return isGroupIpv4(group);
        case exports.IGMPV3_REPORT:
            return areRecordsWhole(u8, at, bytes);
        default:
            return true;
    }
}
function isQueryWhole(u8, at, bytes) {
    if (bytes === exports.IGMP_BYTES)
        return true;
    const sourcesBytes = bytes - exports.IGMPV3_QUERY_BYTES;
    return (sourcesBytes >= 0 && (0, ethernet_1.getU16)(u8, at + QUERY_SOURCE_COUNT) * exports.IPV4_ADDRESS_BYTES <= sourcesBytes);
}
function areRecordsWhole(u8, at, bytes) {
    const end = at + bytes;
    let record = at + exports.IGMP_BYTES;
    for (let left = igmpRecordCount(u8, at); left > 0; left--) {
        if (record + exports.IGMP_RECORD_BYTES > end)
            return false;
        if (!isGroupIpv4((0, ethernet_1.getI32)(u8, record + exports.IGMP_GROUP)))
            return false;
        record = nextIgmpRecord(u8, record);
        if (record > end)
            return false;
    }
    return true;
}
function igmpType(u8, at) {
    return (0, read_1.u8At)(u8, at);
}
/** Whether a message joins or leaves: hosts send it for routers alone. */
function isIgmpReport(type) {
    return (type === exports.IGMPV2_REPORT ||
        type === exports.IGMPV3_REPORT ||
        type === exports.IGMPV2_LEAVE ||
        type === exports.IGMPV1_REPORT);
}
function igmpRecordCount(u8, at) {
    return (0, ethernet_1.getU16)(u8, at + RECORD_COUNT);
}
/** Arena offset of the record behind `record`, of either family's report: the layout differs in sizes alone. */
function nextIgmpRecord(u8, record) {
    const words = (0, read_1.u8At)(u8, record + 1) + (0, ethernet_1.getU16)(u8, record + 2);
    return record + exports.IGMP_RECORD_BYTES + words * exports.IPV4_ADDRESS_BYTES;
}
/** Longest time that a host may take to answer a query, ms. Version 1 says nothing, and means 10 s. */
function igmpMaxResponseMs(u8, at, bytes) {
    const code = (0, read_1.u8At)(u8, at + CODE);
    if (code === 0)
        return 10_000;
    if (bytes < exports.IGMPV3_QUERY_BYTES || code < 0x80)
        return code * 100;
    return ((code & 0x0f) | 0x10) * 2 ** (((code >> 4) & 7) + 3) * 100;
}
/** Number of sources of a query; 0 for versions 1 and 2. */
function igmpQuerySources(u8, at, bytes) {
    return bytes < exports.IGMPV3_QUERY_BYTES ? 0 : (0, ethernet_1.getU16)(u8, at + QUERY_SOURCE_COUNT);
}
/** Whether routers that hear the query are to leave their timers alone. */
function isIgmpSuppressed(u8, at, bytes) {
    return bytes >= exports.IGMPV3_QUERY_BYTES && ((0, read_1.u8At)(u8, at + QUERY_FLAGS) & SUPPRESS) !== 0;
}
/** Whether the packet is a PIM hello to all PIM routers. @param ip arena offset of a header that is right */
function isPimHello(u8, ip, headerBytes) {
    return ((0, ethernet_1.getI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS) === ALL_PIM_ROUTERS &&
        (0, ethernet_1.getU16)(u8, ip + ipv4_1.TOTAL_LENGTH) > headerBytes &&
        u8[ip + headerBytes] === PIM_HELLO);
}
/** Whether a packet with a right message is a Multicast Router Advertisement to all snoopers. */
function isIgmpRouterAdvertisement(u8, ip, at) {
    return (igmpType(u8, at) === exports.IGMP_ROUTER_ADVERTISEMENT &&
        (0, ethernet_1.getI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS) === ALL_SNOOPERS);
}
/** Size of an IPv4 packet with a query. @param version 2 or 3 */
function igmpQueryBytes(version, sources) {
    const bytes = version === 2 ? exports.IGMP_BYTES : exports.IGMPV3_QUERY_BYTES + sources * exports.IPV4_ADDRESS_BYTES;
    return HEADER_WITH_ROUTER_ALERT_BYTES + bytes;
}
/**
 * Writes an IPv4 packet with a query at `ip`, but for the sources of version 3 and the checksum of the
 * message, which `finishIgmpQuery` writes.
 * @param source address of the querier; 0 if it has none
 * @param group 0 for a general query
 */
function putIgmpQuery(u8, u16, ip, { version, maxResponseMs, queryIntervalMs, isSuppressed }, source, group, sources) {
    u8[ip + ipv4_1.VERSION_AND_LENGTH] = 0x40 | (HEADER_WITH_ROUTER_ALERT_BYTES / 4);
    u8[ip + ipv4_1.TYPE_OF_SERVICE] = INTERNETWORK_CONTROL;
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.TOTAL_LENGTH, igmpQueryBytes(version, sources));
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.IDENTIFICATION, 0);
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.FLAGS_AND_FRAGMENT, ipv4_1.DONT_FRAGMENT);
    u8[ip + ipv4_1.TIME_TO_LIVE] = 1;
    u8[ip + ipv4_1.PROTOCOL] = exports.PROTOCOL_IGMP;
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.HEADER_CHECKSUM, 0);
    (0, ethernet_1.putI32)(u8, ip + ipv4_1.SOURCE_ADDRESS, source);
    (0, ethernet_1.putI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS, group === 0 ? exports.ALL_SYSTEMS : group);
    (0, ethernet_1.putI32)(u8, ip + ipv4_1.IPV4_HEADER_BYTES, ROUTER_ALERT);
    u16[(ip + ipv4_1.HEADER_CHECKSUM) >> 1] = (0, checksum_1.complement)((0, checksum_1.addWords)(u8, u16, ip, HEADER_WITH_ROUTER_ALERT_BYTES));
    const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES;
    const tenths = Math.round(maxResponseMs / 100);
    u8[at] = exports.IGMP_QUERY;
    u8[at + CODE] = version === 2 ? Math.min(Math.max(tenths, 1), 0xff) : floatCode(tenths);
    (0, ethernet_1.putU16)(u8, at + CHECKSUM, 0);
    (0, ethernet_1.putI32)(u8, at + exports.IGMP_GROUP, group);
    if (version === 2)
        return;
    u8[at + QUERY_FLAGS] = (isSuppressed ? SUPPRESS : 0) | ROBUSTNESS;
    u8[at + QUERY_QQIC] = floatCode(Math.round(queryIntervalMs / 1000));
    (0, ethernet_1.putU16)(u8, at + QUERY_SOURCE_COUNT, sources);
}
/** Arena offset of a source of a query that `putIgmpQuery` has written. */
function igmpQuerySourceAt(ip, source) {
    const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES + exports.IGMPV3_QUERY_BYTES;
    return at + source * exports.IPV4_ADDRESS_BYTES;
}
/** Writes the checksum of a query that is complete otherwise. */
function finishIgmpQuery(u8, u16, ip) {
    const at = ip + HEADER_WITH_ROUTER_ALERT_BYTES;
    u16[(at + CHECKSUM) >> 1] = (0, checksum_1.complement)((0, checksum_1.addWords)(u8, u16, at, igmpBytes(u8, ip)));
}
/** A number of 8 bits of RFC 3376 4.1.1 and 4.1.7: from 128 on, exponent and mantissa. */
function floatCode(value) {
    const whole = Math.min(Math.max(value, 1), 31_744);
    if (whole < 0x80)
        return whole;
    const exponent = Math.floor(Math.log2(whole)) - 7;
    return 0x80 | (exponent << 4) | ((whole >> (exponent + 3)) & 0x0f);
}
