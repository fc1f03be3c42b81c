"use strict";
/**
 * Ethernet frames: the offsets of their fields, and the fields' values.
 *
 * A frame is a place in a burst's arena. Offsets here count from the first byte of the destination
 * address. Accessors assume that the caller has checked the length once (`MIN_FRAME_BYTES`). The
 * host is little endian; `native/native.ts` checks that when it loads the addon.
 *
 * Source: IEEE 802.3-2022 3.1.1 (frame), IEEE 802.1Q-2022 9.3 (tag), RFC 7042 (assigned numbers).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.GROUP_BIT = exports.ETHER_TYPE_SERVICE_VLAN = exports.ETHER_TYPE_VLAN = exports.ETHER_TYPE_IPV6 = exports.ETHER_TYPE_ARP = exports.ETHER_TYPE_IPV4 = exports.PAYLOAD = exports.ETHER_TYPE = exports.SOURCE = exports.DESTINATION = exports.MAC_BYTES = exports.VLAN_TAG_BYTES = exports.ETHERNET_HEADER_BYTES = exports.MIN_FRAME_BYTES = void 0;
exports.isGroup = isGroup;
exports.isBroadcast = isBroadcast;
exports.isReserved = isReserved;
exports.reservedNibble = reservedNibble;
exports.macHi16 = macHi16;
exports.macLo32 = macLo32;
exports.etherType = etherType;
exports.etherTypeWord = etherTypeWord;
exports.putMac = putMac;
exports.getU16 = getU16;
exports.getI32 = getI32;
exports.putU16 = putU16;
exports.putI32 = putI32;
/** Destination, source and type. A shorter frame is not an Ethernet frame. */
exports.MIN_FRAME_BYTES = 14;
exports.ETHERNET_HEADER_BYTES = 14;
/** One 802.1Q tag. A frame may exceed its port's MTU by the Ethernet header and one tag. */
exports.VLAN_TAG_BYTES = 4;
exports.MAC_BYTES = 6;
exports.DESTINATION = 0;
exports.SOURCE = 6;
exports.ETHER_TYPE = 12;
exports.PAYLOAD = 14;
/** EtherTypes in memory order: two bytes in network order, read as a little-endian word. */
exports.ETHER_TYPE_IPV4 = 0x0008;
exports.ETHER_TYPE_ARP = 0x0608;
exports.ETHER_TYPE_IPV6 = 0xdd86;
exports.ETHER_TYPE_VLAN = 0x0081;
exports.ETHER_TYPE_SERVICE_VLAN = 0xa888;
/**
 * Group bit of `hi16`. The frame path carries a MAC address as two little-endian integers: `hi16`
 * holds bytes 0 and 1, and `lo32`, which is signed, holds bytes 2 to 5. They are cheap to load from
 * either address field.
 */
exports.GROUP_BIT = 0x0001;
const BROADCAST_HI16 = 0xffff;
const BROADCAST_LO32 = -1;
/** 01-80-C2-00-00-00 … 0F, the addresses that IEEE 802.1Q-2022 8.6.3 reserves (table 8-1). */
const RESERVED_HI16 = 0x8001;
const RESERVED_LO32 = 0x000000c2;
const RESERVED_LO32_MASK = 0xf0ffffff | 0;
function isGroup(hi16) {
    return (hi16 & exports.GROUP_BIT) !== 0;
}
function isBroadcast(hi16, lo32) {
    return lo32 === BROADCAST_LO32 && hi16 === BROADCAST_HI16;
}
function isReserved(hi16, lo32) {
    return hi16 === RESERVED_HI16 && (lo32 & RESERVED_LO32_MASK) === RESERVED_LO32;
}
/** The last nibble of a reserved address: 0 for STP, 1 for PAUSE, 14 for LLDP. */
function reservedNibble(lo32) {
    return lo32 >>> 24;
}
/** Bytes 0 and 1 of the address at arena offset `at` (even), as one word. */
function macHi16(u16, at) {
    return u16[at >> 1];
}
/** Bytes 2 to 5 of the address at arena offset `at` (even), as one signed word. */
function macLo32(u16, at) {
    const index = (at >> 1) + 1;
    return u16[index] | (u16[index + 1] << 16);
}
/** The EtherType (or length) field of the frame at `at`, in memory order (see the constants). */
function etherType(u16, at) {
    return u16[(at + exports.ETHER_TYPE) >> 1];
}
/** An EtherType as people write it, 0x0806 for ARP, in memory order. */
function etherTypeWord(etherType) {
    return ((etherType & 0xff) << 8) | (etherType >>> 8);
}
/** Writes an address at arena offset `at` (even). */
function putMac(u16, at, hi16, lo32) {
    const index = at >> 1;
    u16[index] = hi16;
    u16[index + 1] = lo32 & 0xffff;
    u16[index + 2] = lo32 >>> 16;
}
/** Reads a 16-bit word in network order at any offset. */
function getU16(u8, at) {
    return (u8[at] << 8) | u8[at + 1];
}
/** Reads a 32-bit word in network order at any offset, as a signed integer. */
function getI32(u8, at) {
    return ((u8[at] << 24) |
        (u8[at + 1] << 16) |
        (u8[at + 2] << 8) |
        u8[at + 3]);
}
/** Writes a 16-bit word in network order at any offset. */
function putU16(u8, at, value) {
    u8[at] = value >>> 8;
    u8[at + 1] = value;
}
/** Writes a 32-bit word in network order at any offset. */
function putI32(u8, at, value) {
    u8[at] = value >>> 24;
    u8[at + 1] = value >>> 16;
    u8[at + 2] = value >>> 8;
    u8[at + 3] = value;
}
