/**
 * ARP packets for IPv4 on Ethernet. Offsets count from the first byte of the frame. Call
 * `isEthernetIpv4` once per frame; the accessors cannot fail after that.
 *
 *    0  destination   6  source         12 EtherType 0x0806
 *   14  hardware type (1)               16 protocol type (0x0800)
 *   18  lengths (6, 4)                  20 operation
 *   22  sender hardware address         28 sender protocol address
 *   32  target hardware address         38 target protocol address
 *
 * Source: RFC 826; RFC 5227 1.1 (probe, announcement).
 */

import {
  ETHER_TYPE,
  ETHER_TYPE_ARP,
  GROUP_BIT,
  SOURCE,
  getI32,
  macHi16,
  macLo32,
  putI32,
  putMac,
} from './ethernet';
import { u16At } from './read';

export const ARP_FRAME_BYTES = 42;

const HARDWARE_TYPE = 14;
const PROTOCOL_TYPE = 16;
const ADDRESS_LENGTHS = 18;
const OPERATION = 20;
const SENDER_HARDWARE = 22;
const SENDER_PROTOCOL = 28;
const TARGET_HARDWARE = 32;
const TARGET_PROTOCOL = 38;

/** 16-bit fields as they lie in memory: network order, read as a little-endian word. */
const HARDWARE_ETHERNET = 0x0100;
const PROTOCOL_IPV4 = 0x0008;
const LENGTHS_6_AND_4 = 0x0406;
export const REQUEST = 0x0100;
export const REPLY = 0x0200;

/** Whether the frame is a whole request or reply, about IPv4 on Ethernet. */
export function isEthernetIpv4(u16: Uint16Array, at: number, lengthBytes: number): boolean {
  if (lengthBytes < ARP_FRAME_BYTES) return false;
  const op = operation(u16, at);
  return (
    u16[(at + HARDWARE_TYPE) >> 1] === HARDWARE_ETHERNET &&
    u16[(at + PROTOCOL_TYPE) >> 1] === PROTOCOL_IPV4 &&
    u16[(at + ADDRESS_LENGTHS) >> 1] === LENGTHS_6_AND_4 &&
    (op === REQUEST || op === REPLY)
  );
}

/** Whether the sender hardware address is a station's address and equals the Ethernet source. */
export function isFromSender(u16: Uint16Array, at: number): boolean {
  const hi16 = senderHi16(u16, at);
  const lo32 = senderLo32(u16, at);
  return (
    hi16 === macHi16(u16, at + SOURCE) &&
    lo32 === macLo32(u16, at + SOURCE) &&
    (hi16 & GROUP_BIT) === 0 &&
    (hi16 | lo32) !== 0
  );
}

/** `REQUEST` or `REPLY`. */
export function operation(u16: Uint16Array, at: number): number {
  return u16At(u16, (at + OPERATION) >> 1);
}

export function senderHi16(u16: Uint16Array, at: number): number {
  return macHi16(u16, at + SENDER_HARDWARE);
}

export function senderLo32(u16: Uint16Array, at: number): number {
  return macLo32(u16, at + SENDER_HARDWARE);
}

export function senderAddress(u8: Uint8Array, at: number): number {
  return getI32(u8, at + SENDER_PROTOCOL);
}

export function targetHi16(u16: Uint16Array, at: number): number {
  return macHi16(u16, at + TARGET_HARDWARE);
}

export function targetLo32(u16: Uint16Array, at: number): number {
  return macLo32(u16, at + TARGET_HARDWARE);
}

export function targetAddress(u8: Uint8Array, at: number): number {
  return getI32(u8, at + TARGET_PROTOCOL);
}

/** Writes EtherType and everything up to the operation. `putMac` writes the Ethernet destination. */
export function putOperation(u16: Uint16Array, at: number, op: number): void {
  u16[(at + ETHER_TYPE) >> 1] = ETHER_TYPE_ARP;
  u16[(at + HARDWARE_TYPE) >> 1] = HARDWARE_ETHERNET;
  u16[(at + PROTOCOL_TYPE) >> 1] = PROTOCOL_IPV4;
  u16[(at + ADDRESS_LENGTHS) >> 1] = LENGTHS_6_AND_4;
  u16[(at + OPERATION) >> 1] = op;
}

/** Writes the sender, and the Ethernet source, which is the same station. */
export function putSender(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  hi16: number,
  lo32: number,
  address: number,
): void {
  putMac(u16, at + SOURCE, hi16, lo32);
  putMac(u16, at + SENDER_HARDWARE, hi16, lo32);
  putI32(u8, at + SENDER_PROTOCOL, address);
}

export function putTarget(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  hi16: number,
  lo32: number,
  address: number,
): void {
  putMac(u16, at + TARGET_HARDWARE, hi16, lo32);
  putI32(u8, at + TARGET_PROTOCOL, address);
}
