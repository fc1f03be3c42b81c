"use strict";
/**
 * IPv6 headers and IPv6 addresses. Offsets count from the first byte of the header, which lies at an
 * even arena offset.
 *
 * Source: RFC 8200 section 3 (header), RFC 4291 (addresses), RFC 5952 (text).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.NEXT_HEADER_DESTINATION_OPTIONS = exports.NEXT_HEADER_ICMPV6 = exports.NEXT_HEADER_FRAGMENT = exports.NEXT_HEADER_ROUTING = exports.NEXT_HEADER_UDP = exports.NEXT_HEADER_TCP = exports.NEXT_HEADER_HOP_BY_HOP = exports.DESTINATION_ADDRESS = exports.SOURCE_ADDRESS = exports.HOP_LIMIT = exports.NEXT_HEADER = exports.PAYLOAD_LENGTH = exports.VERSION_6 = exports.IPV6_ADDRESS_BYTES = exports.IPV6_HEADER_BYTES = void 0;
exports.isTcpOrUdp = isTcpOrUdp;
exports.checkIpv6Header = checkIpv6Header;
exports.addIpv6Payload = addIpv6Payload;
exports.isMulticastAt = isMulticastAt;
exports.isAllNodesAt = isAllNodesAt;
exports.isUnspecifiedAt = isUnspecifiedAt;
exports.isSameIpv6 = isSameIpv6;
exports.isLinkLocalAt = isLinkLocalAt;
exports.isLinkLocalOfMac = isLinkLocalOfMac;
exports.isHostIpv6At = isHostIpv6At;
exports.putSolicitedNode = putSolicitedNode;
exports.isSolicitedNodeAt = isSolicitedNodeAt;
exports.formatIpv6 = formatIpv6;
const ethernet_1 = require("./ethernet");
const checksum_1 = require("./checksum");
const read_1 = require("./read");
exports.IPV6_HEADER_BYTES = 40;
exports.IPV6_ADDRESS_BYTES = 16;
/** The first four bytes of a header: version, no traffic class, no flow label. */
exports.VERSION_6 = 0x60000000;
exports.PAYLOAD_LENGTH = 4;
exports.NEXT_HEADER = 6;
exports.HOP_LIMIT = 7;
exports.SOURCE_ADDRESS = 8;
exports.DESTINATION_ADDRESS = 24;
exports.NEXT_HEADER_HOP_BY_HOP = 0;
exports.NEXT_HEADER_TCP = 6;
exports.NEXT_HEADER_UDP = 17;
exports.NEXT_HEADER_ROUTING = 43;
exports.NEXT_HEADER_FRAGMENT = 44;
exports.NEXT_HEADER_ICMPV6 = 58;
exports.NEXT_HEADER_DESTINATION_OPTIONS = 60;
/** Whether a next header is TCP or UDP, as in nearly every packet. */
function isTcpOrUdp(nextHeader) {
    return nextHeader === exports.NEXT_HEADER_TCP || nextHeader === exports.NEXT_HEADER_UDP;
}
/**
 * Checks version and lengths of a header.
 * @param lengthBytes bytes of the frame from the header on
 * @returns size of the payload, bytes, or -1 if the header is malformed
 */
