"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.Arp = void 0;
const ipv4_1 = require("../wire/ipv4");
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const burst_1 = require("../frame/burst");
const room_1 = require("../frame/room");
const verdict_1 = require("../frame/verdict");
const announcements_1 = require("../hosts/announcements");
const counters_1 = require("../hosts/counters");
const known_hosts_1 = require("../hosts/known-hosts");
const miss_1 = require("../hosts/miss");
const inspect_1 = require("./inspect");
const speak_1 = require("./speak");
const arp_1 = require("../wire/arp");
const IPV4_BITS = 32;
class Arp {
    wants = { types: [{ etherType: 0x0806 }] };
    /** Addresses of the switch. */
    addresses;
    /** Known hosts, and whether the switch may answer for them. */
    hosts;
    mac;
    counters;
    inspection;
    /** Sender and target of the present frame. */
    sender = { key: (0, ip_key_1.newIpKey)(), vlan: vlan_1.NO_VLAN, hi16: 0, lo32: 0, port: 0 };
    target = (0, ip_key_1.newIpKey)();
    constructor(options) {
        this.addresses = options.ownIpv4;
        this.mac = options.mac;
        this.counters = options.counters;
        this.inspection = options.inspection;
        this.hosts = new known_hosts_1.KnownHosts(options, (key, vlan, hi16, lo32, port, _nowMs, outbox) => {
            const source = this.sourceFor(key, vlan);
            (0, speak_1.poll)(outbox, vlan, hi16, lo32, port, this.mac, source, (0, ip_key_1.ipv4OfKey)(key));
            return true;
        });
    }
    /** Bindings of addresses to hosts. */
    get neighbours() {
        return this.hosts.neighbours;
    }
    // The path of a frame -------------------------------------------------------------------------
    /** Handles a received frame with EtherType 0x0806. Its length is not yet checked. */
    receive(frame, outbox) {
        const { burst, reporter } = outbox;
        const { inspection, sender, target } = this;
        // Inspection and checks.
        if (inspection?.admits(frame, outbox, inspect_1.judgeArp, this.neighbours) === false)
            return verdict_1.CONSUMED;
        const toSwitch = ((0, read_1.i32At)(burst.kind, frame) & burst_1.FrameFlag.ToSwitch) !== 0;
        if (!isBelievable(burst, frame))
            return this.hosts.leaveMalformed(frame, toSwitch, outbox);
        this.read(burst, frame);
        // Learning, and the answer for the switch. A station that uses an address of the switch is not learned.
        const contested = this.addresses.find(sender.key, sender.vlan);
        if (contested !== undefined)
            this.dispute(contested, outbox);
        else
            this.learn(burst.nowMs);
        const asked = contested === undefined ? this.addresses.find(target, sender.vlan) : undefined;
        if (asked !== undefined)
            this.answerForSwitch(asked, frame, outbox);
        if (toSwitch)
            return (0, room_1.keepForSwitch)(outbox);
        if (contested !== undefined || asked !== undefined) {
            reporter?.step('it concerns an address of the switch, and is forwarded as well');
            return this.pass(burst, frame);
        }
        // The answer for a host, or the direction of the request to it.
        const entry = this.lookUp(burst, frame);
        if (entry < 0) {
            if (reporter !== undefined)
                (0, miss_1.tellMiss)(reporter, 'ARP', sender.key, target, entry);
            return this.pass(burst, frame);
        }
        if (reporter !== undefined)
            this.hosts.reportHit(reporter, target, entry, sender.vlan);
        const verdict = this.hosts.mode === 'direct' ? this.direct(entry) : this.answerForHost(entry, frame, outbox);
        this.hosts.copyToListeners(frame, verdict, outbox);
        return verdict;
    }
    /** Reads sender and target of a valid frame. */
    read({ u8, u16, offset, ingress, vlan }, frame) {
        const at = (0, read_1.i32At)(offset, frame);
        const { sender } = this;
        (0, ip_key_1.setIpv4Key)(sender.key, (0, arp_1.senderAddress)(u8, at));
        sender.hi16 = (0, arp_1.senderHi16)(u16, at);
        sender.lo32 = (0, arp_1.senderLo32)(u16, at);
        sender.port = (0, read_1.i32At)(ingress, frame);
        sender.vlan = (0, read_1.i32At)(vlan, frame);
        (0, ip_key_1.setIpv4Key)(this.target, (0, arp_1.targetAddress)(u8, at));
    }
    /** Handles a sender that uses, or wants to use, an address of the switch. */
    dispute(own, outbox) {
        const { hi16, lo32, port } = this.sender;
        this.counters.count(counters_1.ResolutionCounter.Conflict, port);
        const isDefended = this.addresses.conflict(own, hi16, lo32, port, outbox.burst.nowMs);
        if (isDefended)
            this.announce(own.key, this.addresses.vlanOf(own), outbox);
    }
    /** Learns from the sender, or from a probe that its target may be free. */
    learn(nowMs) {
        const { key, vlan, hi16, lo32, port } = this.sender;
        if (isUnspecified(key))
            this.neighbours.probed(this.target, vlan);
        else
            this.hosts.observe(key, vlan, hi16, lo32, port, nowMs);
    }
    /** Answers a request for an own address that the switch holds. */
    answerForSwitch(asked, frame, outbox) {
        const { u16, offset } = outbox.burst;
        if ((0, arp_1.operation)(u16, (0, read_1.i32At)(offset, frame)) !== arp_1.REQUEST)
            return;
        if (asked.claim.state === 'claimed') {
            const { hi16, lo32 } = this.mac;
            (0, speak_1.answer)(outbox, frame, hi16, lo32, (0, ip_key_1.ipv4OfKey)(asked.key));
            this.counters.count(counters_1.ResolutionCounter.Answered, this.sender.port);
        }
        else if (isUnspecified(this.sender.key)) {
            // If two stations probe for one address at the same time, neither may use it (RFC 5227 2.1.1).
            this.dispute(asked, outbox);
        }
    }
    /** Entry of the requested host, or a `Miss`. */
    lookUp({ u16, offset, kind, nowMs }, frame) {
        const { sender, target } = this;
        if ((0, arp_1.operation)(u16, (0, read_1.i32At)(offset, frame)) !== arp_1.REQUEST)
            return miss_1.Miss.NotARequest;
        if (((0, read_1.i32At)(kind, frame) & burst_1.FrameFlag.Broadcast) === 0)
            return miss_1.Miss.Unicast;
        if (isUnspecified(sender.key))
            return miss_1.Miss.Probe;
        if ((0, ip_key_1.isSameIpKey)(sender.key, target))
            return miss_1.Miss.Announcement;
        if ((0, known_hosts_1.isVirtualRouter)(sender.hi16, sender.lo32))
            return miss_1.Miss.VirtualRouter;
        return this.hosts.findFor(target, sender, nowMs);
    }
    direct(entry) {
        this.counters.count(counters_1.ResolutionCounter.Directed, this.sender.port);
        return this.hosts.egressFor(entry, this.sender.vlan);
    }
    answerForHost(entry, frame, outbox) {
        const { hosts, neighbours } = this;
        this.counters.count(counters_1.ResolutionCounter.AnsweredForHost, this.sender.port);
        const hi16 = neighbours.hi16Of(entry);
        const lo32 = neighbours.lo32Of(entry);
        const from = hosts.egressFor(entry, this.sender.vlan);
        (0, speak_1.answer)(outbox, frame, hi16, lo32, (0, ip_key_1.ipv4OfKey)(this.target), from);
        return verdict_1.CONSUMED;
    }
    /** Passes a frame, and notes which hosts learn its sender from it. */
    pass({ u16, offset, kind, nowMs }, frame) {
        const { key, vlan, hi16, lo32 } = this.sender;
        if (isUnspecified(key))
            return verdict_1.PASS;
        const isToAll = ((0, read_1.i32At)(kind, frame) & burst_1.FrameFlag.Broadcast) !== 0;
        const isRequest = (0, arp_1.operation)(u16, (0, read_1.i32At)(offset, frame)) === arp_1.REQUEST;
        const isGratuitous = isRequest && (0, ip_key_1.isSameIpKey)(key, this.target);
        const corrects = isGratuitous ? announcements_1.Corrects.All : announcements_1.Corrects.Settled;
        this.hosts.announced(key, vlan, hi16, lo32, isToAll ? corrects : announcements_1.Corrects.Nobody, nowMs);
        return verdict_1.PASS;
    }
    // Time ----------------------------------------------------------------------------------------
    /** Time of the next work of `tick`; `Infinity` for never. */
    get dueMs() {
        return Math.min(this.addresses.dueMs, this.neighbours.dueMs);
    }
    tick(nowMs, outbox) {
        this.addresses.tick(nowMs, outbox, this);
        this.neighbours.tick(nowMs, outbox);
    }
    // Ports ---------------------------------------------------------------------------------------
    /** Forgets the hosts that were learned on a port that goes down, because they may have moved. */
    portChanged(port, isUp) {
        if (!isUp)
            this.neighbours.flush(port);
    }
    portRemoved(port) {
        this.neighbours.forgetPort(port);
    }
    // Frames of claims and polls ------------------------------------------------------------------
    /** Probes for an address that the switch wants to use: RFC 5227 2.1. */
    probe(key, vlan, outbox) {
        (0, speak_1.broadcastRequest)(outbox, vlan, this.mac, ipv4_1.UNSPECIFIED_IPV4, (0, ip_key_1.ipv4OfKey)(key));
    }
    /** Announces to all hosts that the switch has the address: RFC 5227 2.3. */
    announce(key, vlan, outbox) {
        const address = (0, ip_key_1.ipv4OfKey)(key);
        (0, speak_1.broadcastRequest)(outbox, vlan, this.mac, address, address);
    }
    /**
     * Source address of a poll: an address of the switch in the same network, or none, as in a probe. A
     * link-local address may not be the source of a unicast poll (RFC 3927 2.5).
     */
    sourceFor(target, vlan = vlan_1.NO_VLAN) {
        for (const own of this.addresses.all) {
            const { key, prefixBits, claim } = own;
            if (this.addresses.vlanOf(own) !== vlan)
                continue;
            const address = (0, ip_key_1.ipv4OfKey)(key);
            const mask = prefixBits === 0 ? 0 : -1 << Math.max(0, IPV4_BITS - prefixBits);
            const isSameNetwork = ((address ^ (0, ip_key_1.ipv4OfKey)(target)) & mask) === 0;
            const mayAsk = claim.state === 'claimed' && !(0, ipv4_1.isLinkLocalIpv4)(address);
            if (isSameNetwork && mayAsk)
                return address;
        }
        return ipv4_1.UNSPECIFIED_IPV4;
    }
}
exports.Arp = Arp;
/** Whether a frame is well formed, and its Ethernet source is the one host that it names as its sender. */
function isBelievable({ u8, u16, offset, length }, frame) {
    const at = (0, read_1.i32At)(offset, frame);
    if (!(0, arp_1.isEthernetIpv4)(u16, at, (0, read_1.i32At)(length, frame)) || !(0, arp_1.isFromSender)(u16, at))
        return false;
    const sender = (0, arp_1.senderAddress)(u8, at);
    return sender === ipv4_1.UNSPECIFIED_IPV4 || (0, ipv4_1.isHostIpv4)(sender);
}
function isUnspecified(key) {
    return key[3] === 0;
}
