/**
 * Frames that the bridge must see although it knows both stations: those that a room may want, and those that
 * may hide such a frame. The program in the kernel makes the same check (`device/fast-program.ts`); a trace
 * makes it here.
 */

import { getU16 } from '../../wire/ethernet';
import { u8At } from '../../wire/read';

/** The first EtherType. A smaller number is the length of an LLC frame. */
export const FIRST_TYPE = 0x0600;

/** EtherTypes of which the bridge sees every frame, and their names. */
export const SLOW_TYPES: ReadonlyMap<number, string> = new Map([
  [0x0806, 'ARP'],
  [0x8035, 'RARP'],
  [0x8100, 'tagged'],
  [0x88a8, 'tagged'],
  // Tags from before the standard.
  [0x9100, 'tagged'],
  [0x9200, 'tagged'],
  [0x9300, 'tagged'],
  // LLC behind a jumbo length: IEEE 802.1AC-2016/Cor 1-2018.
  [0x8870, 'LLC'],
  // Slow protocols.
  [0x8809, 'LACP'],
  [0x888e, 'EAPOL'],
  [0x88cc, 'LLDP'],
]);

export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;
export const PLAIN_IPV4 = 0x45;
export const Protocol = { IGMP: 2, TCP: 6, UDP: 17, ICMPV6: 58 } as const;
/** First type of ICMPv6 that the bridge sees. MLD and Neighbor Discovery have higher types; errors and ping have lower ones. */
export const FIRST_SLOW_ICMPV6 = 130;
/** UDP ports of DHCP and DHCPv6, in either family: inspection judges both alike (`hasDhcpPort`). */
export const DHCP_PORTS: readonly number[] = [67, 68, 546, 547];

/** Offsets in an untagged frame. */
export const At = {
  ETHER_TYPE: 12,
  IPV4: 14,
  IPV4_FRAGMENT: 20,
  IPV4_PROTOCOL: 23,
  IPV4_PAYLOAD: 34,
  IPV6_NEXT_HEADER: 20,
  IPV6_PAYLOAD: 54,
} as const;
/** Bits of the fragment's offset. */
export const FRAGMENT_OFFSET = 0x1fff;
export const TCP_BYTES = 20;
export const UDP_BYTES = 8;

/** @returns name of the kind of frame that the bridge must see; undefined if it need not see the frame */
export function slowProtocol(frame: Uint8Array): string | undefined {
  const type = getU16(frame, At.ETHER_TYPE);
  if (type === IPV4) return slowIpv4(frame);
  if (type === IPV6) return slowIpv6(frame);
  return type < FIRST_TYPE ? 'LLC' : SLOW_TYPES.get(type);
}

function slowIpv4(frame: Uint8Array): string | undefined {
  if (frame.length < At.IPV4_PAYLOAD) return 'cut short';
  const protocol = frame[At.IPV4_PROTOCOL];
  if (protocol === Protocol.IGMP) return 'IGMP';
  if (frame[At.IPV4] !== PLAIN_IPV4) {
    return protocol === Protocol.UDP ? 'UDP behind options' : undefined;
  }
  if ((getU16(frame, At.IPV4_FRAGMENT) & FRAGMENT_OFFSET) !== 0) return undefined;
  return slowTransport(frame, protocol, At.IPV4_PAYLOAD);
}

function slowIpv6(frame: Uint8Array): string | undefined {
  if (frame.length < At.IPV6_PAYLOAD) return 'cut short';
  const protocol = frame[At.IPV6_NEXT_HEADER];
  if (protocol !== Protocol.ICMPV6) {
    const isPlain = protocol === Protocol.TCP || protocol === Protocol.UDP;
    return isPlain ? slowTransport(frame, protocol, At.IPV6_PAYLOAD) : 'IPv6 with another header';
  }
  if (frame.length <= At.IPV6_PAYLOAD) return 'cut short';
  return u8At(frame, At.IPV6_PAYLOAD) >= FIRST_SLOW_ICMPV6
    ? 'Neighbor Discovery or MLD'
    : undefined;
}

function slowTransport(
  frame: Uint8Array,
  protocol: number | undefined,
  at: number,
): string | undefined {
  if (protocol === Protocol.TCP) return frame.length < at + TCP_BYTES ? 'cut short' : undefined;
  if (protocol !== Protocol.UDP) return undefined;
  if (frame.length < at + UDP_BYTES) return 'cut short';
  const ports = [getU16(frame, at), getU16(frame, at + 2)];
  return ports.some((port) => DHCP_PORTS.includes(port)) ? 'DHCP' : undefined;
}
