/**
 * Decides whether the switch may answer for a known host: the conditions that ARP and ND share.
 *
 * The switch answers for a host only if the answer cannot be wrong: the host itself was heard recently, and
 * frames to it leave by the port on which it was heard.
 *
 * Source: RFC 1027 (answering for others), RFC 4861 7.2.8; `net/bridge/br_arp_nd_proxy.c`.
 */

import { newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { type MacWords, formatMac } from '../wire/mac';
import { i32At } from '../wire/read';
import type { Outbox } from '../frame/outbox';
import { keepForSwitch } from '../frame/room';
import type { TraceReporter } from '../frame/trace-reporter';
import { PASS, type Verdict } from '../frame/verdict';
import { Announcements, type Corrects } from './announcements';
import { ResolutionCounter } from './counters';
import type { ResolutionCounterSink } from './counters';
import { Miss, tellHit } from './miss';
import { Neighbours } from './neighbours';
import type { Neighbour, NeighbourOptions, Poll } from './neighbours';
import type { NeighbourDoubted } from './news';
import { ANY_PORT, NO_ENTRY } from './binding-table';

/**
 * Treatment of a request for a known host. `answer`: the switch answers, and the request goes no further.
 * `direct`: the request goes to the owner's port alone. `off`: it is flooded like any other frame.
 */
export type AnswerMode = 'answer' | 'direct' | 'off';

/** Ports and stations of the bridge. */
export interface Topology {
  /** Port of a station, or -1. The look-up does not change the FDB. */
  portOf(hi16: number, lo32: number, vlan: number): number;
  /** Whether a frame of a VLAN that came from one port may leave by the other. */
  joins(ingress: number, egress: number, vlan: number): boolean;
  /**
   * Number that changes whenever the station is learned, or moves to another port; 0 while it is unknown.
   */
  placementOf(hi16: number, lo32: number, vlan: number): number;
  /** Number that changes whenever a port comes up, because its hosts have heard no announcement yet. */
  audience(): number;
  /** Ports that get every request, also one that is answered or directed. */
  requestListeners(): readonly number[];
}

/** Default topology of a room: no station is known, so that the room answers for none. */
const UNKNOWN_TOPOLOGY: Topology = {
  portOf: () => -1,
  joins: () => false,
  placementOf: () => 0,
  audience: () => 0,
  requestListeners: () => [],
};

export interface KnownHostsOptions {
  /** MAC address of the switch, the source of polls. */
  readonly mac: MacWords;
  readonly counters: ResolutionCounterSink;
  /** Topology of the bridge. Without it, no station is known, and the room answers for none. */
  readonly topology?: Topology;
  /** Mode; `off` by default. */
  readonly mode?: AnswerMode;
  readonly neighbours?: NeighbourOptions;
  /** Receives news of doubtful bindings, at a bounded rate. */
  readonly news?: (news: NeighbourDoubted) => void;
}

const COUNTER_OF_DOUBT = {
  changed: ResolutionCounter.HostChanged,
  conflict: ResolutionCounter.HostConflict,
  contradicted: ResolutionCounter.HostConflict,
} as const;

/** A host that the switch knows. */
export interface KnownHost extends Neighbour {
  /** Whether all other hosts know this host, so that the switch need not flood its requests. */
  readonly isAnnounced: boolean;
  /** Reason why they do not; `Miss.None` if they do. */
  readonly unannounced: Miss;
}

/** Station that sent a request, and the address that it uses. */
export interface Asker {
  readonly key: IpKey;
  /** VLAN in which it is, and in which it asks. */
  vlan: number;
  hi16: number;
  lo32: number;
  port: number;
}

export class KnownHosts {
  readonly neighbours: Neighbours;
  private readonly announcements: Announcements;
  private readonly counters: ResolutionCounterSink;
  private readonly topology: Topology;
  private readonly key = newIpKey();
  private currentMode: AnswerMode = 'off';

  constructor(options: KnownHostsOptions, poll: Poll) {
    const { counters, news } = options;
    this.counters = counters;
    this.neighbours = new Neighbours(options.neighbours ?? {}, poll, {
      count: (kind, port) => counters.count(COUNTER_OF_DOUBT[kind], port),
      tell: news ?? (() => undefined),
    });
    this.topology = options.topology ?? UNKNOWN_TOPOLOGY;
    this.announcements = new Announcements(options.neighbours ?? {}, this.topology);
    this.setRules(options.mode ?? 'off', options.neighbours?.lifeMs);
  }

  get mode(): AnswerMode {
    return this.currentMode;
  }

  /** @param lifeMs lifetime of a binding after its host was heard; by default, it does not change */
  setRules(mode = this.currentMode, lifeMs?: number): void {
    this.currentMode = mode;
    this.neighbours.setRules(lifeMs, mode !== 'off');
  }

  /** Notes that a station was heard to use an address. Addresses of virtual routers are not learned. */
  observe(key: IpKey, vlan: number, hi16: number, lo32: number, port: number, nowMs: number): void {
    const { neighbours } = this;
    const isKnown = this.findBound(key, vlan, hi16, lo32, port, nowMs) === Miss.None;
    this.announcements.heard(key, vlan, hi16, lo32, port, isKnown, nowMs);
    const isLearned = neighbours.findStatic(key, vlan) === NO_ENTRY;
    if (isLearned && isVirtualRouter(hi16, lo32)) neighbours.remove(key, vlan);
    else neighbours.observe(key, vlan, hi16, lo32, port, nowMs);
  }

  /** Notes that a frame in which a station uses an address was forwarded. */
  announced(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    corrects: Corrects,
    nowMs: number,
  ): void {
    this.announcements.announced(key, vlan, hi16, lo32, corrects, nowMs);
  }

  /**
   * Restores which hosts have heard that a station uses an address, from another switch.
   * @param unannounced value from its `KnownHost`
   */
  restoreAnnounced(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    unannounced: Miss,
    nowMs: number,
  ): void {
    // The port matters only for eviction.
    const port = Math.max(0, this.topology.portOf(hi16, lo32, vlan));
    this.announcements.heard(key, vlan, hi16, lo32, port, true, nowMs);
    this.announcements.restore(key, vlan, hi16, lo32, unannounced, nowMs);
  }

  /**
   * Finds the owner of an address for an asker that has been observed.
   * @returns the owner's entry, or the `Miss` because of which the request is flooded
   */
  findFor(key: IpKey, asker: Asker, nowMs: number): number {
    if (this.mode === 'off') return Miss.ModeOff;
    const { neighbours, topology } = this;
    const unannounced = this.unannounced(asker, nowMs);
    if (unannounced !== Miss.None) return unannounced;
    const entry = neighbours.findReliable(key, asker.vlan, nowMs);
    if (entry < 0) return entry;
    const ownerHi16 = neighbours.hi16Of(entry);
    const ownerLo32 = neighbours.lo32Of(entry);
    if (ownerLo32 === asker.lo32 && ownerHi16 === asker.hi16) return Miss.AskerIsOwner;
    const port = topology.portOf(ownerHi16, ownerLo32, asker.vlan);
    if (port < 0) return Miss.NotInFdb;
    const boundPort = neighbours.portOf(entry);
    if (boundPort !== port && boundPort !== ANY_PORT) return Miss.Moved;
    if (port === asker.port) return Miss.SamePort;
    return topology.joins(asker.port, port, asker.vlan) ? entry : Miss.PortDown;
  }

  /** Reason why an asker's binding is unreliable or not known to all hosts; `Miss.None` if there is none. */
  private unannounced({ key, vlan, hi16, lo32, port }: Asker, nowMs: number): Miss {
    const bound = this.findBound(key, vlan, hi16, lo32, port, nowMs);
    if (bound !== Miss.None) return bound;
    const placedPort = this.topology.portOf(hi16, lo32, vlan);
    if (placedPort < 0) return Miss.AskerNotInFdb;
    if (placedPort !== port) return Miss.AskerElsewhere;
    return this.announcements.unannounced(key, vlan, hi16, lo32);
  }

  /** @returns `Miss.None` if a reliable entry binds the address to this station behind this port */
  private findBound(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
  ): Miss {
    const { neighbours } = this;
    const entry = neighbours.findReliable(key, vlan, nowMs);
    if (entry === Miss.Contested || entry === Miss.Conflict) return Miss.AskerContested;
    if (entry < 0) return Miss.AskerUnknown;
    const boundPort = neighbours.portOf(entry);
    const isBound =
      neighbours.lo32Of(entry) === lo32 &&
      neighbours.hi16Of(entry) === hi16 &&
      (boundPort === port || boundPort === ANY_PORT);
    return isBound ? Miss.None : Miss.AskerElsewhere;
  }

  /** Counts a frame that is malformed, or names another sender, and learns nothing from it. */
  leaveMalformed(frame: number, toSwitch: boolean, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    this.counters.count(ResolutionCounter.Malformed, i32At(burst.ingress, frame));
    reporter?.step('it is malformed, or names another sender: nothing is learned from it');
    return toSwitch ? keepForSwitch(outbox) : PASS;
  }

  /**
   * Sends a request that is answered or directed also to the ports that get every request.
   * @param port port that gets the request anyway, or a negative number
   */
  copyToListeners(frame: number, port: number, outbox: Outbox): void {
    const ingress = i32At(outbox.burst.ingress, frame);
    const vlan = i32At(outbox.burst.vlan, frame);
    for (const listener of this.topology.requestListeners()) {
      if (listener === ingress || listener === port) continue;
      if (!this.topology.joins(ingress, listener, vlan)) continue;
      outbox.reporter?.step(`${outbox.reporter.label(listener)} hears every request`);
      outbox.toPort(frame, listener);
    }
  }

  /** Lists the known hosts, or a part of them for callers that must not take long. */
  list(nowMs: number, from = 0, to = Infinity): KnownHost[] {
    const { neighbours, announcements, key } = this;
    const hosts: KnownHost[] = [];
    for (let entry = from; entry < Math.min(to, neighbours.ceiling); entry++) {
      const neighbour = neighbours.describe(entry, nowMs);
      if (neighbour === undefined) continue;
      neighbours.readKey(entry, key);
      const hi16 = neighbours.hi16Of(entry);
      const lo32 = neighbours.lo32Of(entry);
      const { vlan } = neighbour;
      const unannounced = announcements.unannounced(key, vlan, hi16, lo32);
      hosts.push({ ...neighbour, isAnnounced: unannounced === Miss.None, unannounced });
    }
    return hosts;
  }

  /** One more than the last entry in use. */
  get ceiling(): number {
    return this.neighbours.ceiling;
  }

  /** Reports that the switch answers for the entry found for `key`, or directs the request to it. */
  reportHit(reporter: TraceReporter, key: IpKey, entry: number, vlan: number): void {
    const { neighbours } = this;
    const mac = formatMac(neighbours.hi16Of(entry), neighbours.lo32Of(entry));
    tellHit(reporter, key, mac, this.egressFor(entry, vlan), this.mode === 'direct');
  }

  /** Port of the station of an entry that was just found in a VLAN. */
  egressFor(entry: number, vlan: number): number {
    const { neighbours } = this;
    const [hi16, lo32] = [neighbours.hi16Of(entry), neighbours.lo32Of(entry)];
    return this.topology.portOf(hi16, lo32, vlan);
  }
}

/** 00-00-5E-00-01-XX and 00-00-5E-00-02-XX: RFC 9568 7.3; CARP uses the former. */
const VIRTUAL_HI16 = 0x0000;
const VIRTUAL_LO32_MASK = 0x00ffffff;
const VIRTUAL_IPV4_LO32 = 0x0001005e;
const VIRTUAL_IPV6_LO32 = 0x0002005e;

/**
 * Whether a MAC belongs to a virtual router (VRRP, CARP). It moves between machines with its addresses, and
 * only its present machine may answer for it.
 */
export function isVirtualRouter(hi16: number, lo32: number): boolean {
  if (hi16 !== VIRTUAL_HI16) return false;
  const prefix = lo32 & VIRTUAL_LO32_MASK;
  return prefix === VIRTUAL_IPV4_LO32 || prefix === VIRTUAL_IPV6_LO32;
}
