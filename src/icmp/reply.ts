/** The frame around an answer, which both IP versions share. */

import { i32At } from '../wire/read';
import type { IpKey } from '../wire/ip-key';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import {
  DESTINATION,
  ETHER_TYPE,
  PAYLOAD,
  SOURCE,
  etherType,
  macHi16,
  macLo32,
  putMac,
} from '../wire/ethernet';

/** Owner of the switch's addresses. */
export interface AddressOwner {
  owns(key: IpKey, vlan: number): boolean;
}

/** Hop limit (TTL) of an answer: RFC 1700, "IP TIME TO LIVE PARAMETER". */
export const HOPS = 64;

/** Least interval between two errors, so that a flood of fragments does not cause a flood of errors. */
export const ERROR_INTERVAL_MS = 100;

/**
 * Makes a frame from the switch to the station that sent `request`, of the same EtherType.
 * @param payloadBytes size of the payload after the Ethernet header
 * @returns the frame, or -1 if there is no room for it
 */
export function makeReplyFrame(
  outbox: Outbox,
  request: number,
  mac: MacWords,
  payloadBytes: number,
): number {
  const reply = outbox.make(PAYLOAD + payloadBytes);
  if (reply < 0) return reply;
  const { u16, offset, vlan } = outbox.burst;
  vlan[reply] = i32At(vlan, request);
  const from = i32At(offset, request);
  const at = i32At(offset, reply);
  putMac(u16, at + DESTINATION, macHi16(u16, from + SOURCE), macLo32(u16, from + SOURCE));
  putMac(u16, at + SOURCE, mac.hi16, mac.lo32);
  u16[(at + ETHER_TYPE) >> 1] = etherType(u16, from);
  return reply;
}
