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
import { OwnAddresses } from '../hosts/own-addresses';
import { Nd } from '../nd/nd';
import { Inspection } from '../hosts/inspection';
import type { AnswerMode, Topology } from '../hosts/known-hosts';
import type { NeighbourOptions } from '../hosts/neighbours';
import type { TellHostNews } from '../hosts/news';
import { linkLocalKey } from '../wire/ip-key';
import { isWrapping } from '../hosts/tagged';
import type { Counters } from './counters';
import type { BridgeSettings } from './settings';
import type { MacWords } from '../wire/mac';
import type { Outbox } from '../frame/outbox';
import { keepForSwitch } from '../frame/room';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  PAYLOAD,
} from '../wire/ethernet';

export interface RoomOptions {
  /** What becomes of requests for known hosts: `answer` unless given. */
  readonly arp?: AnswerMode;
  /** How long bindings live, and how many there may be, of each family. */
  readonly neighbours?: NeighbourOptions;
  /** Whether ports that are not trusted are inspected. */
  readonly inspect?: boolean;
  /** Told of own addresses, of bindings that come into doubt, and of what inspection refuses. */
  readonly news?: TellHostNews;
}

/** What the rooms are given of the bridge that they belong to. */
export interface RoomSurroundings {
  readonly mac: MacWords;
  readonly counters: Counters;
  readonly topology: Topology;
  readonly maxPorts: number;
  readonly seed: number;
}

export class Rooms {
  readonly arp: Arp;
  readonly nd: Nd;
  readonly inspection: Inspection;
  private readonly dhcp: Dhcp;
  private readonly echo: EchoResponder;
  private readonly echoIpv6: EchoResponderIpv6;

  constructor(options: RoomOptions, surroundings: RoomSurroundings) {
    const { mac, counters, topology, ...size } = surroundings;
    const news = options.news ?? (() => undefined);
    this.inspection = new Inspection({
      ...size,
      sink: { drop: (reason, port) => counters.countRefusal(reason, port) },
      news,
    });
    const shared = {
      mac,
      topology,
      news,
      inspection: this.inspection,
      mode: options.arp ?? 'answer',
      neighbours: { ...size, ...options.neighbours },
    };
    this.arp = new Arp({
      ...shared,
      addresses: new OwnAddresses({ news }),
      counters: { count: (counter, port) => counters.countArp(counter, port) },
    });
    this.nd = new Nd({
      ...shared,
      addresses: new OwnAddresses({ news, companion: linkLocalKey(mac) }),
      counters: { count: (counter, port) => counters.countNd(counter, port) },
    });
    this.dhcp = new Dhcp(this.inspection, topology);
    const icmpCounters = {
      count: (counter: IcmpCounter, port: number) => counters.countIcmp(counter, port),
    };
    this.echo = new EchoResponder(mac, this.arp.addresses, icmpCounters);
    this.echoIpv6 = new EchoResponderIpv6(mac, this.nd.addresses, icmpCounters);
    if (options.inspect) this.inspection.begin();
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. What is left out stays as it is. */
  configure({ arp, neighLifeMs, inspect }: Partial<BridgeSettings>): void {
    if (arp !== undefined || neighLifeMs !== undefined) {
      this.arp.hosts.setRules(arp, neighLifeMs);
      this.nd.hosts.setRules(arp, neighLifeMs);
    }
    const { inspection } = this;
    if (inspect === true && !inspection.isOn) {
      inspection.begin();
      // What was learned before is forgotten, for nobody vouched for it.
      this.flushNeighbours();
    }
    if (inspect === false && inspection.isOn) inspection.end();
  }

  /** Sets whether inspection believes the port. A port that loses trust is not relied on longer. */
  setTrusted(port: number, isTrusted: boolean): void {
    const { inspection } = this;
    const wasBelieved = inspection.trusts(port);
    inspection.setTrusted(port, isTrusted);
    if (wasBelieved && !inspection.trusts(port)) this.flushNeighbours(port);
  }

  // Frames --------------------------------------------------------------------------------------

  /**
   * @param type the frame's EtherType, in memory order
   * @param toSwitch whether its destination is the switch's own MAC
   */
  ask(frame: number, type: number, toSwitch: boolean, outbox: Outbox): Verdict {
    switch (type) {
      case ETHER_TYPE_ARP:
        return this.arp.receive(frame, outbox);
      case ETHER_TYPE_IPV4:
        return this.askAboutIpv4(frame, toSwitch, outbox);
      case ETHER_TYPE_IPV6:
        return this.askAboutIpv6(frame, toSwitch, outbox);
      case ETHER_TYPE_VLAN:
      case ETHER_TYPE_SERVICE_VLAN:
        return this.askAboutTagged(frame, outbox);
      default:
        if (!this.inspection.isOn || !isWrapping(type)) return PASS;
        return this.askAboutTagged(frame, outbox);
    }
  }

  private askAboutIpv4(frame: number, toSwitch: boolean, outbox: Outbox): Verdict {
    if (this.inspection.isOn) {
      const verdict = this.dhcp.receive(frame, outbox);
      if (verdict !== PASS) return verdict;
    }
    return toSwitch ? reported(this.echo.receive(frame, outbox), outbox) : PASS;
  }

  private askAboutIpv6(frame: number, toSwitch: boolean, outbox: Outbox): Verdict {
    const { burst } = outbox;
    switch (burst.u8[(burst.offset[frame] as number) + PAYLOAD + NEXT_HEADER]) {
      case NEXT_HEADER_TCP:
        return PASS;
      case NEXT_HEADER_UDP:
        return this.inspection.isOn ? this.dhcp.receive(frame, outbox) : PASS;
      default: {
        const verdict = this.nd.receive(frame, outbox);
        if (verdict !== PASS || !toSwitch) return verdict;
        return reported(this.echoIpv6.receive(frame, outbox), outbox);
      }
    }
  }

  private askAboutTagged(frame: number, outbox: Outbox): Verdict {
    if (!this.inspection.isOn) return PASS;
    return this.inspection.admitsTagged(outbox, frame) ? PASS : CONSUMED;
  }

  // Time and ports ------------------------------------------------------------------------------

  tick(nowMs: number, outbox: Outbox): void {
    this.arp.tick(nowMs, outbox);
    this.nd.tick(nowMs, outbox);
    this.inspection.leases?.tick(nowMs);
  }

  /** When a protocol timer is due; `Infinity` for never. */
  get dueMs(): number {
    return Math.min(this.arp.dueMs, this.nd.dueMs, this.inspection.leases?.dueMs ?? Infinity);
  }

  /** The port went down: what was learned there is in doubt. */
  flushPort(port: number): void {
    this.flushNeighbours(port);
  }

  /** Forgets what was learned of hosts, on one port or on all. @returns how many bindings */
  flushNeighbours(port?: number): number {
    return this.arp.neighbours.flush(port) + this.nd.neighbours.flush(port);
  }

  /** The port's id will be given away again. */
  forgetPort(port: number): void {
    this.arp.neighbours.forgetPort(port);
    this.nd.neighbours.forgetPort(port);
    this.inspection.forgetPort(port);
  }
}

/** The verdict on a frame to the switch's own MAC. */
function reported(verdict: Verdict, outbox: Outbox): Verdict {
  return verdict === CONSUMED ? keepForSwitch(outbox) : verdict;
}
