/**
 * The hosts whose IPv4 addresses the switch knows: learned from the ARP that they send, verified by
 * unicast polls, and answered for (`--arp answer`) or reached directly (`--arp direct`).
 *
 * Always travels: gratuitous ARP, probes, announcements, and whatever a virtual router says.
 *
 * Source: RFC 826 (learning from requests and replies), RFC 1027, RFC 5227 1.2.1, RFC 9568 8.1.
 */

import { UNSPECIFIED_IPV4 } from '../ip/ipv4';
import { ipv4OfKey, newIpKey, setIpv4Key } from '../ip/ip-key';
import type { IpKey } from '../ip/ip-key';
import type { Burst } from '../l2/burst';
import type { MacWords } from '../l2/mac';
import type { Outbox } from '../l2/outbox';
import { CONSUMED, PASS } from '../l2/verdict';
import type { Verdict } from '../l2/verdict';
import { isBroadcast, macHi16, macLo32 } from '../l2/wire';
import { KnownHosts, NO_VLAN, UNKNOWN_TOPOLOGY, isVirtualRouter } from '../neighbour/known-hosts';
import type { AnswerMode, Topology } from '../neighbour/known-hosts';
import { Neighbours, Observed } from '../neighbour/neighbours';
import type { NeighbourNews, NeighbourOptions } from '../neighbour/neighbours';
import { NO_ENTRY } from '../neighbour/table';
import { ArpCounter } from './counters';
import type { ArpCounterSink } from './counters';
import type { OwnIpv4 } from './own-ipv4';
import { answer, poll } from './speak';
import { REQUEST, operation, senderAddress, senderHi16, senderLo32, targetAddress } from './wire';

export interface KnownIpv4Options {
  /** The switch's own MAC, which polls come from. */
  readonly mac: MacWords;
  readonly counters: ArpCounterSink;
  /** Without it no host's place is known, so that none is answered for. */
  readonly topology?: Topology;
  /** `off` unless given. */
  readonly mode?: AnswerMode;
  readonly neighbours?: NeighbourOptions;
  /** Told of bindings that come into doubt. */
  readonly onNews?: (news: NeighbourNews) => void;
}

export class KnownIpv4 {
  readonly neighbours: Neighbours;
  readonly hosts: KnownHosts;
  private readonly counters: ArpCounterSink;
  private readonly key = newIpKey();

  constructor(options: KnownIpv4Options, own: OwnIpv4) {
    this.counters = options.counters;
    const { mac } = options;
    this.neighbours = new Neighbours(
      options.neighbours ?? {},
      (key: IpKey, hi16, lo32, port, _nowMs, outbox) => {
        const target = ipv4OfKey(key);
        poll(outbox, hi16, lo32, port, mac, own.sourceFor(target), target);
      },
      options.onNews ?? (() => undefined),
    );
    this.hosts = new KnownHosts(
      this.neighbours,
      options.topology ?? UNKNOWN_TOPOLOGY,
      options.mode ?? 'off',
    );
  }

  /** Learns from the sender of a well-formed frame, which is not an address of the switch. */
  observe(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = burst.ingress[frame] as number;
    const hi16 = senderHi16(u16, at);
    const lo32 = senderLo32(u16, at);
    const sender = senderAddress(u8, at);
    setIpv4Key(this.key, sender === UNSPECIFIED_IPV4 ? targetAddress(u8, at) : sender);
    if (sender === UNSPECIFIED_IPV4) {
      this.neighbours.restarted(this.key, NO_VLAN, hi16, lo32);
    } else if (isVirtualRouter(hi16, lo32)) {
      this.neighbours.remove(this.key, NO_VLAN);
    } else {
      this.count(this.neighbours.observe(this.key, NO_VLAN, hi16, lo32, port, nowMs), port);
    }
  }

  /** What becomes of a well-formed frame that is not about an address of the switch. */
  decide(frame: number, nowMs: number, outbox: Outbox): Verdict {
    if (this.hosts.mode === 'off' || !isQuestion(outbox.burst, frame)) return PASS;
    const { u8, u16, offset, ingress } = outbox.burst;
    const at = offset[frame] as number;
    const port = ingress[frame] as number;
    const target = targetAddress(u8, at);
    setIpv4Key(this.key, target);
    const entry = this.hosts.findFor(
      this.key,
      senderHi16(u16, at),
      senderLo32(u16, at),
      port,
      nowMs,
    );
    if (entry === NO_ENTRY) return PASS;
    if (this.hosts.mode === 'direct') {
      this.counters.count(ArpCounter.Directed, port);
      return this.hosts.egressFor(entry);
    }
    this.counters.count(ArpCounter.AnsweredForHost, port);
    answer(outbox, frame, this.neighbours.hi16Of(entry), this.neighbours.lo32Of(entry), target);
    return CONSUMED;
  }

  private count(observed: Observed, port: number): void {
    if (observed === Observed.Changed) this.counters.count(ArpCounter.HostChanged, port);
    else if (observed === Observed.Conflict || observed === Observed.Contradicted) {
      this.counters.count(ArpCounter.HostConflict, port);
    }
  }
}

/** Whether the frame asks everybody for another's address, and tells nothing that all must hear. */
function isQuestion(burst: Burst, frame: number): boolean {
  const { u8, u16 } = burst;
  const at = burst.offset[frame] as number;
  const sender = senderAddress(u8, at);
  return (
    operation(u16, at) === REQUEST &&
    isBroadcast(macHi16(u16, at), macLo32(u16, at)) &&
    sender !== UNSPECIFIED_IPV4 &&
    sender !== targetAddress(u8, at) &&
    !isVirtualRouter(senderHi16(u16, at), senderLo32(u16, at))
  );
}
