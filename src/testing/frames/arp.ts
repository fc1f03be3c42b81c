/** ARP frames. Source: RFC 826. */

import { ipv4Field, join, macField, numberField } from './bytes';
import { BROADCAST, type LinkFields, link } from './ethernet';

export interface ArpFields extends Omit<LinkFields, 'from'> {
  /** Destination MAC; broadcast for a request, the target for a reply, unless given. */
  readonly to?: string;
  /** Source MAC; the sender's unless given. */
  readonly from?: string;
  /** `request` unless given. */
  readonly operation?: 'request' | 'reply' | number;
  readonly senderMac: string;
  readonly senderIp: string;
  /** Zeros unless given. */
  readonly targetMac?: string;
  readonly targetIp: string;
}

const ETHER_TYPE_ARP = 0x0806;
const OPERATIONS = { request: 1, reply: 2 } as const;
const NOBODY = '00:00:00:00:00:00';
/** Hardware type Ethernet, protocol type IPv4, and the lengths of their addresses. */
const ETHERNET_IPV4 = [0, 1, 0x08, 0x00, 6, 4];

export function arp(fields: ArpFields): Uint8Array {
  const { operation = 'request', senderMac, targetMac = NOBODY } = fields;
  const number = typeof operation === 'number' ? operation : OPERATIONS[operation];
  const packet = join(
    ETHERNET_IPV4,
    numberField('operation', number, 2),
    macField('senderMac', senderMac),
    ipv4Field('senderIp', fields.senderIp),
    macField('targetMac', targetMac),
    ipv4Field('targetIp', fields.targetIp),
  );
  const to = operation === 'reply' ? fields.targetMac : BROADCAST;
  return link({ from: senderMac, ...fields }, ETHER_TYPE_ARP, packet, to);
}
