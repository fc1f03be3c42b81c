"use strict";
/**
 * IPv6 packets that hide Neighbor Discovery, or a DHCPv6 server, behind extension headers or in a
 * fragment. A switch that reads the first header only would forward them, and hosts would act on them.
 *
 * Source: RFC 7113 (how router advertisements were hidden), RFC 7112 (the whole chain of headers
 * belongs into the first fragment), RFC 6980 (no fragments in Neighbor Discovery).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.hasExtensionHeaders = hasExtensionHeaders;
exports.isDisguised = isDisguised;
const ipv6_1 = require("./ipv6");
const ethernet_1 = require("./ethernet");
const nd_1 = require("./nd");
const read_1 = require("./read");
/** Extension headers (RFC 8200 section 4): next header, then the length in units beyond the first. */
const EXTENSION_LENGTH = 1;
const EXTENSION_UNIT_BYTES = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_OFFSET_MASK = 0xfff8;
const UDP_DESTINATION_PORT = 2;
const DHCPV6_CLIENT_PORT = 546;
/** Whether an extension header follows the IPv6 header of a frame. */
function hasExtensionHeaders(u8, at, lengthBytes) {
    return (lengthBytes >= ethernet_1.PAYLOAD + ipv6_1.IPV6_HEADER_BYTES && isExtension((0, read_1.u8At)(u8, at + ethernet_1.PAYLOAD + ipv6_1.NEXT_HEADER)));
}
/**
 * Whether a frame for which `hasExtensionHeaders` holds carries a message that hosts may not send
 * behind extension headers. A truncated chain of headers counts as such a message. A later fragment
 * does not: it is harmless without the first one.
 */
function isDisguised(u8, at, lengthBytes) {
    const end = at + lengthBytes;
    let header = at + ethernet_1.PAYLOAD + ipv6_1.IPV6_HEADER_BYTES;
    let type = (0, read_1.u8At)(u8, at + ethernet_1.PAYLOAD + ipv6_1.NEXT_HEADER);
    while (isExtension(type)) {
        if (header + EXTENSION_UNIT_BYTES > end)
            return true;
        const isFragment = type === ipv6_1.NEXT_HEADER_FRAGMENT;
        if (isFragment && ((0, ethernet_1.getU16)(u8, header + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) !== 0) {
            return false;
        }
        type = (0, read_1.u8At)(u8, header);
        const units = isFragment ? 0 : (0, read_1.u8At)(u8, header + EXTENSION_LENGTH);
        header += (units + 1) * EXTENSION_UNIT_BYTES;
    }
    if (type === ipv6_1.NEXT_HEADER_ICMPV6)
        return header >= end || (0, nd_1.isNdType)((0, read_1.u8At)(u8, header));
    if (type !== ipv6_1.NEXT_HEADER_UDP)
        return false;
    const port = header + UDP_DESTINATION_PORT;
    return port + 2 > end || (0, ethernet_1.getU16)(u8, port) === DHCPV6_CLIENT_PORT;
}
function isExtension(type) {
    return (type === ipv6_1.NEXT_HEADER_HOP_BY_HOP ||
        type === ipv6_1.NEXT_HEADER_ROUTING ||
        type === ipv6_1.NEXT_HEADER_FRAGMENT ||
        type === ipv6_1.NEXT_HEADER_DESTINATION_OPTIONS);
}
