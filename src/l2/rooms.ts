/**
 * The protocol rooms of one bridge, and which of them is asked about a frame. What a room says is a
 * verdict; the bridge acts on it. A frame that concerns no room costs a comparison or two.
 */

import { Arp } from '../arp/arp';
import { Dhcp } from '../dhcp/dhcp';
import type { IcmpCounter } from '../icmp/counters';
import { EchoResponder } from '../icmp/echo';
import { EchoResponderIpv6 } from '../icmp/echo-ipv6';
import { NEXT_HEADER, NEXT_HEADER_TCP, NEXT_HEADER_UDP } from '../wire/ipv6';
import type { OwnAddressEvents } from '../hosts/own-addresses';
import { Nd } from '../nd/nd';
import { Inspection, type Refusal } from '../hosts/inspection';
import type { AnswerMode, Topology } from '../hosts/known-hosts';
import { Leases } from '../hosts/leases';
import type { NeighbourNews, NeighbourOptions } from '../hosts/neighbours';
import { isWrapping } from '../hosts/tagged';
import type { Counters } from './counters';
import type { BridgeSettings } from './settings';
import type { MacWords } from '../wire/mac';
import { FrameFlag, payloadOf, typeOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { KEPT_BY_SWITCH } from '../frame/trace-reporter';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6 } from '../wire/ethernet';

export interface RoomOptions {
  /** Told of claims and conflicts of the switch's own addresses. */
  readonly addressEvents?: OwnAddressEvents;
  /** What becomes of requests for known hosts: `answer` unless given. */
  readonly arp?: AnswerMode;
  /** How long bindings live, and how many there may be, of each family. */
  readonly neighbours?: NeighbourOptions;
  /** Told of bindings that come into doubt. */
  readonly onNeighbourNews?: (news: NeighbourNews) => void;
  /** Whether ports that are not trusted are inspected. */
  readonly inspect?: boolean;
  /** Told of what inspection refuses. */
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** What the rooms are given of the bridge that they belong to. */
export interface RoomSurroundings {
  readonly mac: MacWords;
  readonly counters: Counters;
  readonly topology: Topology;
  readonly maxPorts: number;
  readonly seed: number;
}

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Tagged, ToSwitch } = FrameFlag;
const IGNORED_ADDRESS_EVENTS: OwnAddressEvents = { claimed() {}, conflict() {} };

export class Rooms {
  readonly arp: Arp;
  readonly nd: Nd;
  private currentInspection: Inspection | undefined;
  private dhcp: Dhcp | undefined;
  private readonly echo: EchoResponder;
  private readonly echoIpv6: EchoResponderIpv6;
  /** Ids of the trusted ports, kept while nothing is inspected, too. */
  private readonly trusted = new Set<number>();
  private readonly onRefusal: (refusal: Refusal) => void;

