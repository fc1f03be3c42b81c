/** Claims of hosts about their addresses, in one form for ARP and Neighbor Discovery. */

import { station } from './ethernet';
import { advertisement, arpFrame, ipv6Probe, solicitation } from './ip-frames';

/** The switch's own MAC. */
export const SWITCH = station(0x99);
/** The link-local address that goes with it. */
const SWITCH_LINK_LOCAL = 'fe80::ff:fe00:99';

export interface AddressFamily {
  readonly name: string;
  readonly askerIp: string;
  readonly ownerIp: string;
  readonly otherIp: string;
  request(mac: string, from: string, to: string): string;
  /** A claim to all hosts, which all of them accept. */
  announcement(mac: string, ip: string): string;
  /** A claim to one station, in reply to its request. */
  reply(mac: string, ip: string, to: string, toIp: string): string;
  probe(mac: string, ip: string): string;
  /** What the switch says in the name of a host that is no router. */
  answer(mac: string, ip: string, to: string, toIp: string): string;
  /** What the switch asks a host, in order to verify its binding. */
  poll(to: string, ip: string): string;
  /** A MAC of a virtual router of the family. */
  readonly virtualMac: string;
}

export const ARP: AddressFamily = {
  name: 'ARP',
  askerIp: '192.0.2.1',
  ownerIp: '192.0.2.2',
  otherIp: '192.0.2.3',
  request: (senderMac, senderIp, targetIp) => arpFrame({ senderMac, senderIp, targetIp }),
  announcement: (senderMac, ip) => arpFrame({ senderMac, senderIp: ip, targetIp: ip }),
  reply: (senderMac, senderIp, to, targetIp) =>
    arpFrame({ to, operation: '0002', senderMac, senderIp, targetMac: to, targetIp }),
  probe: (senderMac, targetIp) => arpFrame({ senderMac, senderIp: '0.0.0.0', targetIp }),
  answer: (senderMac, senderIp, to, targetIp) =>
    arpFrame({ to, operation: '0002', senderMac, senderIp, targetMac: to, targetIp }),
  poll: (to, targetIp) => arpFrame({ to, senderMac: SWITCH, senderIp: '0.0.0.0', targetIp }),
  virtualMac: '00005e000107',
};

export const ND: AddressFamily = {
  name: 'ND',
  askerIp: '2001:db8::1',
  ownerIp: '2001:db8::2',
  otherIp: '2001:db8::3',
  request: (mac, source, target) => solicitation({ mac, source, target }),
  announcement: (mac, target) => advertisement({ mac, target, flags: '20' }),
  reply: (mac, target, to, destination) =>
    advertisement({ mac, target, flags: '60', to, destination }),
  probe: (mac, target) => ipv6Probe(mac, target),
  answer: (mac, target, to, destination) =>
    advertisement({ mac, target, flags: '40', to, destination }),
  poll: (to, target) =>
    solicitation({ mac: SWITCH, source: SWITCH_LINK_LOCAL, target, to, destination: target }),
  virtualMac: '00005e000207',
};
