/** Claims of hosts about their addresses, in one form for ARP and Neighbor Discovery. */

import { advertisement, arpFrame, ipv6Probe, solicitation } from './ip-frames';

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
};
