"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.Nd = void 0;
const ip_key_1 = require("../wire/ip-key");
const ipv6_1 = require("../wire/ipv6");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const burst_1 = require("../frame/burst");
const room_1 = require("../frame/room");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const announcements_1 = require("../hosts/announcements");
const counters_1 = require("../hosts/counters");
const known_hosts_1 = require("../hosts/known-hosts");
const miss_1 = require("../hosts/miss");
const neighbours_1 = require("../hosts/neighbours");
const own_addresses_1 = require("../hosts/own-addresses");
const inspect_1 = require("./inspect");
const speak_1 = require("./speak");
const nd_1 = require("../wire/nd");
/** Own addresses with the link-local ones, because each frame is compared with all of them. */
const MAX_ADDRESSES = 2 * own_addresses_1.MAX_OWN_ADDRESSES;
class Nd {
    wants = {
        types: [{ etherType: 0x86dd, wantsProtocol: (protocol) => !(0, ipv6_1.isTcpOrUdp)(protocol) }],
    };
    /** Addresses of the switch. */
    addresses;
    /** Known hosts, and whether the switch may answer for them. */
    hosts;
    mac;
    linkLocal;
    counters;
    inspection;
    /** Sender of the present message, and its source address. */
    sender = { key: (0, ip_key_1.newIpKey)(), vlan: vlan_1.NO_VLAN, hi16: 0, lo32: 0, port: 0 };
    /** Target of the present message, if it has one. */
    target = (0, ip_key_1.newIpKey)();
    constructor(options) {
        this.addresses = options.ownIpv6;
        this.mac = options.mac;
        this.linkLocal = (0, ip_key_1.linkLocalKey)(options.mac);
        this.counters = options.counters;
        this.inspection = options.inspection;
        this.hosts = new known_hosts_1.KnownHosts(options, (key, vlan, hi16, lo32, port, nowMs, outbox) => {
            const source = this.sourceForPolls(nowMs, vlan);
            if (source === undefined)
                return false;
            (0, speak_1.poll)(outbox, vlan, hi16, lo32, port, this.mac, source, key);
            return true;
        });
    }
    /** Bindings of addresses to hosts. */
    get neighbours() {
        return this.hosts.neighbours;
    }
    // The path of a frame ---------------------------------------------------------------------------
    /** Handles a received IPv6 frame. Its length is not yet checked. */
    receive(frame, outbox) {
        const { burst, reporter } = outbox;
        const { inspection, sender, target } = this;
        const at = (0, read_1.i32At)(burst.offset, frame);
        // Inspection and checks.
        if (inspection?.admits(frame, outbox, inspect_1.judgeNd, this.neighbours) === false)
            return verdict_1.CONSUMED;
        if (!(0, nd_1.isNeighbourDiscovery)(burst.u8, at, (0, read_1.i32At)(burst.length, frame)))
            return verdict_1.PASS;
        const toSwitch = ((0, read_1.i32At)(burst.kind, frame) & burst_1.FrameFlag.ToSwitch) !== 0;
        if (!isBelievable(burst, frame))
            return this.hosts.leaveMalformed(frame, toSwitch, outbox);
        this.read(burst, frame);
        // Learning, and the answer for the switch. A station that uses an address of the switch is not learned.
        const contested = this.findContested(burst.u8, at);
        if (contested !== undefined)
            this.dispute(contested, outbox);
        else
            this.learn(burst.u8, at, burst.nowMs);
        const asked = contested === undefined ? this.findAsked(burst.u8, at) : undefined;
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
                (0, miss_1.tellMiss)(reporter, 'ND', sender.key, target, entry);
            return this.pass(burst, frame);
        }
        if (reporter !== undefined)
            this.hosts.reportHit(reporter, target, entry, sender.vlan);
        const verdict = this.hosts.mode === 'direct' ? this.direct(entry) : this.answerForHost(entry, frame, outbox);
        this.hosts.copyToListeners(frame, verdict, outbox);
        return verdict;
    }
    /** Reads sender and target of a valid message. */
    read({ u8, u16, offset, ingress, vlan }, frame) {
        const at = (0, read_1.i32At)(offset, frame);
        const { sender } = this;
        (0, ip_key_1.setIpv6Key)(sender.key, u8, at + nd_1.SOURCE_ADDRESS);
        sender.hi16 = (0, ethernet_1.macHi16)(u16, at + ethernet_1.SOURCE);
        sender.lo32 = (0, ethernet_1.macLo32)(u16, at + ethernet_1.SOURCE);
        sender.port = (0, read_1.i32At)(ingress, frame);
        sender.vlan = (0, read_1.i32At)(vlan, frame);
        if (hasTarget(u8, at))
            (0, ip_key_1.setIpv6Key)(this.target, u8, at + nd_1.TARGET_ADDRESS);
    }
    /** Own address that the sender uses, as its source or in its advertisement. */
    findContested(u8, at) {
        const { addresses, sender, target } = this;
        const isAdvertisement = (0, nd_1.messageType)(u8, at) === nd_1.NEIGHBOUR_ADVERTISEMENT;
        const asSender = addresses.find(sender.key, sender.vlan);
        return asSender ?? (isAdvertisement ? addresses.find(target, sender.vlan) : undefined);
    }
    /** Own address for which the message asks. */
    findAsked(u8, at) {
        const isQuestion = (0, nd_1.messageType)(u8, at) === nd_1.NEIGHBOUR_SOLICITATION;
        return isQuestion ? this.addresses.find(this.target, this.sender.vlan) : undefined;
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
    learn(u8, at, nowMs) {
        switch ((0, nd_1.messageType)(u8, at)) {
            case nd_1.NEIGHBOUR_ADVERTISEMENT:
                return this.learnFromAdvertisement(u8, at, nowMs);
            case nd_1.REDIRECT:
                return;
            case nd_1.NEIGHBOUR_SOLICITATION:
                if (!(0, ipv6_1.isUnspecifiedAt)(u8, at + nd_1.SOURCE_ADDRESS))
                    return this.learnFromSender(u8, at, nowMs);
                return this.neighbours.probed(this.target, this.sender.vlan);
            default:
                return this.learnFromSender(u8, at, nowMs);
        }
    }
    learnFromAdvertisement(u8, at, nowMs) {
        if (!(0, ipv6_1.isHostIpv6At)(u8, at + nd_1.TARGET_ADDRESS))
            return;
        const { neighbours, target } = this;
        const { vlan, hi16, lo32, port } = this.sender;
        // Without the override flag, it comes from a proxy or from one of several stations: nothing is learned.
        const isOwn = (0, nd_1.hasFlag)(u8, at, nd_1.FLAG_OVERRIDE);
        if (!isOwn && !neighbours.isBound(target, vlan, hi16, lo32))
            return;
        this.hosts.observe(target, vlan, hi16, lo32, port, nowMs);
        const isRouter = (0, nd_1.hasFlag)(u8, at, nd_1.FLAG_ROUTER);
        neighbours.setRouter(target, vlan, isRouter ? neighbours_1.RouterFlag.Router : neighbours_1.RouterFlag.Host);
    }
    /** Learns a sender that solicits or advertises routes, with its link-layer address. */
    learnFromSender(u8, at, nowMs) {
        const isReachable = (0, nd_1.linkLayerOption)(u8, at, nd_1.SOURCE_LINK_LAYER) >= 0;
        if (!isReachable || !(0, ipv6_1.isHostIpv6At)(u8, at + nd_1.SOURCE_ADDRESS))
            return;
        const { key, vlan, hi16, lo32, port } = this.sender;
        this.hosts.observe(key, vlan, hi16, lo32, port, nowMs);
        if ((0, nd_1.messageType)(u8, at) === nd_1.ROUTER_ADVERTISEMENT) {
            this.neighbours.setRouter(key, vlan, neighbours_1.RouterFlag.Router);
        }
        else {
            this.neighbours.askIfRouterUnknown(key, vlan, nowMs);
        }
    }
    /** Answers a solicitation for an own address that the switch holds. */
    answerForSwitch(asked, frame, outbox) {
        const { u8, offset } = outbox.burst;
        const isProbe = (0, ipv6_1.isUnspecifiedAt)(u8, (0, read_1.i32At)(offset, frame) + nd_1.SOURCE_ADDRESS);
        if (asked.claim.state !== 'claimed') {
            // If two stations probe for one address at the same time, neither may use it (RFC 4862 5.4.3).
            if (isProbe)
                this.dispute(asked, outbox);
            return;
        }
        this.counters.count(counters_1.ResolutionCounter.Answered, this.sender.port);
        const { hi16, lo32 } = this.mac;
        if (isProbe)
            this.announce(asked.key, this.sender.vlan, outbox);
        else
            (0, speak_1.answer)(outbox, frame, hi16, lo32, asked.key, nd_1.FLAG_SOLICITED | nd_1.FLAG_OVERRIDE);
    }
    /** Entry of the requested host, or a `Miss`. */
    lookUp({ u8, offset, kind, nowMs }, frame) {
        const { hosts, neighbours, sender, target } = this;
        const at = (0, read_1.i32At)(offset, frame);
        if ((0, nd_1.messageType)(u8, at) !== nd_1.NEIGHBOUR_SOLICITATION)
            return miss_1.Miss.NotARequest;
        const isToGroup = ((0, read_1.i32At)(kind, frame) & burst_1.FrameFlag.Group) !== 0;
        if (!isToGroup || !(0, ipv6_1.isMulticastAt)(u8, at + nd_1.DESTINATION_ADDRESS))
            return miss_1.Miss.Unicast;
        if (!(0, ipv6_1.isHostIpv6At)(u8, at + nd_1.SOURCE_ADDRESS))
            return miss_1.Miss.Probe;
        if ((0, ip_key_1.isSameIpKey)(sender.key, target))
            return miss_1.Miss.Announcement;
        if ((0, nd_1.linkLayerOption)(u8, at, nd_1.SOURCE_LINK_LAYER) < 0)
            return miss_1.Miss.NoSenderMac;
        if ((0, known_hosts_1.isVirtualRouter)(sender.hi16, sender.lo32))
            return miss_1.Miss.VirtualRouter;
        const entry = hosts.findFor(target, sender, nowMs);
        const isAnswer = entry >= 0 && hosts.mode === 'answer';
        const isUnsaid = isAnswer && neighbours.routerFlagOf(entry) === neighbours_1.RouterFlag.Unknown;
        return isUnsaid ? miss_1.Miss.RouterUnknown : entry;
    }
    direct(entry) {
        this.counters.count(counters_1.ResolutionCounter.Directed, this.sender.port);
        return this.hosts.egressFor(entry, this.sender.vlan);
    }
    answerForHost(entry, frame, outbox) {
        const { neighbours } = this;
        this.counters.count(counters_1.ResolutionCounter.AnsweredForHost, this.sender.port);
        const isRouter = neighbours.routerFlagOf(entry) === neighbours_1.RouterFlag.Router;
        const flags = nd_1.FLAG_SOLICITED | (isRouter ? nd_1.FLAG_ROUTER : 0);
        (0, speak_1.answer)(outbox, frame, neighbours.hi16Of(entry), neighbours.lo32Of(entry), this.target, flags);
        return verdict_1.CONSUMED;
    }
    /**
     * Passes a message, and notes which hosts learn its sender from it. A solicitation shows all switches the
     * port of its sender, but only the requested host learns the sender's MAC. All hosts learn it from an
     * advertisement to all nodes (RFC 4861 7.2.6).
     */
    pass({ u8, offset, kind, nowMs }, frame) {
        const at = (0, read_1.i32At)(offset, frame);
        const { key, vlan, hi16, lo32 } = this.sender;
        const isAdvertisement = (0, nd_1.messageType)(u8, at) === nd_1.NEIGHBOUR_ADVERTISEMENT;
        const toGroup = isAdvertisement && overridesAll(u8, at) ? announcements_1.Corrects.All : announcements_1.Corrects.Owner;
        const isToGroup = ((0, read_1.i32At)(kind, frame) & burst_1.FrameFlag.Group) !== 0;
        const corrects = isToGroup ? toGroup : announcements_1.Corrects.Nobody;
        this.hosts.announced(isAdvertisement ? this.target : key, vlan, hi16, lo32, corrects, nowMs);
        return verdict_1.PASS;
    }
    // Time ------------------------------------------------------------------------------------------
    /** Time of the next work of `tick`; `Infinity` for never. */
    get dueMs() {
        return Math.min(this.addresses.dueMs, this.neighbours.dueMs);
    }
    tick(nowMs, outbox) {
        this.addresses.tick(nowMs, outbox, this);
        this.neighbours.tick(nowMs, outbox);
    }
    // Ports -----------------------------------------------------------------------------------------
    /** Forgets the hosts that were learned on a port that goes down, because they may have moved. */
    portChanged(port, isUp) {
        if (!isUp)
            this.neighbours.flush(port);
    }
    portRemoved(port) {
        this.neighbours.forgetPort(port);
    }
    // Frames of claims and polls --------------------------------------------------------------------
    /** Probes for an address that the switch wants to use: RFC 4862 5.4.2. */
    probe(key, vlan, outbox) {
        (0, speak_1.probe)(outbox, vlan, this.mac, key);
    }
    /** Advertises to all nodes that the switch has the address: RFC 4861 7.2.6. */
    announce(key, vlan, outbox) {
        (0, speak_1.advertiseToAll)(outbox, vlan, this.mac, key);
    }
    /**
     * Source address of polls: the link-local one, to which every host on the link can answer. If the switch
     * does not have it yet, it starts to claim it. It has one in each VLAN, so not in too many: hosts of the
     * other VLANs are not polled, and it floods their requests.
     */
    sourceForPolls(nowMs, vlan) {
        const { addresses } = this;
        const isNew = addresses.find(this.linkLocal, vlan) === undefined;
        if (isNew && addresses.all.length < MAX_ADDRESSES) {
            addresses.add(this.linkLocal, nowMs, undefined, vlan);
        }
        const own = addresses.all.find((address) => address.claim.state === 'claimed' && addresses.vlanOf(address) === vlan);
        return own?.key;
    }
}
exports.Nd = Nd;
/** Whether a message is valid, and its Ethernet source is the MAC that it names. */
function isBelievable({ u8, u16, offset, length }, frame) {
    const at = (0, read_1.i32At)(offset, frame);
    return (0, nd_1.isValidMessage)(u8, u16, at, (0, read_1.i32At)(length, frame)) && (0, nd_1.isFromSender)(u8, u16, at);
}
/** Whether a message has a target address. */
function hasTarget(u8, at) {
    const type = (0, nd_1.messageType)(u8, at);
    return type === nd_1.NEIGHBOUR_SOLICITATION || type === nd_1.NEIGHBOUR_ADVERTISEMENT;
}
/** Whether an advertisement corrects the entry of its sender in all hosts. */
function overridesAll(u8, at) {
    return ((0, nd_1.hasFlag)(u8, at, nd_1.FLAG_OVERRIDE) &&
        (0, nd_1.linkLayerOption)(u8, at, nd_1.TARGET_LINK_LAYER) >= 0 &&
        (0, ipv6_1.isAllNodesAt)(u8, at + nd_1.DESTINATION_ADDRESS));
}
