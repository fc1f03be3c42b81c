/** Writes the switch's own messages of Neighbor Discovery into frames that the outbox reserves. */

import { i32At } from '../wire/read';
import { ipKeyOf, newIpKey, putIpv6Key } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { IPV6_ADDRESS_BYTES, putSolicitedNode } from '../wire/ipv6';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { DESTINATION, MAC_BYTES, SOURCE, macHi16, macLo32, putMac } from '../wire/ethernet';
import {
  BARE_FRAME_BYTES,
  DESTINATION_ADDRESS,
  FLAG_OVERRIDE,
  FRAME_BYTES,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  SOURCE_ADDRESS,
  SOURCE_LINK_LAYER,
  TARGET_ADDRESS,
  TARGET_LINK_LAYER,
  putChecksum,
  putLinkLayerOption,
  putMessage,
} from '../wire/nd';

const UNSPECIFIED: IpKey = newIpKey();
/** ff02::1 */
const ALL_NODES: IpKey = ipKeyOf([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/** An IPv6 group's MAC is 33-33 and the last four bytes of its address (RFC 2464 section 7). */
const GROUP_HI16 = 0x3333;

/**
 * Answers the solicitation `request`, out of its ingress port: `key` is at the MAC (`hi16`, `lo32`). The
 * Ethernet source is this MAC too, as if its owner had answered.
 */
export function answer(
  outbox: Outbox,
  request: number,
  hi16: number,
  lo32: number,
  key: IpKey,
  flags: number,
): void {
  const reply = makeAdvertisement(outbox, hi16, lo32, key, flags);
  if (reply < 0) return;
  const { u8, u16, offset, ingress, vlan } = outbox.burst;
  vlan[reply] = i32At(vlan, request);
  const from = i32At(offset, request);
  const at = i32At(offset, reply);
  putMac(u16, at + DESTINATION, macHi16(u16, from + SOURCE), macLo32(u16, from + SOURCE));
  const asker = from + SOURCE_ADDRESS;
  u8.copyWithin(at + DESTINATION_ADDRESS, asker, asker + IPV6_ADDRESS_BYTES);
  putChecksum(u8, u16, at, FRAME_BYTES);
  outbox.toPort(reply, i32At(ingress, request));
}

/** Advertises to all nodes that the switch has `key`: unsolicited, or to an asker without an address. */
export function advertiseToAll(outbox: Outbox, vlan: number, mac: MacWords, key: IpKey): void {
  const frame = makeAdvertisement(outbox, mac.hi16, mac.lo32, key, FLAG_OVERRIDE);
  if (frame < 0) return;
  const { u8, u16, offset } = outbox.burst;
  outbox.burst.vlan[frame] = vlan;
  const at = i32At(offset, frame);
  putIpv6Key(u8, at + DESTINATION_ADDRESS, ALL_NODES);
  putGroupMac(u16, at);
  putChecksum(u8, u16, at, FRAME_BYTES);
  outbox.toAll(frame);
}

/** Probes for `key`, which the switch wants to use: RFC 4862 5.4.2. */
export function probe(outbox: Outbox, vlan: number, mac: MacWords, key: IpKey): void {
  const frame = makeSolicitation(outbox, BARE_FRAME_BYTES, mac, UNSPECIFIED, key);
  if (frame < 0) return;
  const { u8, u16, offset } = outbox.burst;
  outbox.burst.vlan[frame] = vlan;
  const at = i32At(offset, frame);
  putSolicitedNode(u8, at + DESTINATION_ADDRESS, at + TARGET_ADDRESS);
  putGroupMac(u16, at);
  putChecksum(u8, u16, at, BARE_FRAME_BYTES);
  outbox.toAll(frame);
}

/** Asks the station (`hi16`, `lo32`) behind `port` whether it has `target`: RFC 4861 7.3.1. */
export function poll(
  outbox: Outbox,
  vlan: number,
  hi16: number,
  lo32: number,
  port: number,
  mac: MacWords,
  source: IpKey,
  target: IpKey,
): void {
  const frame = makeSolicitation(outbox, FRAME_BYTES, mac, source, target);
  if (frame < 0) return;
  const { u8, u16, offset } = outbox.burst;
  outbox.burst.vlan[frame] = vlan;
  const at = i32At(offset, frame);
  putMac(u16, at + DESTINATION, hi16, lo32);
  putIpv6Key(u8, at + DESTINATION_ADDRESS, target);
  putLinkLayerOption(u8, u16, at, SOURCE_LINK_LAYER, mac.hi16, mac.lo32);
  putChecksum(u8, u16, at, FRAME_BYTES);
  outbox.toPort(frame, port);
}

/** Writes an advertisement without its destination and checksum. @returns the frame, or -1 */
function makeAdvertisement(
  outbox: Outbox,
  hi16: number,
  lo32: number,
  key: IpKey,
  flags: number,
): number {
  const frame = outbox.make(FRAME_BYTES);
  if (frame < 0) return frame;
  const { u8, u16 } = outbox.burst;
  const at = i32At(outbox.burst.offset, frame);
  putMac(u16, at + SOURCE, hi16, lo32);
  putMessage(u8, u16, at, NEIGHBOUR_ADVERTISEMENT, flags, FRAME_BYTES);
  putIpv6Key(u8, at + SOURCE_ADDRESS, key);
  putIpv6Key(u8, at + TARGET_ADDRESS, key);
  putLinkLayerOption(u8, u16, at, TARGET_LINK_LAYER, hi16, lo32);
  return frame;
}

/** Writes a solicitation without its destination, option and checksum. @returns the frame, or -1 */
function makeSolicitation(
  outbox: Outbox,
  lengthBytes: number,
  mac: MacWords,
  source: IpKey,
  target: IpKey,
): number {
  const frame = outbox.make(lengthBytes);
  if (frame < 0) return frame;
  const { u8, u16 } = outbox.burst;
  const at = i32At(outbox.burst.offset, frame);
  putMac(u16, at + SOURCE, mac.hi16, mac.lo32);
  putMessage(u8, u16, at, NEIGHBOUR_SOLICITATION, 0, lengthBytes);
  putIpv6Key(u8, at + SOURCE_ADDRESS, source);
  putIpv6Key(u8, at + TARGET_ADDRESS, target);
  return frame;
}

/** Writes the Ethernet destination of the IPv6 group to which a frame is addressed. */
function putGroupMac(u16: Uint16Array, at: number): void {
  const lastBytes = at + DESTINATION_ADDRESS + IPV6_ADDRESS_BYTES - MAC_BYTES;
  putMac(u16, at + DESTINATION, GROUP_HI16, macLo32(u16, lastBytes));
}
