/**
 * The ARP room: the bridge hands it every frame with EtherType 0x0806 and does as it says.
 * `hosts/resolution.ts` shows the trip of such a frame.
 *
 * Source: RFC 826, RFC 5227; `net/ipv4/arp.c` `arp_process` for which senders are believed.
 */

import { UNSPECIFIED_IPV4, isHostIpv4 } from '../wire/ipv4';
import type { Burst } from '../frame/burst';
import type { Inspection } from '../hosts/inspection';
import { Resolution } from '../hosts/resolution';
import type { ResolutionOptions } from '../hosts/resolution';
import { ArpInspector } from './inspect';
import { KnownIpv4 } from './known-ipv4';
import { OwnIpv4 } from './own-ipv4';
import { isEthernetIpv4, isFromSender, senderAddress } from '../wire/arp';

export class Arp extends Resolution<OwnIpv4, KnownIpv4> {
  constructor(options: ResolutionOptions) {
    const { mac, counters, events, claimTimes } = options;
    const own = new OwnIpv4(mac, counters, events, claimTimes);
    super(options, own, new KnownIpv4(options, own));
  }

  protected inspectorFor(inspection: Inspection): ArpInspector {
    return new ArpInspector(inspection, this.known.hosts.neighbours);
  }

  protected isConcerned(): boolean {
    return true;
  }

  protected isBelievable(burst: Burst, frame: number): boolean {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    if (!isEthernetIpv4(u16, at, burst.length[frame] as number)) return false;
    const sender = senderAddress(u8, at);
    return isFromSender(u16, at) && (sender === UNSPECIFIED_IPV4 || isHostIpv4(sender));
  }
}
