/**
 * The ARP room: it gets every frame with EtherType 0x0806, and the bridge carries out its verdict. `receive`
 * has the steps for such a frame.
 *
 * The switch answers for its own addresses, and forwards such a request as well, as a Linux bridge does. It
 * learns from the ARP of hosts which host uses which address, and verifies that by unicast polls. It answers
 * for a known host (`--arp answer`), or sends the request to that host alone (`--arp direct`), if all hosts
 * know the asker. Gratuitous ARP, probes, announcements and all ARP of virtual routers are always forwarded.
 *
 * A malformed frame is counted and forwarded, unless inspection denies it.
 *
 * Source: RFC 826 (answers, and learning from requests and replies), RFC 1027, RFC 5227, RFC 9568 8.1;
 * `net/ipv4/arp.c` `arp_process` for the senders that are trusted.
 */

import { UNSPECIFIED_IPV4, isHostIpv4, isLinkLocalIpv4 } from '../wire/ipv4';
import { ipv4OfKey, isSameIpKey, setIpv4Key } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';
import { type Burst, FrameFlag } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import { type Wants, keepForSwitch } from '../frame/room';
import { CONSUMED, PASS, type Verdict } from '../frame/verdict';
import { Corrects } from '../hosts/announcements';
import { ResolutionCounter } from '../hosts/counters';
import { isVirtualRouter } from '../hosts/known-hosts';
import { Miss, tellMiss } from '../hosts/miss';
import type { OwnAddress, OwnAddresses } from '../hosts/own-addresses';
import { type ResolutionOptions, ResolutionRoom } from '../hosts/resolution-room';
import { judgeArp } from './inspect';
import { answer, broadcastRequest, poll } from './speak';
import {
  REQUEST,
  isEthernetIpv4,
  isFromSender,
  operation,
  senderAddress,
  senderHi16,
  senderLo32,
  targetAddress,
} from '../wire/arp';

const IPV4_BITS = 32;

export interface ArpOptions extends ResolutionOptions {
  /** IPv4 addresses of the switch. */
  readonly ownIpv4: OwnAddresses;
}

export class Arp extends ResolutionRoom {
  readonly wants: Wants = { types: [{ etherType: 0x0806 }] };
  constructor(options: ArpOptions) {
    super(options, options.ownIpv4);
  }

  // The path of a frame -------------------------------------------------------------------------

  /** Handles a received frame with EtherType 0x0806. Its length is not yet checked. */
  receive(frame: number, outbox: Outbox): Verdict {
    const { burst, reporter } = outbox;
    const { inspection, sender, target } = this;
    // Inspection and checks.
    if (inspection?.admits(frame, outbox, judgeArp, this.neighbours) === false) return CONSUMED;
    const toSwitch = (i32At(burst.kind, frame) & FrameFlag.ToSwitch) !== 0;
    if (!isWellFormed(burst, frame)) return this.hosts.leaveMalformed(frame, toSwitch, outbox);
    this.read(burst, frame);

    // Learning, and the answer for the switch. A station that uses an address of the switch is not learned.
    const contested = this.addresses.find(sender.key, sender.vlan);
    if (contested !== undefined) this.dispute(contested, outbox);
    else this.learn(burst.nowMs);
    const asked = contested === undefined ? this.addresses.find(target, sender.vlan) : undefined;
    if (asked !== undefined) this.answerForSwitch(asked, frame, outbox);
    if (toSwitch) return keepForSwitch(outbox);
    if (contested !== undefined || asked !== undefined) {
      reporter?.step('it concerns an address of the switch, and is forwarded as well');
      return this.pass(burst, frame);
    }

    // The answer for a host, or the direction of the request to it.
    const entry = this.lookUp(burst, frame);
    if (entry < 0) {
      if (reporter !== undefined) tellMiss(reporter, 'ARP', sender.key, target, entry);
      return this.pass(burst, frame);
    }
    if (reporter !== undefined) this.hosts.reportHit(reporter, target, entry, sender.vlan);
    const verdict =
      this.hosts.mode === 'direct' ? this.direct(entry) : this.answerForHost(entry, frame, outbox);
    this.hosts.copyToListeners(frame, verdict, outbox);
    return verdict;
  }

  /** Reads sender and target of a valid frame. */
  private read({ u8, u16, offset, ingress, vlan }: Burst, frame: number): void {
    const at = i32At(offset, frame);
    const { sender } = this;
    setIpv4Key(sender.key, senderAddress(u8, at));
    sender.hi16 = senderHi16(u16, at);
    sender.lo32 = senderLo32(u16, at);
    sender.port = i32At(ingress, frame);
    sender.vlan = i32At(vlan, frame);
    setIpv4Key(this.target, targetAddress(u8, at));
  }

  /** Handles a sender that uses, or wants to use, an address of the switch. */
  private dispute(own: OwnAddress, outbox: Outbox): void {
    const { hi16, lo32, port } = this.sender;
    this.counters.count(ResolutionCounter.Conflict, port);
    const isDefended = this.addresses.conflict(own, hi16, lo32, port, outbox.burst.nowMs);
    if (isDefended) this.announce(own.key, this.addresses.vlanOf(own), outbox);
  }

