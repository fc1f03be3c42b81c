/**
 * UDP: the parts that the DHCP room needs. `findUdp` finds a datagram without checking it, so that its
 * ports can be read. `checkUdp` checks a datagram before its payload is trusted.
 *
 * Source: RFC 768; RFC 8200 section 8.1 (checksum over IPv6).
 */

import { addWords, asWord, isChecksumPartial, sumHolds } from './checksum';
import {
  IPV4_HEADER_BYTES,
  PROTOCOL,
  PROTOCOL_UDP,
  SOURCE_ADDRESS,
  TOTAL_LENGTH,
  checkIpv4Header,
  isFirstFragment,
  isFragment,
} from './ipv4';
import {
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_UDP,
  addIpv6Payload,
  checkIpv6Header,
} from './ipv6';
import { ETHER_TYPE_IPV4, PAYLOAD, etherType, getU16 } from './ethernet';
import { UDP_CHECKSUM, UDP_HEADER_BYTES, UDP_LENGTH } from './dhcp';
import { u16At, u8At } from './read';

const IPV4_ADDRESSES_BYTES = 8;
const IPV4_HEADER_UNITS = 0x0f;
const IPV4_UNIT_BYTES = 4;

/** Whether the frame is IPv4. The DHCP room sees IPv4 and IPv6 only. */
export function isIpv4(u16: Uint16Array, at: number): boolean {
  return etherType(u16, at) === ETHER_TYPE_IPV4;
}

/** The arena offset of a UDP header that is whole within the frame, or -1. Checks nothing else. */
export function findUdp(u8: Uint8Array, u16: Uint16Array, at: number, lengthBytes: number): number {
  const ip = at + PAYLOAD;
  const end = at + lengthBytes;
  if (isIpv4(u16, at)) {
    if (ip + IPV4_HEADER_BYTES > end || u8[ip + PROTOCOL] !== PROTOCOL_UDP) return -1;
    if (!isFirstFragment(u8, ip)) return -1;
    const udp = ip + (u8At(u8, ip) & IPV4_HEADER_UNITS) * IPV4_UNIT_BYTES;
    return udp + UDP_HEADER_BYTES <= end ? udp : -1;
  }
  const udp = ip + IPV6_HEADER_BYTES;
  if (udp + UDP_HEADER_BYTES > end) return -1;
  return u8[ip + NEXT_HEADER] === NEXT_HEADER_UDP ? udp : -1;
}

/** Whether a UDP header has a port of DHCP, of either family. Most datagrams cost no more than this. */
export function hasDhcpPort(u16: Uint16Array, udp: number): boolean {
  return isDhcpPort(u16At(u16, udp >> 1)) || isDhcpPort(u16At(u16, (udp >> 1) + 1));
}

/** Whether the port is 67, 68, 546 or 547, each in memory order. */
function isDhcpPort(port: number): boolean {
  return port === 0x4300 || port === 0x4400 || port === 0x2202 || port === 0x2302;
}

/**
 * Checks a whole datagram, IP header included.
 * @param udp arena offset of the UDP header, from `findUdp`
 * @returns the arena offset of the datagram's end, or -1 for a malformed datagram or a fragment
 */
export function checkUdp(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  lengthBytes: number,
  udp: number,
): number {
  const ip = at + PAYLOAD;
  const udpBytes = getU16(u8, udp + UDP_LENGTH);
  const roomBytes = isIpv4(u16, at)
    ? checkIpv4Payload(u8, u16, ip, lengthBytes - PAYLOAD)
    : checkIpv6Header(u8, ip, lengthBytes - PAYLOAD);
  if (udpBytes < UDP_HEADER_BYTES || udpBytes > roomBytes) return -1;
  const isRight =
    isChecksumPartial(u8, u16, at, udp - at, UDP_CHECKSUM) ||
    (isIpv4(u16, at)
      ? getU16(u8, udp + UDP_CHECKSUM) === 0 ||
        sumHolds(addIpv4Datagram(u8, u16, ip, udp, udpBytes))
      : udpBytes === roomBytes && sumHolds(addIpv6Payload(u8, u16, ip, roomBytes)));
  return isRight ? udp + udpBytes : -1;
}

/** Size of the payload, bytes, of a well-formed packet; -1 for a malformed one or a fragment. */
function checkIpv4Payload(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  lengthBytes: number,
): number {
  const headerBytes = checkIpv4Header(u8, u16, ip, lengthBytes);
  if (headerBytes < 0 || isFragment(u8, ip)) return -1;
  return getU16(u8, ip + TOTAL_LENGTH) - headerBytes;
}

/** The sum over pseudo-header and datagram. */
function addIpv4Datagram(
  u8: Uint8Array,
  u16: Uint16Array,
  ip: number,
  udp: number,
  udpBytes: number,
): number {
  const protocol = asWord(PROTOCOL_UDP) + asWord(udpBytes);
  const pseudoHeader = addWords(u8, u16, ip + SOURCE_ADDRESS, IPV4_ADDRESSES_BYTES, protocol);
  return addWords(u8, u16, udp, udpBytes, pseudoHeader);
}
