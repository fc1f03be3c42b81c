/**
 * The hosts whose IPv6 addresses the switch knows: learned from the Neighbor Discovery that they
 * send, verified by unicast solicitations, and answered for (`--arp answer`) or reached directly
 * (`--arp direct`).
 *
 * Always travels: duplicate address detection, and whatever a virtual router says.
 *
 * Whether a host is a router only its own advertisements tell, and an answer that got it wrong would
 * take a default route away (RFC 4861 7.2.5). So a host heard only to ask is polled at once, and
 * not answered for until it has said what it is.
 *
 * Source: RFC 4861 7.2; RFC 9568 8.2 (virtual routers); `net/bridge/br_arp_nd_proxy.c`.
 */

import { newIpKey, setIpv6Key } from '../wire/ip-key';
import {
  isAllNodesAt,
  isHostIpv6At,
  isMulticastAt,
  isSameIpv6,
  isUnspecifiedAt,
} from '../wire/ipv6';
import type { Burst } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Verdict } from '../frame/verdict';
import { SOURCE, isGroup, macHi16, macLo32 } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import { Corrects } from '../hosts/announcements';
import { ResolutionCounter } from '../hosts/counters';
import type { ResolutionCounterSink } from '../hosts/counters';
import { KnownHosts, isVirtualRouter } from '../hosts/known-hosts';
import type { Asker, KnownHostsOptions } from '../hosts/known-hosts';
import { RouterFlag } from '../hosts/neighbours';
import { Miss, tellMiss } from '../hosts/miss';
import type { OwnIpv6 } from './own-ipv6';
import { answer, poll } from './speak';
import {
  DESTINATION_ADDRESS,
  FLAG_OVERRIDE,
  FLAG_ROUTER,
  FLAG_SOLICITED,
  NEIGHBOUR_ADVERTISEMENT,
  NEIGHBOUR_SOLICITATION,
  REDIRECT,
  ROUTER_ADVERTISEMENT,
  SOURCE_ADDRESS,
  SOURCE_LINK_LAYER,
  TARGET_ADDRESS,
  TARGET_LINK_LAYER,
  hasFlag,
  linkLayerOption,
  messageType,
} from '../wire/nd';

export class KnownIpv6 {
  readonly hosts: KnownHosts;
  private readonly counters: ResolutionCounterSink;
  private readonly key = newIpKey();
  private readonly asker: Asker = { key: newIpKey(), hi16: 0, lo32: 0, port: 0 };

  constructor(options: KnownHostsOptions, own: OwnIpv6) {
    const { mac, counters } = options;
    this.counters = counters;
    this.hosts = new KnownHosts(options, (key, hi16, lo32, port, nowMs, outbox) => {
      const source = own.sourceForPolls(nowMs);
      if (source === undefined) return false;
      poll(outbox, hi16, lo32, port, mac, source, key);
      return true;
    });
  }

  /** Learns from a valid message whose sender uses no address of the switch. */
  observe(burst: Burst, frame: number, nowMs: number): void {
    const { u8 } = burst;
    const at = burst.offset[frame] as number;
    switch (messageType(u8, at)) {
      case NEIGHBOUR_ADVERTISEMENT:
        this.observeAdvertisement(burst, frame, nowMs);
        break;
      case REDIRECT:
        break;
      case NEIGHBOUR_SOLICITATION:
        if (isUnspecifiedAt(u8, at + SOURCE_ADDRESS)) this.observeProbe(u8, at);
        else this.observeSender(burst, frame, nowMs);
        break;
      default:
        this.observeSender(burst, frame, nowMs);
    }
  }

  private observeProbe(u8: Uint8Array, at: number): void {
    setIpv6Key(this.key, u8, at + TARGET_ADDRESS);
    this.hosts.neighbours.probed(this.key, NO_VLAN);
  }

  private observeAdvertisement(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    if (!isHostIpv6At(u8, at + TARGET_ADDRESS)) return;
    setIpv6Key(this.key, u8, at + TARGET_ADDRESS);
    const hi16 = macHi16(u16, at + SOURCE);
    const lo32 = macLo32(u16, at + SOURCE);
    // Without the override flag it is a proxy's word, or one of several stations': it changes nothing.
    const isOwn = hasFlag(u8, at, FLAG_OVERRIDE);
    if (!isOwn && !this.hosts.neighbours.isBound(this.key, NO_VLAN, hi16, lo32)) return;
    this.hosts.observe(this.key, hi16, lo32, burst.ingress[frame] as number, nowMs);
    const isRouter = hasFlag(u8, at, FLAG_ROUTER);
    this.hosts.neighbours.setRouter(
      this.key,
      NO_VLAN,
      isRouter ? RouterFlag.Router : RouterFlag.Host,
    );
  }