  /** Learns from the sender, or from a probe that its target may be free. */
  private learn(nowMs: number): void {
    const { key, vlan, hi16, lo32, port } = this.sender;
    if (isUnspecified(key)) this.neighbours.probed(this.target, vlan);
    else this.hosts.observe(key, vlan, hi16, lo32, port, nowMs);
  }

  /** Answers a request for an own address that the switch holds. */
  private answerForSwitch(asked: OwnAddress, frame: number, outbox: Outbox): void {
    const { u16, offset } = outbox.burst;
    if (operation(u16, i32At(offset, frame)) !== REQUEST) return;
    if (asked.claim.state === 'claimed') {
      const { hi16, lo32 } = this.mac;
      answer(outbox, frame, hi16, lo32, ipv4OfKey(asked.key));
      this.counters.count(ResolutionCounter.Answered, this.sender.port);
    } else if (isUnspecified(this.sender.key)) {
      // If two stations probe for one address at the same time, neither may use it (RFC 5227 2.1.1).
      this.dispute(asked, outbox);
    }
  }

  /** Entry of the requested host, or a `Miss`. */
  private lookUp({ u16, offset, kind, nowMs }: Burst, frame: number): number {
    const { sender, target } = this;
    if (operation(u16, i32At(offset, frame)) !== REQUEST) return Miss.NotARequest;
    if ((i32At(kind, frame) & FrameFlag.Broadcast) === 0) return Miss.Unicast;
    if (isUnspecified(sender.key)) return Miss.Probe;
    if (isSameIpKey(sender.key, target)) return Miss.Announcement;
    if (isVirtualRouter(sender.hi16, sender.lo32)) return Miss.VirtualRouter;
    return this.hosts.findFor(target, sender, nowMs);
  }

  private direct(entry: number): Verdict {
    this.counters.count(ResolutionCounter.Directed, this.sender.port);
    return this.hosts.egressFor(entry, this.sender.vlan);
  }

  private answerForHost(entry: number, frame: number, outbox: Outbox): Verdict {
    const { hosts, neighbours } = this;
    this.counters.count(ResolutionCounter.AnsweredForHost, this.sender.port);
    const hi16 = neighbours.hi16Of(entry);
    const lo32 = neighbours.lo32Of(entry);
    const from = hosts.egressFor(entry, this.sender.vlan);
    answer(outbox, frame, hi16, lo32, ipv4OfKey(this.target), from);
    return CONSUMED;
  }

  /** Passes a frame, and notes which hosts learn its sender from it. */
  private pass({ u16, offset, kind, nowMs }: Burst, frame: number): Verdict {
    const { key, vlan, hi16, lo32 } = this.sender;
    if (isUnspecified(key)) return PASS;
    const isToAll = (i32At(kind, frame) & FrameFlag.Broadcast) !== 0;
    const isRequest = operation(u16, i32At(offset, frame)) === REQUEST;
    const isGratuitous = isRequest && isSameIpKey(key, this.target);
    const corrects = isGratuitous ? Corrects.All : Corrects.Settled;
    this.hosts.announced(key, vlan, hi16, lo32, isToAll ? corrects : Corrects.Nobody, nowMs);
    return PASS;
  }

  // Frames of claims and polls ------------------------------------------------------------------

  /** Probes for an address that the switch wants to use: RFC 5227 2.1. */
  probe(key: IpKey, vlan: number, outbox: Outbox): void {
    broadcastRequest(outbox, vlan, this.mac, UNSPECIFIED_IPV4, ipv4OfKey(key));
  }

  /** Announces to all hosts that the switch has the address: RFC 5227 2.3. */
  announce(key: IpKey, vlan: number, outbox: Outbox): void {
    const address = ipv4OfKey(key);
    broadcastRequest(outbox, vlan, this.mac, address, address);
  }

  protected poll(
    key: IpKey,
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    _nowMs: number,
    outbox: Outbox,
  ): true {
    poll(outbox, vlan, hi16, lo32, port, this.mac, this.sourceFor(key, vlan), ipv4OfKey(key));
    return true;
  }

  /**
   * Source address of a poll: an address of the switch in the same network, or none, as in a probe. A
   * link-local address may not be the source of a unicast poll (RFC 3927 2.5).
   */
  sourceFor(target: IpKey, vlan = NO_VLAN): number {
    for (const own of this.addresses.all) {
      const { key, prefixBits, claim } = own;
      if (this.addresses.vlanOf(own) !== vlan) continue;
      const address = ipv4OfKey(key);
      const mask = prefixBits === 0 ? 0 : -1 << Math.max(0, IPV4_BITS - prefixBits);
      const isSameNetwork = ((address ^ ipv4OfKey(target)) & mask) === 0;
      const mayAsk = claim.state === 'claimed' && !isLinkLocalIpv4(address);
      if (isSameNetwork && mayAsk) return address;
    }
    return UNSPECIFIED_IPV4;
  }
}

/** Whether a frame is well formed, and its Ethernet source is the sender that it names. */
function isWellFormed({ u8, u16, offset, length }: Burst, frame: number): boolean {
  const at = i32At(offset, frame);
  if (!isEthernetIpv4(u16, at, i32At(length, frame)) || !isFromSender(u16, at)) return false;
  const sender = senderAddress(u8, at);
  return sender === UNSPECIFIED_IPV4 || isHostIpv4(sender);
}

function isUnspecified(key: IpKey): boolean {
  return key[3] === 0;
}
