"use strict";
/**
 * IPv4 headers and IPv4 addresses.
 *
 * An address travels as one signed 32-bit integer whose most significant byte is the first of the
 * dotted quad: 192.0.2.1 is `0xc0000201 | 0`. Offsets count from the first byte of the header.
 *
 * Source: RFC 791 (header), RFC 1122 3.2.1.3 and RFC 6890 (addresses).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.UNSPECIFIED_IPV4 = exports.DONT_FRAGMENT = exports.PROTOCOL_UDP = exports.PROTOCOL_ICMP = exports.DESTINATION_ADDRESS = exports.SOURCE_ADDRESS = exports.HEADER_CHECKSUM = exports.PROTOCOL = exports.TIME_TO_LIVE = exports.FLAGS_AND_FRAGMENT = exports.IDENTIFICATION = exports.TOTAL_LENGTH = exports.TYPE_OF_SERVICE = exports.VERSION_AND_LENGTH = exports.IPV4_HEADER_BYTES = void 0;
exports.checkIpv4Header = checkIpv4Header;
exports.isFragment = isFragment;
exports.isFirstFragment = isFirstFragment;
exports.isHostIpv4 = isHostIpv4;
exports.isLinkLocalIpv4 = isLinkLocalIpv4;
exports.parseIpv4 = parseIpv4;
exports.formatIpv4 = formatIpv4;
const ethernet_1 = require("./ethernet");
const checksum_1 = require("./checksum");
const read_1 = require("./read");
/** Size of a header without options. */
exports.IPV4_HEADER_BYTES = 20;
exports.VERSION_AND_LENGTH = 0;
exports.TYPE_OF_SERVICE = 1;
exports.TOTAL_LENGTH = 2;
exports.IDENTIFICATION = 4;
exports.FLAGS_AND_FRAGMENT = 6;
exports.TIME_TO_LIVE = 8;
exports.PROTOCOL = 9;
exports.HEADER_CHECKSUM = 10;
exports.SOURCE_ADDRESS = 12;
exports.DESTINATION_ADDRESS = 16;
exports.PROTOCOL_ICMP = 1;
exports.PROTOCOL_UDP = 17;
exports.DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;
exports.UNSPECIFIED_IPV4 = 0;
const LINK_LOCAL_PREFIX = 0xa9fe;
/**
 * Checks version, lengths and checksum of a header.
 * @param ip arena offset of the header, even
 * @param lengthBytes bytes of the frame from there on
 * @returns size of the header with its options, bytes, or -1 if it is malformed
 */
function checkIpv4Header(u8, u16, ip, lengthBytes) {
    if (lengthBytes < exports.IPV4_HEADER_BYTES)
        return -1;
    const versionAndLength = (0, read_1.u8At)(u8, ip + exports.VERSION_AND_LENGTH);
    if (versionAndLength >>> 4 !== 4)
        return -1;
    const headerBytes = (versionAndLength & 0x0f) * 4;
    const totalBytes = (0, ethernet_1.getU16)(u8, ip + exports.TOTAL_LENGTH);
    if (headerBytes < exports.IPV4_HEADER_BYTES || totalBytes < headerBytes || totalBytes > lengthBytes) {
        return -1;
    }
    return (0, checksum_1.sumHolds)((0, checksum_1.addWords)(u8, u16, ip, headerBytes)) ? headerBytes : -1;
}
/** Whether the packet is a fragment. */
function isFragment(u8, ip) {
    return ((0, ethernet_1.getU16)(u8, ip + exports.FLAGS_AND_FRAGMENT) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
}
/** Whether the packet holds the first bytes of the payload: the first fragment, or no fragment. */
function isFirstFragment(u8, ip) {
    return ((0, ethernet_1.getU16)(u8, ip + exports.FLAGS_AND_FRAGMENT) & FRAGMENT_OFFSET) === 0;
}
/** Whether one host may use the address: not 0/8, 127/8, multicast or the limited broadcast. */
function isHostIpv4(address) {
    const first = address >>> 24;
    return first !== 0 && first !== 127 && first >>> 4 !== 14 && address !== -1;
}
/** Whether the address is in 169.254/16, from which a host chooses its own address (RFC 3927). */
function isLinkLocalIpv4(address) {
    return address >>> 16 === LINK_LOCAL_PREFIX;
}
const IPV4_TEXT = /^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/;
/** Reads `192.0.2.1`. @returns the address, or `undefined` for any other text, such as octal. */
function parseIpv4(text) {
    if (!IPV4_TEXT.test(text))
        return undefined;
    const bytes = text.split('.').map(Number);
    if (bytes.some((byte) => byte > 255))
        return undefined;
    return bytes.reduce((address, byte) => (address << 8) | byte, 0);
}
/** `192.0.2.1`. */
function formatIpv4(address) {
    return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
