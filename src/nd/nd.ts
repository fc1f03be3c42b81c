/**
 * The Neighbor Discovery room: it gets the IPv6 frames whose first header is neither TCP nor UDP, and the
 * bridge carries out its verdict. Other messages than Neighbor Discovery pass. `receive` has the steps for a
 * message, the same as in `arp/arp.ts`.
 *
 * Duplicate address detection and all messages of virtual routers are always forwarded.
 *
 * Only a host's own advertisements tell whether it is a router, and an answer with the wrong flag would
 * remove a default route (RFC 4861 7.2.5). So the switch polls a host at once if it has heard only
 * solicitations of it, and does not answer for it before its advertisement.
 *
 * Source: RFC 4861 7.2 (answers, announcements), RFC 4862 5.3 and 5.4 (link-local address, claims);
 * RFC 9568 8.2 (virtual routers); `net/bridge/br_arp_nd_proxy.c`.
 */

import { isSameIpKey, linkLocalKey, setIpv6Key } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import {
  isAllNodesAt,
  isHostIpv6At,
  isMulticastAt,
  isTcpOrUdp,
  isUnspecifiedAt,
} from '../wire/ipv6';
import { i32At } from '../wire/read';
import { type Burst, FrameFlag } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { type Wants, keepForSwitch } from '../frame/room';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import { SOURCE, macHi16, macLo32 } from '../wire/ethernet';
import { Corrects } from '../hosts/announcements';
import { ResolutionCounter } from '../hosts/counters';
import { isVirtualRouter } from '../hosts/known-hosts';
import { Miss, tellMiss } from '../hosts/miss';
import { RouterFlag } from '../hosts/neighbours';
import { MAX_OWN_ADDRESSES, type OwnAddress, type OwnAddresses } from '../hosts/own-addresses';
import { type ResolutionOptions, ResolutionRoom } from '../hosts/resolution-room';
import { judgeNd } from './inspect';
import { advertiseToAll, answer, poll, probe } from './speak';
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
  isFromSender,
  isNeighbourDiscovery,
  isValidMessage,
  linkLayerOption,
  messageType,
} from '../wire/nd';

/** Own addresses with the link-local ones, because each frame is compared with all of them. */
const MAX_ADDRESSES = 2 * MAX_OWN_ADDRESSES;

export interface NdOptions extends ResolutionOptions {
  /** IPv6 addresses of the switch. Their companion is the link-local one. */
  readonly ownIpv6: OwnAddresses;
}

export class Nd extends ResolutionRoom {
  readonly wants: Wants = {
    types: [{ etherType: 0x86dd, wantsProtocol: (protocol) => !isTcpOrUdp(protocol) }],
  };
  private readonly linkLocal: IpKey;

  constructor(options: NdOptions) {
    super(options, options.ownIpv6);
    this.linkLocal = linkLocalKey(options.mac);
  }

  // The path of a frame ---------------------------------------------------------------------------

  /** Handles a received IPv6 frame. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    const { inspection, sender, target } = this;
    const at = i32At(burst.offset, frame);
    // Inspection and checks.
    if (inspection?.admits(frame, outbox, judgeNd, this.neighbours) === false) return CONSUMED;
    if (!isNeighbourDiscovery(burst.u8, at, i32At(burst.length, frame))) return PASS;
    const toSwitch = (i32At(burst.kind, frame) & FrameFlag.ToSwitch) !== 0;
    if (!isWellFormed(burst, frame)) return this.hosts.leaveMalformed(frame, toSwitch, outbox);
    this.read(burst, frame);

    // Learning, and the answer for the switch. A station that uses an address of the switch is not learned.
    const contested = this.findContested(burst.u8, at);
    if (contested !== undefined) this.dispute(contested, outbox);
    else this.learn(burst.u8, at, burst.nowMs);
    const asked = contested === undefined ? this.findAsked(burst.u8, at) : undefined;
    if (asked !== undefined) this.answerForSwitch(asked, frame, outbox);
    if (toSwitch) return keepForSwitch(outbox);
    if (contested !== undefined || asked !== undefined) {
      reporter?.step('it concerns an address of the switch, and is forwarded as well');
      return this.pass(burst, frame);
    }

    // The answer for a host, or the direction of the request to it.
    const entry = this.lookUp(burst, frame);
    if (entry < 0) {
      if (reporter !== undefined) tellMiss(reporter, 'ND', sender.key, target, entry);
      return this.pass(burst, frame);
    }
    if (reporter !== undefined) this.hosts.reportHit(reporter, target, entry, sender.vlan);
    const verdict =
      this.hosts.mode === 'direct' ? this.direct(entry) : this.answerForHost(entry, frame, outbox);
    this.hosts.copyToListeners(frame, verdict, outbox);
    return verdict;
  }

  /** Reads sender and target of a valid message. */
  private read({ u8, u16, offset, ingress, vlan }: Burst, frame: number): void {
    const at = i32At(offset, frame);
    const { sender } = this;
    setIpv6Key(sender.key, u8, at + SOURCE_ADDRESS);
    sender.hi16 = macHi16(u16, at + SOURCE);
    sender.lo32 = macLo32(u16, at + SOURCE);
    sender.port = i32At(ingress, frame);
    sender.vlan = i32At(vlan, frame);
    if (hasTarget(u8, at)) setIpv6Key(this.target, u8, at + TARGET_ADDRESS);
  }