  /** Whoever asks, or advertises routes, and says where it can be reached. */
  private observeSender(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const isReachable = linkLayerOption(u8, at, SOURCE_LINK_LAYER) >= 0;
    if (!isReachable || !isHostIpv6At(u8, at + SOURCE_ADDRESS)) return;
    setIpv6Key(this.key, u8, at + SOURCE_ADDRESS);
    const port = burst.ingress[frame] as number;
    const hi16 = macHi16(u16, at + SOURCE);
    this.hosts.observe(this.key, hi16, macLo32(u16, at + SOURCE), port, nowMs);
    if (messageType(u8, at) === ROUTER_ADVERTISEMENT) {
      this.hosts.neighbours.setRouter(this.key, NO_VLAN, RouterFlag.Router);
    } else {
      this.hosts.neighbours.askIfRouterUnknown(this.key, NO_VLAN, nowMs);
    }
  }

  /** What becomes of a valid message that is not about an address of the switch. */
  decide(frame: number, nowMs: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    const { asker, hosts } = this;
    const entry = this.lookUp(burst, frame, nowMs);
    if (entry < 0) {
      if (reporter !== undefined) tellMiss(reporter, 'ND', asker.key, this.key, entry);
      return PASS;
    }
    if (reporter !== undefined) hosts.reportHit(reporter, this.key, entry);
    if (hosts.mode === 'direct') {
      this.counters.count(ResolutionCounter.Directed, asker.port);
      return hosts.egressFor(entry);
    }
    return this.answerFor(entry, frame, outbox);
  }

  /** The entry of the host that is asked for, or a `Miss`. Sets `asker`, and `key` to the address. */
  private lookUp({ u8, u16, offset, ingress }: Burst, frame: number, nowMs: number): number {
    const at = offset[frame] as number;
    const miss = missOf(u8, u16, at);
    if (miss !== Miss.None) return miss;
    const { asker, hosts } = this;
    if (hosts.mode === 'off') return Miss.ModeOff;
    setIpv6Key(asker.key, u8, at + SOURCE_ADDRESS);
    asker.hi16 = macHi16(u16, at + SOURCE);
    asker.lo32 = macLo32(u16, at + SOURCE);
    asker.port = ingress[frame] as number;
    setIpv6Key(this.key, u8, at + TARGET_ADDRESS);
    const entry = hosts.findFor(this.key, asker, nowMs);
    const isAnswer = entry >= 0 && hosts.mode === 'answer';
    const isUnsaid = isAnswer && hosts.neighbours.routerFlagOf(entry) === RouterFlag.Unknown;
    return isUnsaid ? Miss.RouterUnknown : entry;
  }

  private answerFor(entry: number, frame: number, outbox: Outbox): Verdict {
    const { neighbours } = this.hosts;
    const router = neighbours.routerFlagOf(entry);
    const flags = FLAG_SOLICITED | (router === RouterFlag.Router ? FLAG_ROUTER : 0);
    this.counters.count(ResolutionCounter.AnsweredForHost, outbox.burst.ingress[frame] as number);
    answer(outbox, frame, neighbours.hi16Of(entry), neighbours.lo32Of(entry), this.key, flags);
    return CONSUMED;
  }

  /**
   * Notes who has heard from a message what it says of its sender. A solicitation tells
   * every switch where its sender is, and one host alone which MAC it has: the one asked. All hosts
   * learn that from an advertisement to all nodes (RFC 4861 7.2.6).
   */
  passed(burst: Burst, frame: number, nowMs: number): void {
    const { u8, u16 } = burst;
    const at = burst.offset[frame] as number;
    const isAdvertisement = messageType(u8, at) === NEIGHBOUR_ADVERTISEMENT;
    const overrides =
      isAdvertisement &&
      hasFlag(u8, at, FLAG_OVERRIDE) &&
      linkLayerOption(u8, at, TARGET_LINK_LAYER) >= 0 &&
      isAllNodesAt(u8, at + DESTINATION_ADDRESS);
    setIpv6Key(this.key, u8, at + (isAdvertisement ? TARGET_ADDRESS : SOURCE_ADDRESS));
    const hi16 = macHi16(u16, at + SOURCE);
    const toGroup = overrides ? Corrects.All : Corrects.Owner;
    const corrects = isGroup(macHi16(u16, at)) ? toGroup : Corrects.Nobody;
    this.hosts.announced(this.key, hi16, macLo32(u16, at + SOURCE), corrects, nowMs);
  }
}

/** Why a message does not ask a group for another's address, or is a probe. */
function missOf(u8: Uint8Array, u16: Uint16Array, at: number): Miss {
  if (messageType(u8, at) !== NEIGHBOUR_SOLICITATION) return Miss.NotARequest;
  const isToGroup = isGroup(macHi16(u16, at)) && isMulticastAt(u8, at + DESTINATION_ADDRESS);
  if (!isToGroup) return Miss.Unicast;
  if (!isHostIpv6At(u8, at + SOURCE_ADDRESS)) return Miss.Probe;
  if (isSameIpv6(u8, at + SOURCE_ADDRESS, at + TARGET_ADDRESS)) return Miss.Announcement;
  if (linkLayerOption(u8, at, SOURCE_LINK_LAYER) < 0) return Miss.NoSenderMac;
  const isVirtual = isVirtualRouter(macHi16(u16, at + SOURCE), macLo32(u16, at + SOURCE));
  return isVirtual ? Miss.VirtualRouter : Miss.None;
}