function checkIpv6Header(u8, ip, lengthBytes) {
    if (lengthBytes < exports.IPV6_HEADER_BYTES || (0, read_1.u8At)(u8, ip) >>> 4 !== 6)
        return -1;
    const payloadBytes = (0, ethernet_1.getU16)(u8, ip + exports.PAYLOAD_LENGTH);
    return exports.IPV6_HEADER_BYTES + payloadBytes <= lengthBytes ? payloadBytes : -1;
}
/** The sum over pseudo-header and payload. Assumes that there are no extension headers. */
function addIpv6Payload(u8, u16, ip, payloadBytes) {
    const pseudoHeader = (0, checksum_1.addWords)(u8, u16, ip + exports.SOURCE_ADDRESS, 2 * exports.IPV6_ADDRESS_BYTES, (0, checksum_1.asWord)(payloadBytes) + (0, checksum_1.asWord)((0, read_1.u8At)(u8, ip + exports.NEXT_HEADER)));
    return (0, checksum_1.addWords)(u8, u16, ip + exports.IPV6_HEADER_BYTES, payloadBytes, pseudoHeader);
}
/** The first word of ff02::/16. */
const LINK_SCOPE_GROUP = 0xff020000 | 0;
/** fe80::, and the parts of an interface identifier made from a MAC (RFC 4291 appendix A). */
const LINK_LOCAL_PREFIX = 0xfe800000 | 0;
const UNIVERSAL_BIT = 0x0200;
const EUI64_FILLING = 0xfffe;
/** Whether the address at arena offset `at` is in ff00::/8. */
function isMulticastAt(u8, at) {
    return u8[at] === 0xff;
}
/** Whether the address at arena offset `at` is ff02::1. */
function isAllNodesAt(u8, at) {
    const zeros = (0, ethernet_1.getI32)(u8, at + 4) | (0, ethernet_1.getI32)(u8, at + 8);
    return (0, ethernet_1.getI32)(u8, at) === LINK_SCOPE_GROUP && zeros === 0 && (0, ethernet_1.getI32)(u8, at + 12) === 1;
}
/** Whether the address at arena offset `at` is `::`. */
function isUnspecifiedAt(u8, at) {
    return ((0, ethernet_1.getI32)(u8, at) | (0, ethernet_1.getI32)(u8, at + 4) | (0, ethernet_1.getI32)(u8, at + 8) | (0, ethernet_1.getI32)(u8, at + 12)) === 0;
}
/** Whether the addresses at two arena offsets are the same. */
function isSameIpv6(u8, one, other) {
    for (let index = 0; index < exports.IPV6_ADDRESS_BYTES; index++) {
        if (u8[one + index] !== u8[other + index])
            return false;
    }
    return true;
}
/** Whether the address at arena offset `at` is in fe80::/10. */
function isLinkLocalAt(u8, at) {
    return u8[at] === 0xfe && ((0, read_1.u8At)(u8, at + 1) & 0xc0) === 0x80;
}
/** Whether the address at `address` is the link-local address made from the MAC at `mac`. */
function isLinkLocalOfMac(u8, address, mac) {
    return ((0, ethernet_1.getI32)(u8, address) === LINK_LOCAL_PREFIX &&
        (0, ethernet_1.getI32)(u8, address + 4) === 0 &&
        (0, ethernet_1.getU16)(u8, address + 8) === ((0, ethernet_1.getU16)(u8, mac) ^ UNIVERSAL_BIT) &&
        u8[address + 10] === u8[mac + 2] &&
        (0, ethernet_1.getU16)(u8, address + 11) === EUI64_FILLING &&
        u8[address + 13] === u8[mac + 3] &&
        (0, ethernet_1.getU16)(u8, address + 14) === (0, ethernet_1.getU16)(u8, mac + 4));
}
/** Whether one host may use the address on a link: not multicast, `::`, `::1` or IPv4-mapped. */
function isHostIpv6At(u8, at) {
    // Addresses that start with 80 zero bits: `::`, `::1`, IPv4-mapped and IPv4-compatible.
    const first80Bits = (0, ethernet_1.getI32)(u8, at) | (0, ethernet_1.getI32)(u8, at + 4) | (0, ethernet_1.getU16)(u8, at + 8);
    return first80Bits !== 0 && !isMulticastAt(u8, at);
}
/** ff02::1:ffXX:XXXX: RFC 4291 2.7.1. */
const SOLICITED_NODE_PREFIX = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff];
/** Writes the solicited-node group of the address at `target` to `to`. */
function putSolicitedNode(u8, to, target) {
    u8.set(SOLICITED_NODE_PREFIX, to);
    const prefixBytes = SOLICITED_NODE_PREFIX.length;
    u8.copyWithin(to + prefixBytes, target + prefixBytes, target + exports.IPV6_ADDRESS_BYTES);
}
/** Whether the address at `group` is the solicited-node group of the address at `target`. */
function isSolicitedNodeAt(u8, group, target) {
    for (let index = 0; index < exports.IPV6_ADDRESS_BYTES; index++) {
        const wanted = SOLICITED_NODE_PREFIX[index] ?? u8[target + index];
        if (u8[group + index] !== wanted)
            return false;
    }
    return true;
}
/** `2001:db8::1`: the text of RFC 5952 section 4. */
function formatIpv6(bytes) {
    const groups = Array.from({ length: 8 }, (_, index) => (0, ethernet_1.getU16)(bytes, 2 * index).toString(16));
    const gap = longestZeroRun(groups);
    if (gap.length < 2)
        return groups.join(':');
    const before = groups.slice(0, gap.start).join(':');
    const after = groups.slice(gap.start + gap.length).join(':');
    return `${before}::${after}`;
}
/** The first of the longest runs of zero groups. */
function longestZeroRun(groups) {
    let longest = { start: 0, length: 0 };
    let start = 0;
    groups.forEach((group, index) => {
        if (group !== '0')
            start = index + 1;
        else if (index + 1 - start > longest.length)
            longest = { start, length: index + 1 - start };
    });
    return longest;
}