  /** Own address that the sender uses, as its source or in its advertisement. */
  private findContested(u8: Uint8Array, at: number): OwnAddress | undefined {
    const { addresses, sender, target } = this;
    const isAdvertisement = messageType(u8, at) === NEIGHBOUR_ADVERTISEMENT;
    const asSender = addresses.find(sender.key, sender.vlan);
    return asSender ?? (isAdvertisement ? addresses.find(target, sender.vlan) : undefined);
  }

  /** Own address for which the message asks. */
  private findAsked(u8: Uint8Array, at: number): OwnAddress | undefined {
    const isQuestion = messageType(u8, at) === NEIGHBOUR_SOLICITATION;
    return isQuestion ? this.addresses.find(this.target, this.sender.vlan) : undefined;
  }

  /** Handles a sender that uses, or wants to use, an address of the switch. */
  private dispute(own: OwnAddress, outbox: Outbox): void {
    const { hi16, lo32, port } = this.sender;
    this.counters.count(ResolutionCounter.Conflict, port);
    const isDefended = this.addresses.conflict(own, hi16, lo32, port, outbox.burst.nowMs);
    if (isDefended) this.announce(own.key, this.addresses.vlanOf(own), outbox);
  }

  /** Learns from the sender, or from a probe that its target may be free. */
  private learn(u8: Uint8Array, at: number, nowMs: number): void {
    switch (messageType(u8, at)) {
      case NEIGHBOUR_ADVERTISEMENT:
        return this.learnFromAdvertisement(u8, at, nowMs);
      case REDIRECT:
        return;
      case NEIGHBOUR_SOLICITATION:
        if (!isUnspecifiedAt(u8, at + SOURCE_ADDRESS)) return this.learnFromSender(u8, at, nowMs);
        return this.neighbours.probed(this.target, this.sender.vlan);
      default:
        return this.learnFromSender(u8, at, nowMs);
    }
  }

  private learnFromAdvertisement(u8: Uint8Array, at: number, nowMs: number): void {
    if (!isHostIpv6At(u8, at + TARGET_ADDRESS)) return;
    const { neighbours, target } = this;
    const { vlan, hi16, lo32, port } = this.sender;
    // Without the override flag, it comes from a proxy or from one of several stations: nothing is learned.
    const isOwn = hasFlag(u8, at, FLAG_OVERRIDE);
    if (!isOwn && !neighbours.isBound(target, vlan, hi16, lo32)) return;
    this.hosts.observe(target, vlan, hi16, lo32, port, nowMs);
    const isRouter = hasFlag(u8, at, FLAG_ROUTER);
    neighbours.setRouter(target, vlan, isRouter ? RouterFlag.Router : RouterFlag.Host);
  }

  /** Learns a sender that solicits or advertises routes, with its link-layer address. */
  private learnFromSender(u8: Uint8Array, at: number, nowMs: number): void {
    const isReachable = linkLayerOption(u8, at, SOURCE_LINK_LAYER) >= 0;
    if (!isReachable || !isHostIpv6At(u8, at + SOURCE_ADDRESS)) return;
    const { key, vlan, hi16, lo32, port } = this.sender;
    this.hosts.observe(key, vlan, hi16, lo32, port, nowMs);
    if (messageType(u8, at) === ROUTER_ADVERTISEMENT) {
      this.neighbours.setRouter(key, vlan, RouterFlag.Router);
    } else {
      this.neighbours.askIfRouterUnknown(key, vlan, nowMs);
    }
  }

  /** Answers a solicitation for an own address that the switch holds. */
  private answerForSwitch(asked: OwnAddress, frame: number, outbox: Outbox): void {
    const { u8, offset } = outbox.burst;
    const isProbe = isUnspecifiedAt(u8, i32At(offset, frame) + SOURCE_ADDRESS);
    if (asked.claim.state !== 'claimed') {
      // If two stations probe for one address at the same time, neither may use it (RFC 4862 5.4.3).
      if (isProbe) this.dispute(asked, outbox);
      return;
    }
    this.counters.count(ResolutionCounter.Answered, this.sender.port);
    const { hi16, lo32 } = this.mac;
    if (isProbe) this.announce(asked.key, this.sender.vlan, outbox);
    else answer(outbox, frame, hi16, lo32, asked.key, FLAG_SOLICITED | FLAG_OVERRIDE);
  }

