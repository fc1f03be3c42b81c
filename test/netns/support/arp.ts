/** ARP packets for the tests, as hex (RFC 826). */

import { BROADCAST, frame } from './frame';

export const REQUEST = 1;
export const REPLY = 2;

/** Ethernet and IPv4, with addresses of 6 and 4 bytes. */
const ETHERNET_IPV4 = '000108000604';
const NOBODY = '00:00:00:00:00:00';

export interface ArpFields {
  /** Ethernet addresses; broadcast destination unless given. */
  readonly to?: string;
  readonly from: string;
  /** Operation; a request unless given. */
  readonly op?: number;
  readonly senderIp: string;
  /** Sender hardware address; the Ethernet source unless given. */
  readonly senderMac?: string;
  readonly targetIp: string;
  readonly targetMac?: string;
}

/** An ARP frame of 42 bytes, without padding, as on a TAP. */
export function arp(fields: ArpFields): string {
  const { to = BROADCAST, from, op = REQUEST, senderIp, targetIp } = fields;
  const { senderMac = from, targetMac = NOBODY } = fields;
  const sender = senderMac.replaceAll(':', '') + ipv4Hex(senderIp);
  const target = targetMac.replaceAll(':', '') + ipv4Hex(targetIp);
  const payload = `${ETHERNET_IPV4}000${op}${sender}${target}`;
  return frame({ to, from, type: '0806', payload, lengthBytes: 42 });
}

function ipv4Hex(address: string): string {
  return address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('');
}
