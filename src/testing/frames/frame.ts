/**
 * Frames for tests, from fields with the field's own names: addresses as text, right lengths and
 * checksums, and a wrong checksum on request.
 *
 *     frame.arp({ senderMac: '02:00:00:00:00:01', senderIp: '192.0.2.1', targetIp: '192.0.2.2' })
 *
 * Each returns the bytes from the destination address to the end, without FCS. A field that cannot be
 * written is a TypeError or a RangeError that names it.
 */

import { arp } from './arp';
import { bpdu } from './bpdu';
import { dhcp } from './dhcp';
import { ethernet } from './ethernet';
import { igmp, mld } from './groups';
import { echoReply, echoRequest, icmp } from './icmp';
import { ip } from './ip';
import {
  neighbourAdvertisement,
  neighbourSolicitation,
  routerAdvertisement,
  routerSolicitation,
} from './nd';
import { tcp, udp } from './transport';

export const frame = {
  ethernet,
  arp,
  ip,
  icmp,
  echoRequest,
  echoReply,
  udp,
  tcp,
  neighbourSolicitation,
  neighbourAdvertisement,
  routerSolicitation,
  routerAdvertisement,
  dhcp,
  igmp,
  mld,
  bpdu,
} as const;