  /** Entry of the requested host, or a `Miss`. */
  private lookUp({ u8, offset, kind, nowMs }: Burst, frame: number): number {
    const { hosts, neighbours, sender, target } = this;
    const at = i32At(offset, frame);
    if (messageType(u8, at) !== NEIGHBOUR_SOLICITATION) return Miss.NotARequest;
    const isToGroup = (i32At(kind, frame) & FrameFlag.Group) !== 0;
    if (!isToGroup || !isMulticastAt(u8, at + DESTINATION_ADDRESS)) return Miss.Unicast;
    if (!isHostIpv6At(u8, at + SOURCE_ADDRESS)) return Miss.Probe;
    if (isSameIpKey(sender.key, target)) return Miss.Announcement;
    if (linkLayerOption(u8, at, SOURCE_LINK_LAYER) < 0) return Miss.NoSenderMac;
    if (isVirtualRouter(sender.hi16, sender.lo32)) return Miss.VirtualRouter;
    const entry = hosts.findFor(target, sender, nowMs);
    const isAnswer = entry >= 0 && hosts.mode === 'answer';
    const isUnsaid = isAnswer && neighbours.routerFlagOf(entry) === RouterFlag.Unknown;
    return isUnsaid ? Miss.RouterUnknown : entry;
  }

  private direct(entry: number): Verdict {
    this.counters.count(ResolutionCounter.Directed, this.sender.port);
    return this.hosts.egressFor(entry, this.sender.vlan);
  }

  private answerForHost(entry: number, frame: number, outbox: Outbox): Verdict {
    const { neighbours } = this;
    this.counters.count(ResolutionCounter.AnsweredForHost, this.sender.port);
    const isRouter = neighbours.routerFlagOf(entry) === RouterFlag.Router;
    const flags = FLAG_SOLICITED | (isRouter ? FLAG_ROUTER : 0);
    answer(outbox, frame, neighbours.hi16Of(entry), neighbours.lo32Of(entry), this.target, flags);
    return CONSUMED;
  }

  /**
   * Passes a message, and notes which hosts learn its sender from it. A solicitation shows all switches the
   * port of its sender, but only the requested host learns the sender's MAC. All hosts learn it from an
   * advertisement to all nodes (RFC 4861 7.2.6).
   */
  private pass({ u8, offset, kind, nowMs }: Burst, frame: number): Verdict {
    const at = i32At(offset, frame);
    const { key, vlan, hi16, lo32 } = this.sender;
    const isAdvertisement = messageType(u8, at) === NEIGHBOUR_ADVERTISEMENT;
    const toGroup = isAdvertisement && overridesAll(u8, at) ? Corrects.All : Corrects.Owner;
    const isToGroup = (i32At(kind, frame) & FrameFlag.Group) !== 0;
    const corrects = isToGroup ? toGroup : Corrects.Nobody;
    this.hosts.announced(isAdvertisement ? this.target : key, vlan, hi16, lo32, corrects, nowMs);
    return PASS;
  }

  // Frames of claims and polls --------------------------------------------------------------------

  /** Probes for an address that the switch wants to use: RFC 4862 5.4.2. */
  probe(key: IpKey, vlan: number, outbox: Outbox): void {
    probe(outbox, vlan, this.mac, key);
  }

  /** Advertises to all nodes that the switch has the address: RFC 4861 7.2.6. */
  announce(key: IpKey, vlan: number, outbox: Outbox): void {
    advertiseToAll(outbox, vlan, this.mac, key);
  }

  protected poll(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    nowMs: number,
    outbox: Outbox,
  ): boolean {
    const source = this.sourceForPolls(nowMs, vlan);
    if (source === undefined) return false;
    poll(outbox, vlan, hi16, lo32, port, this.mac, source, key);
    return true;
  }

  /**
   * Source address of polls: the link-local one, to which every host on the link can answer. If the switch
   * does not have it yet, it starts to claim it. It has one in each VLAN, so not in too many: hosts of the
   * other VLANs are not polled, and it floods their requests.
   */
  private sourceForPolls(nowMs: number, vlan: number): IpKey | undefined {
    const { addresses } = this;
    const isNew = addresses.find(this.linkLocal, vlan) === undefined;
    if (isNew && addresses.all.length < MAX_ADDRESSES) {
      addresses.add(this.linkLocal, nowMs, undefined, vlan);
    }
    const own = addresses.all.find(
      (address) => address.claim.state === 'claimed' && addresses.vlanOf(address) === vlan,
    );
    return own?.key;
  }
}

/** Whether a message is valid, and its Ethernet source is the MAC that it names. */
function isWellFormed({ u8, u16, offset, length }: Burst, frame: number): boolean {
  const at = i32At(offset, frame);
  return isValidMessage(u8, u16, at, i32At(length, frame)) && isFromSender(u8, u16, at);
}

/** Whether a message has a target address. */
function hasTarget(u8: Uint8Array, at: number): boolean {
  const type = messageType(u8, at);
  return type === NEIGHBOUR_SOLICITATION || type === NEIGHBOUR_ADVERTISEMENT;
}

/** Whether an advertisement corrects the entry of its sender in all hosts. */
function overridesAll(u8: Uint8Array, at: number): boolean {
  return (
    hasFlag(u8, at, FLAG_OVERRIDE) &&
    linkLayerOption(u8, at, TARGET_LINK_LAYER) >= 0 &&
    isAllNodesAt(u8, at + DESTINATION_ADDRESS)
  );
}
