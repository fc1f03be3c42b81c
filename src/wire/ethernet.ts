/**
 * Ethernet frames: the offsets of their fields, and the fields' values.
 *
 * A frame is a place in a burst's arena. Offsets here count from the first byte of the destination
 * address. Accessors assume that the caller has checked the length once (`MIN_FRAME_BYTES`). The
 * host is little endian; `native/native.ts` checks that when it loads the addon.
 *
 * Source: IEEE 802.3-2022 3.1.1 (frame), IEEE 802.1Q-2022 9.3 (tag), RFC 7042 (assigned numbers).
 */

/** Destination, source and type. A shorter frame is not an Ethernet frame. */
export const MIN_FRAME_BYTES = 14;
export const ETHERNET_HEADER_BYTES = 14;
/** One 802.1Q tag. A frame may exceed its port's MTU by the Ethernet header and one tag. */
export const VLAN_TAG_BYTES = 4;
export const MAC_BYTES = 6;

export const DESTINATION = 0;
export const SOURCE = 6;
export const ETHER_TYPE = 12;
export const PAYLOAD = 14;

/** EtherTypes in memory order: two bytes in network order, read as a little-endian word. */
export const ETHER_TYPE_IPV4 = 0x0008;
export const ETHER_TYPE_ARP = 0x0608;
export const ETHER_TYPE_IPV6 = 0xdd86;
export const ETHER_TYPE_VLAN = 0x0081;
export const ETHER_TYPE_SERVICE_VLAN = 0xa888;

/**
 * Group bit of `hi16`. The frame path carries a MAC address as two little-endian integers: `hi16`
 * holds bytes 0 and 1, and `lo32`, which is signed, holds bytes 2 to 5. They are cheap to load from
 * either address field.
 */
export const GROUP_BIT = 0x0001;
const BROADCAST_HI16 = 0xffff;
const BROADCAST_LO32 = -1;

/** 01-80-C2-00-00-00 … 0F, the addresses that IEEE 802.1Q-2022 8.6.3 reserves (table 8-1). */
const RESERVED_HI16 = 0x8001;
const RESERVED_LO32 = 0x000000c2;
const RESERVED_LO32_MASK = 0xf0ffffff | 0;

export function isGroup(hi16: number): boolean {
  return (hi16 & GROUP_BIT) !== 0;
}

export function isBroadcast(hi16: number, lo32: number): boolean {
  return lo32 === BROADCAST_LO32 && hi16 === BROADCAST_HI16;
}

export function isReserved(hi16: number, lo32: number): boolean {
  return hi16 === RESERVED_HI16 && (lo32 & RESERVED_LO32_MASK) === RESERVED_LO32;
}

/** The last nibble of a reserved address: 0 for STP, 1 for PAUSE, 14 for LLDP. */
export function reservedNibble(lo32: number): number {
  return lo32 >>> 24;
}

/** Bytes 0 and 1 of the address at arena offset `at` (even), as one word. */
export function macHi16(u16: Uint16Array, at: number): number {
  return u16[at >> 1] as number;
}

/** Bytes 2 to 5 of the address at arena offset `at` (even), as one signed word. */
export function macLo32(u16: Uint16Array, at: number): number {
  const index = (at >> 1) + 1;
  return (u16[index] as number) | ((u16[index + 1] as number) << 16);
}

/** The EtherType (or length) field of the frame at `at`, in memory order (see the constants). */
export function etherType(u16: Uint16Array, at: number): number {
  return u16[(at + ETHER_TYPE) >> 1] as number;
}

/** An EtherType as people write it, 0x0806 for ARP, in memory order. */
export function etherTypeWord(etherType: number): number {
  return ((etherType & 0xff) << 8) | (etherType >>> 8);
}

/** Writes an address at arena offset `at` (even). */
export function putMac(u16: Uint16Array, at: number, hi16: number, lo32: number): void {
  const index = at >> 1;
  u16[index] = hi16;
  u16[index + 1] = lo32 & 0xffff;
  u16[index + 2] = lo32 >>> 16;
}

/** Reads a 16-bit word in network order at any offset. */
export function getU16(u8: Uint8Array, at: number): number {
  return ((u8[at] as number) << 8) | (u8[at + 1] as number);
}

/** Reads a 32-bit word in network order at any offset, as a signed integer. */
export function getI32(u8: Uint8Array, at: number): number {
  return (
    ((u8[at] as number) << 24) |
    ((u8[at + 1] as number) << 16) |
    ((u8[at + 2] as number) << 8) |
    (u8[at + 3] as number)
  );
}

/** Writes a 16-bit word in network order at any offset. */
export function putU16(u8: Uint8Array, at: number, value: number): void {
  u8[at] = value >>> 8;
  u8[at + 1] = value;
}

/** Writes a 32-bit word in network order at any offset. */
export function putI32(u8: Uint8Array, at: number, value: number): void {
  u8[at] = value >>> 24;
  u8[at + 1] = value >>> 16;
  u8[at + 2] = value >>> 8;
  u8[at + 3] = value;
}