  constructor(
    options: RoomOptions,
    private readonly surroundings: RoomSurroundings,
  ) {
    const { mac, counters, topology, ...size } = surroundings;
    this.onRefusal = options.onRefusal ?? (() => undefined);
    const resolution = {
      mac,
      topology,
      events: options.addressEvents ?? IGNORED_ADDRESS_EVENTS,
      mode: options.arp ?? 'answer',
      neighbours: { ...size, ...options.neighbours },
      ...(options.onNeighbourNews && { onNews: options.onNeighbourNews }),
    };
    this.arp = new Arp({
      ...resolution,
      counters: { count: (counter, port) => counters.countArp(counter, port) },
    });
    this.nd = new Nd({
      ...resolution,
      counters: { count: (counter, port) => counters.countNd(counter, port) },
    });
    const icmpCounters = {
      count: (counter: IcmpCounter, port: number) => counters.countIcmp(counter, port),
    };
    this.echo = new EchoResponder(mac, this.arp.own, icmpCounters);
    this.echoIpv6 = new EchoResponderIpv6(mac, this.nd.own, icmpCounters);
    if (options.inspect) this.beginInspection();
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. What is left out stays as it is. */
  configure({ arp, neighLifeMs, inspect }: Partial<BridgeSettings>): void {
    if (arp !== undefined || neighLifeMs !== undefined) {
      this.arp.known.hosts.setRules(arp, neighLifeMs);
      this.nd.known.hosts.setRules(arp, neighLifeMs);
    }
    const inspects = this.inspection !== undefined;
    if (inspect === true && !inspects) this.beginInspection();
    // Every port is believed from now on, and the leases are forgotten.
    if (inspect === false && inspects) this.setInspection(undefined, undefined);
  }

  // Inspection ----------------------------------------------------------------------------------

  /** Absent: every port is believed. */
  get inspection(): Inspection | undefined {
    return this.currentInspection;
  }

  /** Begins to inspect ports. What was learned before is forgotten, for nobody vouched for it. */
  private beginInspection(): void {
    const { counters, topology, maxPorts, seed } = this.surroundings;
    const inspection = new Inspection({ maxPorts }, new Leases({ maxPorts, seed }), {
      count: (reason, port) => counters.countRefusal(reason, port),
      refused: this.onRefusal,
    });
    for (const port of this.trusted) inspection.setTrusted(port, true);
    this.setInspection(inspection, new Dhcp(inspection, topology));
    this.flushNeighbours();
  }

  /** Whether inspection lets the port claim what it likes. Who loses trust is not relied on longer. */
  setTrusted(port: number, isTrusted: boolean): void {
    if (isTrusted) this.trusted.add(port);
    else this.trusted.delete(port);
    if (this.inspection === undefined || this.inspection.trusts(port) === isTrusted) return;
    this.inspection.setTrusted(port, isTrusted);
    if (!isTrusted) this.flushNeighbours(port);
  }

  private setInspection(inspection: Inspection | undefined, dhcp: Dhcp | undefined): void {
    this.currentInspection = inspection;
    this.dhcp = dhcp;
    this.arp.setInspection(inspection);
    this.nd.setInspection(inspection);
  }

  // Frames --------------------------------------------------------------------------------------

  /** Asks the room that a classified frame concerns. Behind a tag it concerns inspection alone. */
  ask(frame: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const kind = burst.kind[frame] as number;
    const toSwitch = (kind & ToSwitch) !== 0;
    if ((kind & Tagged) !== 0) return this.askAboutTagged(frame, outbox);
    const type = typeOf(burst, frame);
    switch (type) {
      case ETHER_TYPE_ARP:
        return this.arp.receive(frame, outbox);
      case ETHER_TYPE_IPV4:
        return this.askAboutIpv4(frame, toSwitch, outbox);
      case ETHER_TYPE_IPV6:
        return this.askAboutIpv6(frame, toSwitch, outbox);
      default:
        if (this.inspection === undefined || !isWrapping(type)) return PASS;
        return this.askAboutTagged(frame, outbox);
    }
  }

  private askAboutIpv4(frame: number, toSwitch: boolean, outbox: Outbox): Verdict {
    if (this.dhcp !== undefined) {
      const verdict = this.dhcp.receive(frame, outbox);
      if (verdict !== PASS) return verdict;
    }
    return toSwitch ? reported(this.echo.receive(frame, outbox), outbox) : PASS;
  }

  private askAboutIpv6(frame: number, toSwitch: boolean, outbox: Outbox): Verdict {
    const { burst } = outbox;
    switch (burst.u8[payloadOf(burst, frame) + NEXT_HEADER]) {
      case NEXT_HEADER_TCP:
        return PASS;
      case NEXT_HEADER_UDP:
        return this.dhcp === undefined ? PASS : this.dhcp.receive(frame, outbox);
      default: {
        const verdict = this.nd.receive(frame, outbox);
        if (verdict !== PASS || !toSwitch) return verdict;
        return reported(this.echoIpv6.receive(frame, outbox), outbox);
      }
    }
  }

  private askAboutTagged(frame: number, outbox: Outbox): Verdict {
    if (this.inspection === undefined) return PASS;
    return this.inspection.admitsTagged(outbox, frame) ? PASS : CONSUMED;
  }

  // Time and ports ------------------------------------------------------------------------------

  tick(nowMs: number, outbox: Outbox): void {
    this.arp.tick(nowMs, outbox);
    this.nd.tick(nowMs, outbox);
    this.inspection?.leases.tick(nowMs);
  }

  /** When a protocol timer is due; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.arp.dueMs, this.nd.dueMs, this.inspection?.leases.dueMs ?? Infinity);
  }

  /** The port went down: what was learned there is in doubt. */
  flushPort(port: number): void {
    this.flushNeighbours(port);
  }

  /** Forgets what was learned of hosts, on one port or on all. @returns how many bindings */
  flushNeighbours(port?: number): number {
    const { arp, nd } = this;
    return arp.known.hosts.neighbours.flush(port) + nd.known.hosts.neighbours.flush(port);
  }

  /** The port's id will be given away again. */
  forgetPort(port: number): void {
    this.arp.known.hosts.neighbours.forgetPort(port);
    this.nd.known.hosts.neighbours.forgetPort(port);
    this.inspection?.forgetPort(port);
    this.trusted.delete(port);
  }
}

/** The verdict on a frame to the switch's own MAC. */
function reported(verdict: Verdict, outbox: Outbox): Verdict {
  if (verdict === CONSUMED) outbox.reporter?.step(KEPT_BY_SWITCH);
  return verdict;
}
