/**
 * ARP, ND and DHCP behind VLAN tags, which are opaque to the switch: it cannot judge them, and a
 * host may accept them as if they were not tagged (VLAN 0). On an untrusted port they are refused.
 *
 * Coarse on purpose: all IPv6 that is neither TCP nor UDP counts as ND. Little is lost by it, for
 * where ARP and ND do not work nothing else does.
 */

import { IPV4_HEADER_BYTES, PROTOCOL, PROTOCOL_UDP, VERSION_AND_LENGTH } from '../ip/ipv4';
import { IPV6_HEADER_BYTES, NEXT_HEADER, NEXT_HEADER_TCP, NEXT_HEADER_UDP } from '../ip/ipv6';
import type { Burst } from '../l2/burst';
import {
  ETHER_TYPE,
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  VLAN_TAG_BYTES,
  getU16,
} from '../l2/wire';

const ETHER_TYPE_BYTES = 2;
const UDP_PORTS_BYTES = 4;
/** DHCPv4 server and client, DHCPv6 client and server. */
const DHCP_PORTS: readonly number[] = [67, 68, 546, 547];

/** Whether a tagged frame carries ARP, ND or DHCP. */
export function isTaggedControl(burst: Burst, frame: number): boolean {
  const { u8, u16 } = burst;
  const at = burst.offset[frame] as number;
  const end = at + (burst.length[frame] as number);
  let type = at + ETHER_TYPE;
  while (type + ETHER_TYPE_BYTES <= end && isTag(u16[type >> 1] as number)) type += VLAN_TAG_BYTES;
  const packet = type + ETHER_TYPE_BYTES;
  if (packet > end) return false;
  switch (u16[type >> 1]) {
    case ETHER_TYPE_ARP:
      return true;
    case ETHER_TYPE_IPV4:
      return isIpv4Control(u8, packet, end);
    case ETHER_TYPE_IPV6:
      return isIpv6Control(u8, packet, end);
    default:
      return false;
  }
}

function isTag(etherType: number): boolean {
  return etherType === ETHER_TYPE_VLAN || etherType === ETHER_TYPE_SERVICE_VLAN;
}

function isIpv4Control(u8: Uint8Array, ip: number, end: number): boolean {
  if (ip + IPV4_HEADER_BYTES > end || u8[ip + PROTOCOL] !== PROTOCOL_UDP) return false;
  const headerBytes = ((u8[ip + VERSION_AND_LENGTH] as number) & 0x0f) * 4;
  return isDhcp(u8, ip + headerBytes, end);
}

function isIpv6Control(u8: Uint8Array, ip: number, end: number): boolean {
  if (ip + IPV6_HEADER_BYTES > end) return false;
  const next = u8[ip + NEXT_HEADER];
  if (next === NEXT_HEADER_UDP) return isDhcp(u8, ip + IPV6_HEADER_BYTES, end);
  return next !== NEXT_HEADER_TCP;
}

function isDhcp(u8: Uint8Array, udp: number, end: number): boolean {
  if (udp + UDP_PORTS_BYTES > end) return false;
  return DHCP_PORTS.includes(getU16(u8, udp)) || DHCP_PORTS.includes(getU16(u8, udp + 2));
}
