/**
 * The hosts whose IPv4 addresses the switch knows: learned from the ARP that they send, verified by
 * unicast polls, and answered for (`--arp answer`) or reached directly (`--arp direct`).
 *
 * Always travels: gratuitous ARP, probes, announcements, and whatever a virtual router says.
 *
 * Source: RFC 826 (learning from requests and replies), RFC 1027, RFC 5227 1.2.1, RFC 9568 8.1.
 */

import { UNSPECIFIED_IPV4 } from '../wire/ipv4';
import { ipv4OfKey, newIpKey, setIpv4Key } from '../wire/ip-key';
import type { Burst } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Verdict } from '../frame/verdict';
import { isBroadcast, macHi16, macLo32 } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import { Corrects } from '../hosts/announcements';
import { ResolutionCounter } from '../hosts/counters';
import type { ResolutionCounterSink } from '../hosts/counters';
import { KnownHosts, isVirtualRouter } from '../hosts/known-hosts';
import type { Asker, KnownHostsOptions } from '../hosts/known-hosts';
import { Miss, tellMiss } from '../hosts/miss';
import type { OwnIpv4 } from './own-ipv4';
import { answer, poll } from './speak';
import {
  REQUEST,
  operation,
  senderAddress,
  senderHi16,
  senderLo32,
  targetAddress,
} from '../wire/arp';

export class KnownIpv4 {
  readonly hosts: KnownHosts;
  private readonly counters: ResolutionCounterSink;
  private readonly key = newIpKey();
  private readonly asker: Asker = { key: newIpKey(), hi16: 0, lo32: 0, port: 0 };

  constructor(options: KnownHostsOptions, own: OwnIpv4) {
    const { mac, counters } = options;
    this.counters = counters;
    this.hosts = new KnownHosts(options, (key, hi16, lo32, port, _nowMs, outbox) => {
      const target = ipv4OfKey(key);
      poll(outbox, hi16, lo32, port, mac, own.sourceFor(target), target);
      return true;
    });
  }

  /** Learns from the sender of a well-formed frame, which is not an address of the switch. */
  observe(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = burst.ingress[frame] as number;
    const sender = senderAddress(u8, at);
    if (sender === UNSPECIFIED_IPV4) {
      setIpv4Key(this.key, targetAddress(u8, at));
      this.hosts.neighbours.probed(this.key, NO_VLAN);
    } else {
      setIpv4Key(this.key, sender);
      this.hosts.observe(this.key, senderHi16(u16, at), senderLo32(u16, at), port, nowMs);
    }
  }

  /** What becomes of a well-formed frame that is not about an address of the switch. */
  decide(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    const { asker, hosts } = this;
    const entry = this.lookUp(burst, frame, nowMs);
    if (entry < 0) {
      if (reporter !== undefined) tellMiss(reporter, 'ARP', asker.key, this.key, entry);
      return PASS;
    }
    if (reporter !== undefined) hosts.reportHit(reporter, this.key, entry);
    const { port } = asker;
    const target = ipv4OfKey(this.key);
    const ownerPort = hosts.egressFor(entry);
    if (hosts.mode === 'direct') {
      this.counters.count(ResolutionCounter.Directed, port);
      return ownerPort;
    }
    this.counters.count(ResolutionCounter.AnsweredForHost, port);
    const { neighbours } = hosts;
    answer(outbox, frame, neighbours.hi16Of(entry), neighbours.lo32Of(entry), target, ownerPort);
    return CONSUMED;
  }

  /** The entry of the host that is asked for, or a `Miss`. Sets `asker`, and `key` to the address. */
  private lookUp({ u8, u16, offset, ingress }: Burst, frame: number, nowMs: number): number {
    const at = offset[frame] as number;
    const miss = missOf(u8, u16, at);
    if (miss !== Miss.None) return miss;
    const { asker, hosts } = this;
    if (hosts.mode === 'off') return Miss.ModeOff;
    setIpv4Key(asker.key, senderAddress(u8, at));
    asker.hi16 = senderHi16(u16, at);
    asker.lo32 = senderLo32(u16, at);
    asker.port = ingress[frame] as number;
    setIpv4Key(this.key, targetAddress(u8, at));
    return hosts.findFor(this.key, asker, nowMs);
  }

  /** Notes who has heard from a frame what it says of its sender. */
  passed(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const sender = senderAddress(u8, at);
    if (sender === UNSPECIFIED_IPV4) return;
    const isToAll = isBroadcast(macHi16(u16, at), macLo32(u16, at));
    const isGratuitous = sender === targetAddress(u8, at) && operation(u16, at) === REQUEST;
    const corrects = isGratuitous ? Corrects.All : Corrects.Settled;
    setIpv4Key(this.key, sender);
    this.hosts.announced(
      this.key,
      senderHi16(u16, at),
      senderLo32(u16, at),
      isToAll ? corrects : Corrects.Nobody,
      nowMs,
    );
  }
}

/** Why a frame does not ask everybody for another's address, or tells what all must hear. */
function missOf(u8: Uint8Array, u16: Uint16Array, at: number): Miss {
  if (operation(u16, at) !== REQUEST) return Miss.NotARequest;
  if (!isBroadcast(macHi16(u16, at), macLo32(u16, at))) return Miss.Unicast;
  const sender = senderAddress(u8, at);
  if (sender === UNSPECIFIED_IPV4) return Miss.Probe;
  if (sender === targetAddress(u8, at)) return Miss.Announcement;
  const isVirtual = isVirtualRouter(senderHi16(u16, at), senderLo32(u16, at));
  return isVirtual ? Miss.VirtualRouter : Miss.None;
}
