/**
 * The ARP room: the bridge hands it every frame with EtherType 0x0806 and does as it says.
 *
 * A broadcast about the switch's own address is answered and travels on, as on a Linux bridge; a
 * frame to the switch's own MAC ends here. Malformed ARP is counted and otherwise left alone.
 *
 * Source: RFC 826, RFC 5227; `net/ipv4/arp.c` `arp_process` for which senders are believed.
 */

import type { ClaimTimes } from '../ip/claim';
import { UNSPECIFIED_IPV4, isHostIpv4 } from '../ip/ipv4';
import type { OwnAddressEvents } from '../ip/own-addresses';
import type { MacWords } from '../l2/mac';
import type { Outbox } from '../l2/outbox';
import { CONSUMED, PASS } from '../l2/verdict';
import type { Verdict } from '../l2/verdict';
import { macHi16, macLo32 } from '../l2/wire';
import { ArpCounter } from './counters';
import type { ArpCounterSink } from './counters';
import { OwnIpv4 } from './own-ipv4';
import { isWellFormed, senderAddress } from './wire';

export interface ArpOptions {
  /** The switch's own MAC. */
  readonly mac: MacWords;
  readonly counters: ArpCounterSink;
  readonly events: OwnAddressEvents;
  readonly claimTimes?: ClaimTimes;
}

export class Arp {
  readonly own: OwnIpv4;
  private readonly mac: MacWords;
  private readonly counters: ArpCounterSink;

  constructor({ mac, counters, events, claimTimes }: ArpOptions) {
    this.mac = mac;
    this.counters = counters;
    this.own = new OwnIpv4(mac, counters, events, claimTimes);
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return this.own.dueMs;
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.own.tick(nowMs, outbox);
  }

  /** Deals with one received frame, whose EtherType is ARP. Its length is not yet checked. */
  receive(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { u8, u16, offset, length, ingress } = outbox.burst;
    const at = offset[frame] as number;
    if (isWellFormed(u16, at, length[frame] as number) && isSender(senderAddress(u8, at))) {
      this.own.receive(frame, nowMs, outbox);
    } else {
      this.counters.count(ArpCounter.Malformed, ingress[frame] as number);
    }
    return this.isForSwitch(u16, at) ? CONSUMED : PASS;
  }

  private isForSwitch(u16: Uint16Array, at: number): boolean {
    return macLo32(u16, at) === this.mac.lo32 && macHi16(u16, at) === this.mac.hi16;
  }
}

/** What may stand as sender protocol address: a host's address, or none in a probe. */
function isSender(address: number): boolean {
  return address === UNSPECIFIED_IPV4 || isHostIpv4(address);
}
