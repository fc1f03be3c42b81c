/** Writes the switch's own ARP packets into frames that the outbox reserves. */

import { i32At } from '../wire/read';
import { NO_PORT } from '../frame/port-id';
import { isLinkLocalIpv4 } from '../wire/ipv4';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { DESTINATION, putMac } from '../wire/ethernet';
import {
  ARP_FRAME_BYTES,
  REPLY,
  REQUEST,
  putOperation,
  putSender,
  putTarget,
  senderAddress,
  senderHi16,
  senderLo32,
} from '../wire/arp';

const BROADCAST_HI16 = 0xffff;
const BROADCAST_LO32 = -1;

/**
 * Answers `request`, out of its ingress port: `address` is at the MAC (`hi16`, `lo32`). The Ethernet source
 * is this MAC too, as if its owner had answered. An answer for a link-local address goes to all hosts
 * (RFC 3927 2.5), so that two hosts that chose the same address notice each other.
 * @param ownerPort port of the owner, which gets no copy of its own answer
 */
export function answer(
  outbox: Outbox,
  request: number,
  hi16: number,
  lo32: number,
  address: number,
  ownerPort = NO_PORT,
): void {
  const { u8, u16, offset, ingress, vlan } = outbox.burst;
  const asked = i32At(offset, request);
  const askerHi16 = senderHi16(u16, asked);
  const askerLo32 = senderLo32(u16, asked);
  const reply = outbox.make(ARP_FRAME_BYTES);
  if (reply < 0) return;
  vlan[reply] = i32At(vlan, request);
  const at = i32At(offset, reply);
  putOperation(u16, at, REPLY);
  putSender(u8, u16, at, hi16, lo32, address);
  putTarget(u8, u16, at, askerHi16, askerLo32, senderAddress(u8, asked));
  if (isLinkLocalIpv4(address)) {
    putMac(u16, at + DESTINATION, BROADCAST_HI16, BROADCAST_LO32);
    outbox.toAll(reply, ownerPort);
  } else {
    putMac(u16, at + DESTINATION, askerHi16, askerLo32);
    outbox.toPort(reply, i32At(ingress, request));
  }
}

/**
 * Broadcasts a request for `target`. It is a probe if `sender` is unspecified, and an announcement if
 * `sender` equals `target` (RFC 5227 1.1). The target hardware address is zero in both.
 */
export function broadcastRequest(
  outbox: Outbox,
  vlan: number,
  mac: MacWords,
  sender: number,
  target: number,
): void {
  const request = makeRequest(outbox, vlan, BROADCAST_HI16, BROADCAST_LO32, mac, sender, target);
  if (request >= 0) outbox.toAll(request);
}

/** Asks the station (`hi16`, `lo32`) behind `port` whether it has `target` (RFC 1122 2.3.2.1). */
export function poll(
  outbox: Outbox,
  vlan: number,
  hi16: number,
  lo32: number,
  port: number,
  mac: MacWords,
  sender: number,
  target: number,
): void {
  const request = makeRequest(outbox, vlan, hi16, lo32, mac, sender, target);
  if (request >= 0) outbox.toPort(request, port);
}

/** @returns the frame, or -1 if there is no room for it */
function makeRequest(
  outbox: Outbox,
  vlan: number,
  hi16: number,
  lo32: number,
  mac: MacWords,
  sender: number,
  target: number,
): number {
  const request = outbox.make(ARP_FRAME_BYTES);
  if (request < 0) return request;
  const { u8, u16, offset } = outbox.burst;
  outbox.burst.vlan[request] = vlan;
  const at = i32At(offset, request);
  putMac(u16, at + DESTINATION, hi16, lo32);
  putOperation(u16, at, REQUEST);
  putSender(u8, u16, at, mac.hi16, mac.lo32, sender);
  putTarget(u8, u16, at, 0, 0, target);
  return request;
}
