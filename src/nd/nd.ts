/**
 * The Neighbor Discovery room: the bridge hands it IPv6 frames whose first header is not that of TCP
 * or UDP, and does as it says. What is not Neighbor Discovery passes; `hosts/resolution.ts`
 * shows the trip of what is.
 *
 * Source: RFC 4861, RFC 4862.
 */

import type { Burst } from '../frame/burst';
import type { Inspection } from '../hosts/inspection';
import { Resolution } from '../hosts/resolution';
import type { ResolutionOptions } from '../hosts/resolution';
import { NdInspector } from './inspect';
import { KnownIpv6 } from './known-ipv6';
import { OwnIpv6 } from './own-ipv6';
import { isFromSender, isNeighbourDiscovery, isValidMessage } from '../wire/nd';

export class Nd extends Resolution<OwnIpv6, KnownIpv6> {
  constructor(options: ResolutionOptions) {
    const { mac, counters, events, claimTimes } = options;
    const own = new OwnIpv6(mac, counters, events, claimTimes);
    super(options, own, new KnownIpv6(options, own));
  }

  protected inspectorFor(inspection: Inspection): NdInspector {
    return new NdInspector(inspection, this.known.hosts.neighbours);
  }

  protected isConcerned({ u8, offset, length }: Burst, frame: number): boolean {
    return isNeighbourDiscovery(u8, offset[frame] as number, length[frame] as number);
  }

  protected isBelievable({ u8, u16, offset, length }: Burst, frame: number): boolean {
    const at = offset[frame] as number;
    return isValidMessage(u8, u16, at, length[frame] as number) && isFromSender(u8, u16, at);
  }
}
