/**
 * The Neighbor Discovery room: the bridge hands it IPv6 frames whose first header is not that of TCP
 * or UDP, and does as it says. What is not Neighbor Discovery passes.
 *
 * A group message about the switch's own address is answered and travels on; a frame to the
 * switch's own MAC ends here. A solicitation for a host that the switch knows may be answered for it
 * (`known-ipv6.ts`). An invalid message is counted and otherwise left alone, unless inspection
 * refuses it.
 *
 * Source: RFC 4861, RFC 4862.
 */

import type { ClaimTimes } from '../ip/claim';
import type { OwnAddressEvents } from '../ip/own-addresses';
import type { MacWords } from '../l2/mac';
import type { Outbox } from '../l2/outbox';
import { CONSUMED, PASS } from '../l2/verdict';
import type { Verdict } from '../l2/verdict';
import { macHi16, macLo32 } from '../l2/wire';
import type { Inspection } from '../neighbour/inspection';
import { NdCounter } from './counters';
import type { NdCounterSink } from './counters';
import { NdInspector } from './inspect';
import { KnownIpv6 } from './known-ipv6';
import type { KnownIpv6Options } from './known-ipv6';
import { OwnIpv6 } from './own-ipv6';
import { isFromSender, isNeighbourDiscovery, isValidMessage } from './wire';

export interface NdOptions extends KnownIpv6Options {
  readonly events: OwnAddressEvents;
  readonly claimTimes?: ClaimTimes;
  /** Absent: every port is believed. */
  readonly inspection?: Inspection;
}

export class Nd {
  readonly own: OwnIpv6;
  readonly known: KnownIpv6;
  private readonly mac: MacWords;
  private readonly counters: NdCounterSink;
  private readonly inspector: NdInspector | undefined;

  constructor(options: NdOptions) {
    const { mac, counters, inspection } = options;
    this.mac = mac;
    this.counters = counters;
    this.own = new OwnIpv6(mac, counters, options.events, options.claimTimes);
    this.known = new KnownIpv6(options, this.own);
    this.inspector = inspection && new NdInspector(inspection, this.known.hosts.neighbours);
  }

  /** When `tick` has something to do next; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.own.dueMs, this.known.hosts.neighbours.dueMs);
  }

  tick(nowMs: number, outbox: Outbox): void {
    this.own.tick(nowMs, outbox);
    this.known.hosts.neighbours.tick(nowMs, outbox);
  }

  /** Deals with one received frame, whose EtherType is IPv6. Its length is not yet checked. */
  receive(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    if (this.inspector !== undefined && !this.inspector.admits(burst, frame, nowMs)) {
      return CONSUMED;
    }
    const at = burst.offset[frame] as number;
    const lengthBytes = burst.length[frame] as number;
    if (!isNeighbourDiscovery(burst.u8, at, lengthBytes)) return PASS;
    const isForSwitch = this.isForSwitch(burst.u16, at);
    const isBelievable =
      isValidMessage(burst.u8, burst.u16, at, lengthBytes) && isFromSender(burst.u8, burst.u16, at);
    if (!isBelievable) {
      this.counters.count(NdCounter.Malformed, burst.ingress[frame] as number);
      return isForSwitch ? CONSUMED : PASS;
    }
    const verdict = this.receiveMessage(frame, nowMs, outbox);
    return isForSwitch ? CONSUMED : verdict;
  }

  private receiveMessage(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    if (!this.own.isContestedBy(burst, frame)) this.known.observe(burst, frame, nowMs);
    const isOurs = this.own.receive(frame, nowMs, outbox);
    return isOurs ? PASS : this.known.decide(frame, nowMs, outbox);
  }

  private isForSwitch(u16: Uint16Array, at: number): boolean {
    return macLo32(u16, at) === this.mac.lo32 && macHi16(u16, at) === this.mac.hi16;
  }
}
