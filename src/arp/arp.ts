/**
 * The ARP room: the bridge hands it every frame with EtherType 0x0806 and does as it says.
 *
 * A broadcast about the switch's own address is answered and travels on, as on a Linux bridge; a
 * frame to the switch's own MAC ends here. A request for a host that the switch knows may be
 * answered for it (`known-ipv4.ts`). Malformed ARP is counted and otherwise left alone, unless
 * inspection refuses it.
 *
 * Source: RFC 826, RFC 5227; `net/ipv4/arp.c` `arp_process` for which senders are believed.
 */

import type { ClaimTimes } from '../ip/claim';
import { UNSPECIFIED_IPV4, isHostIpv4 } from '../ip/ipv4';
import type { OwnAddressEvents } from '../ip/own-addresses';
import type { Burst } from '../l2/burst';
import type { MacWords } from '../l2/mac';
import type { Outbox } from '../l2/outbox';
import { CONSUMED, PASS } from '../l2/verdict';
import type { Verdict } from '../l2/verdict';
import { macHi16, macLo32 } from '../l2/wire';
import type { Inspection } from '../neighbour/inspection';
import { ArpCounter } from './counters';
import type { ArpCounterSink } from './counters';
import { ArpInspector } from './inspect';
import { KnownIpv4 } from './known-ipv4';
import type { KnownIpv4Options } from './known-ipv4';
import { OwnIpv4 } from './own-ipv4';
import { isEthernetIpv4, isFromSender, senderAddress } from './wire';

export interface ArpOptions extends KnownIpv4Options {
  readonly events: OwnAddressEvents;
  readonly claimTimes?: ClaimTimes;
  /** Absent: every port is believed. */
  readonly inspection?: Inspection;
}

export class Arp {
  readonly own: OwnIpv4;
  readonly known: KnownIpv4;
  private readonly mac: MacWords;
  private readonly counters: ArpCounterSink;
  private readonly inspector: ArpInspector | undefined;

  constructor(options: ArpOptions) {
    const { mac, counters, inspection } = options;
    this.mac = mac;
    this.counters = counters;
    this.own = new OwnIpv4(mac, counters, options.events, options.claimTimes);
    this.known = new KnownIpv4(options, this.own);
    this.inspector = inspection && new ArpInspector(inspection, this.known.hosts.neighbours);
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.own.dueMs, this.known.hosts.neighbours.dueMs);
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.own.tick(nowMs, outbox);
    this.known.hosts.neighbours.tick(nowMs, outbox);
  }

  /** Deals with one received frame, whose EtherType is ARP. Its length is not yet checked. */
  receive(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    if (this.inspector !== undefined && !this.inspector.admits(burst, frame, nowMs)) {
      return CONSUMED;
    }
    const isForSwitch = this.isForSwitch(burst.u16, burst.offset[frame] as number);
    if (!isBelievable(burst, frame)) {
      this.counters.count(ArpCounter.Malformed, burst.ingress[frame] as number);
      return isForSwitch ? CONSUMED : PASS;
    }
    const verdict = this.receivePacket(frame, nowMs, outbox);
    return isForSwitch ? CONSUMED : verdict;
  }

  private receivePacket(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    if (!this.own.isContestedBy(burst, frame)) this.known.observe(burst, frame, nowMs);
    const isOurs = this.own.receive(frame, nowMs, outbox);
    return isOurs ? PASS : this.known.decide(frame, nowMs, outbox);
  }

  private isForSwitch(u16: Uint16Array, at: number): boolean {
    return macLo32(u16, at) === this.mac.lo32 && macHi16(u16, at) === this.mac.hi16;
  }
}

/** Whether the frame is a request or reply that names one host as its sender: the one that sent it. */
function isBelievable(burst: Burst, frame: number): boolean {
  const { u8, u16 } = burst;
  const at = burst.offset[frame] as number;
  if (!isEthernetIpv4(u16, at, burst.length[frame] as number)) return false;
  const sender = senderAddress(u8, at);
  return isFromSender(u16, at) && (sender === UNSPECIFIED_IPV4 || isHostIpv4(sender));
}
