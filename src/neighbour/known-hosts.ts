/**
 * Whether the switch may speak for a host that it knows: the conditions that ARP and ND share.
 *
 * A request is worth answering in another's name only when the answer cannot be wrong: the host
 * itself was heard lately, and frames to it would reach it, by the very port it was heard on.
 *
 * Source: RFC 1027 (answering for others), RFC 4861 7.2.8; `net/bridge/br_arp_nd_proxy.c`.
 */

import type { IpKey } from '../ip/ip-key';
import type { MacWords } from '../l2/mac';
import { ResolutionCounter } from './counters';
import type { ResolutionCounterSink } from './counters';
import { DEFAULT_LIFE_MS, Neighbours } from './neighbours';
import type { NeighbourNews, NeighbourOptions, Poll } from './neighbours';
import { ANY_PORT, NO_ENTRY } from './table';

/**
 * `answer`: the switch answers and the request goes no further. `direct`: the request goes to the
 * owner's port alone. `off`: it is flooded like any other.
 */
export type AnswerMode = 'answer' | 'direct' | 'off';

/** FDB VLAN of every frame: tags are opaque. */
export const NO_VLAN = 0;

/** What the bridge knows of its ports and stations. */
export interface Topology {
  /** The port that a station is behind, or -1. Asking leaves no trace in the FDB. */
  portOf(hi16: number, lo32: number, vlan: number): number;
  /** Whether a frame from one port may leave by the other. */
  forwards(ingress: number, egress: number): boolean;
}

/** Of a room that nobody told: no station is known, so that nobody is answered for. */
const UNKNOWN_TOPOLOGY: Topology = { portOf: () => -1, forwards: () => false };

export interface KnownHostsOptions {
  /** The switch's own MAC, which polls come from. */
  readonly mac: MacWords;
  readonly counters: ResolutionCounterSink;
  /** Without it no host's place is known, so that none is answered for. */
  readonly topology?: Topology;
  /** `off` unless given. */
  readonly mode?: AnswerMode;
  readonly neighbours?: NeighbourOptions;
  /** Told of bindings that come into doubt, at a bounded rate. */
  readonly onNews?: (news: NeighbourNews) => void;
}

const COUNTER_OF_DOUBT = {
  changed: ResolutionCounter.HostChanged,
  conflict: ResolutionCounter.HostConflict,
  contradicted: ResolutionCounter.HostConflict,
} as const;

export class KnownHosts {
  readonly neighbours: Neighbours;
  private readonly topology: Topology;
  private currentMode: AnswerMode = 'off';

  constructor(options: KnownHostsOptions, poll: Poll) {
    const { counters, onNews } = options;
    this.neighbours = new Neighbours(options.neighbours ?? {}, poll, {
      count: (kind, port) => counters.count(COUNTER_OF_DOUBT[kind], port),
      tell: onNews ?? (() => undefined),
    });
    this.topology = options.topology ?? UNKNOWN_TOPOLOGY;
    this.setRules(options.mode ?? 'off', options.neighbours?.lifeMs);
  }

  get mode(): AnswerMode {
    return this.currentMode;
  }

  /** @param lifeMs how long a host is relied on after it was heard */
  setRules(mode: AnswerMode, lifeMs = DEFAULT_LIFE_MS): void {
    this.currentMode = mode;
    this.neighbours.setRules(lifeMs, mode !== 'off');
  }

  /** A station was heard to use an address. What a virtual router uses is learned of nobody. */
  observe(key: IpKey, hi16: number, lo32: number, port: number, nowMs: number): void {
    const { neighbours } = this;
    const isLearned = neighbours.findStatic(key, NO_VLAN) === NO_ENTRY;
    if (isLearned && isVirtualRouter(hi16, lo32)) neighbours.remove(key, NO_VLAN);
    else neighbours.observe(key, NO_VLAN, hi16, lo32, port, nowMs);
  }

  /**
   * The owner of an address, for a station behind `ingress` that asks for it.
   * @returns its entry, or `NO_ENTRY` where the request had better be flooded
   */
  findFor(key: IpKey, hi16: number, lo32: number, ingress: number, nowMs: number): number {
    const { neighbours, topology } = this;
    const entry = neighbours.findReliable(key, NO_VLAN, nowMs);
    if (entry === NO_ENTRY) return NO_ENTRY;
    const ownerHi16 = neighbours.hi16Of(entry);
    const ownerLo32 = neighbours.lo32Of(entry);
    if (ownerLo32 === lo32 && ownerHi16 === hi16) return NO_ENTRY;
    const port = topology.portOf(ownerHi16, ownerLo32, NO_VLAN);
    const boundPort = neighbours.portOf(entry);
    const isWhereItWas = port >= 0 && (boundPort === port || boundPort === ANY_PORT);
    return isWhereItWas && port !== ingress && topology.forwards(ingress, port) ? entry : NO_ENTRY;
  }

  /** The port that the station of an entry, just found, is behind. */
  egressFor(entry: number): number {
    const { neighbours } = this;
    return this.topology.portOf(neighbours.hi16Of(entry), neighbours.lo32Of(entry), NO_VLAN);
  }
}

/** 00-00-5E-00-01-XX and 00-00-5E-00-02-XX: RFC 9568 7.3; CARP uses the former. */
const VIRTUAL_HI16 = 0x0000;
const VIRTUAL_LO32_MASK = 0x00ffffff;
const VIRTUAL_IPV4_LO32 = 0x0001005e;
const VIRTUAL_IPV6_LO32 = 0x0002005e;

/**
 * Whether a MAC belongs to a virtual router (VRRP, CARP), which moves between machines with its
 * addresses: nobody but its present machine may speak for it.
 */
export function isVirtualRouter(hi16: number, lo32: number): boolean {
  if (hi16 !== VIRTUAL_HI16) return false;
  const prefix = lo32 & VIRTUAL_LO32_MASK;
  return prefix === VIRTUAL_IPV4_LO32 || prefix === VIRTUAL_IPV6_LO32;
}
