"use strict";
/**
 * Decides whether the switch may answer for a known host: the conditions that ARP and ND share.
 *
 * The switch answers for a host only if the answer cannot be wrong: the host itself was heard recently, and
 * frames to it leave by the port on which it was heard.
 *
 * Source: RFC 1027 (answering for others), RFC 4861 7.2.8; `net/bridge/br_arp_nd_proxy.c`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.KnownHosts = void 0;
exports.isVirtualRouter = isVirtualRouter;
const ip_key_1 = require("../wire/ip-key");
const mac_1 = require("../wire/mac");
const read_1 = require("../wire/read");
const room_1 = require("../frame/room");
const verdict_1 = require("../frame/verdict");
const announcements_1 = require("./announcements");
const counters_1 = require("./counters");
const miss_1 = require("./miss");
const neighbours_1 = require("./neighbours");
const binding_table_1 = require("./binding-table");
/** Default topology of a room: no station is known, so that the room answers for none. */
const UNKNOWN_TOPOLOGY = {
    portOf: () => -1,
    joins: () => false,
    placementOf: () => 0,
    audience: () => 0,
    requestListeners: () => [],
};
const COUNTER_OF_DOUBT = {
    changed: counters_1.ResolutionCounter.HostChanged,
    conflict: counters_1.ResolutionCounter.HostConflict,
    contradicted: counters_1.ResolutionCounter.HostConflict,
};
class KnownHosts {
    neighbours;
    announcements;
    counters;
    topology;
    key = (0, ip_key_1.newIpKey)();
    currentMode = 'off';
    constructor(options, poll) {
        const { counters, news } = options;
        this.counters = counters;
        this.neighbours = new neighbours_1.Neighbours(options.neighbours ?? {}, poll, {
            count: (kind, port) => counters.count(COUNTER_OF_DOUBT[kind], port),
            tell: news ?? (() => undefined),
        });
        this.topology = options.topology ?? UNKNOWN_TOPOLOGY;
        this.announcements = new announcements_1.Announcements(options.neighbours ?? {}, this.topology);
        this.setRules(options.mode ?? 'off', options.neighbours?.lifeMs);
    }
    get mode() {
        return this.currentMode;
    }
    /** @param lifeMs lifetime of a binding after its host was heard; by default, it does not change */
    setRules(mode = this.currentMode, lifeMs) {
        this.currentMode = mode;
        this.neighbours.setRules(lifeMs, mode !== 'off');
    }
    /** Notes that a station was heard to use an address. Addresses of virtual routers are not learned. */
    observe(key, vlan, hi16, lo32, port, nowMs) {
        const { neighbours } = this;
        const isKnown = this.findBound(key, vlan, hi16, lo32, port, nowMs) === miss_1.Miss.None;
        this.announcements.heard(key, vlan, hi16, lo32, port, isKnown, nowMs);
        const isLearned = neighbours.findStatic(key, vlan) === binding_table_1.NO_ENTRY;
        if (isLearned && isVirtualRouter(hi16, lo32))
            neighbours.remove(key, vlan);
        else
            neighbours.observe(key, vlan, hi16, lo32, port, nowMs);
    }
    /** Notes that a frame in which a station uses an address was forwarded. */
    announced(key, vlan, hi16, lo32, corrects, nowMs) {
        this.announcements.announced(key, vlan, hi16, lo32, corrects, nowMs);
    }
    /**
     * Restores which hosts have heard that a station uses an address, from another switch.
     * @param unannounced value from its `KnownHost`
     */
    restoreAnnounced(key, vlan, hi16, lo32, unannounced, nowMs) {
        // The port matters only for eviction.
        const port = Math.max(0, this.topology.portOf(hi16, lo32, vlan));
        this.announcements.heard(key, vlan, hi16, lo32, port, true, nowMs);
        this.announcements.restore(key, vlan, hi16, lo32, unannounced, nowMs);
    }
    /**
     * Finds the owner of an address for an asker that has been observed.
     * @returns the owner's entry, or the `Miss` because of which the request is flooded
     */
    findFor(key, asker, nowMs) {
        if (this.mode === 'off')
            return miss_1.Miss.ModeOff;
        const { neighbours, topology } = this;
        const unannounced = this.unannounced(asker, nowMs);
        if (unannounced !== miss_1.Miss.None)
            return unannounced;
        const entry = neighbours.findReliable(key, asker.vlan, nowMs);
        if (entry < 0)
            return entry;
        const ownerHi16 = neighbours.hi16Of(entry);
        const ownerLo32 = neighbours.lo32Of(entry);
        if (ownerLo32 === asker.lo32 && ownerHi16 === asker.hi16)
            return miss_1.Miss.AskerIsOwner;
        const port = topology.portOf(ownerHi16, ownerLo32, asker.vlan);
        if (port < 0)
            return miss_1.Miss.NotInFdb;
        const boundPort = neighbours.portOf(entry);
        if (boundPort !== port && boundPort !== binding_table_1.ANY_PORT)
            return miss_1.Miss.Moved;
        if (port === asker.port)
            return miss_1.Miss.SamePort;
        return topology.joins(asker.port, port, asker.vlan) ? entry : miss_1.Miss.PortDown;
    }
    /** Reason why an asker's binding is unreliable or not known to all hosts; `Miss.None` if there is none. */
    unannounced({ key, vlan, hi16, lo32, port }, nowMs) {
        const bound = this.findBound(key, vlan, hi16, lo32, port, nowMs);
        if (bound !== miss_1.Miss.None)
            return bound;
        const placedPort = this.topology.portOf(hi16, lo32, vlan);
        if (placedPort < 0)
            return miss_1.Miss.AskerNotInFdb;
        if (placedPort !== port)
            return miss_1.Miss.AskerElsewhere;
        return this.announcements.unannounced(key, vlan, hi16, lo32);
    }
    /** @returns `Miss.None` if a reliable entry binds the address to this station behind this port */
    findBound(key, vlan, hi16, lo32, port, nowMs) {
        const { neighbours } = this;
        const entry = neighbours.findReliable(key, vlan, nowMs);
        if (entry === miss_1.Miss.Contested || entry === miss_1.Miss.Conflict)
            return miss_1.Miss.AskerContested;
        if (entry < 0)
            return miss_1.Miss.AskerUnknown;
        const boundPort = neighbours.portOf(entry);
        const isBound = neighbours.lo32Of(entry) === lo32 &&
            neighbours.hi16Of(entry) === hi16 &&
            (boundPort === port || boundPort === binding_table_1.ANY_PORT);
        return isBound ? miss_1.Miss.None : miss_1.Miss.AskerElsewhere;
    }
    /** Counts a frame that is malformed, or names another sender, and learns nothing from it. */
    leaveMalformed(frame, toSwitch, outbox) {
        const { burst, reporter } = outbox;
        this.counters.count(counters_1.ResolutionCounter.Malformed, (0, read_1.i32At)(burst.ingress, frame));
        reporter?.step('it is malformed, or names another sender: nothing is learned from it');
        return toSwitch ? (0, room_1.keepForSwitch)(outbox) : verdict_1.PASS;
    }
    /**
     * Sends a request that is answered or directed also to the ports that get every request.
     * @param port port that gets the request anyway, or a negative number
     */
    copyToListeners(frame, port, outbox) {
        const ingress = (0, read_1.i32At)(outbox.burst.ingress, frame);
        const vlan = (0, read_1.i32At)(outbox.burst.vlan, frame);
        for (const listener of this.topology.requestListeners()) {
            if (listener === ingress || listener === port)
                continue;
            if (!this.topology.joins(ingress, listener, vlan))
                continue;
            outbox.reporter?.step(`${outbox.reporter.label(listener)} hears every request`);
            outbox.toPort(frame, listener);
        }
    }
    /** Lists the known hosts, or a part of them for callers that must not take long. */
    list(nowMs, from = 0, to = Infinity) {
        const { neighbours, announcements, key } = this;
        const hosts = [];
        for (let entry = from; entry < Math.min(to, neighbours.ceiling); entry++) {
            const neighbour = neighbours.describe(entry, nowMs);
            if (neighbour === undefined)
                continue;
            neighbours.readKey(entry, key);
            const hi16 = neighbours.hi16Of(entry);
            const lo32 = neighbours.lo32Of(entry);
            const { vlan } = neighbour;
            const unannounced = announcements.unannounced(key, vlan, hi16, lo32);
            hosts.push({ ...neighbour, isAnnounced: unannounced === miss_1.Miss.None, unannounced });
        }
        return hosts;
    }
    /** One more than the last entry in use. */
    get ceiling() {
        return this.neighbours.ceiling;
    }
    /** Reports that the switch answers for the entry found for `key`, or directs the request to it. */
    reportHit(reporter, key, entry, vlan) {
        const { neighbours } = this;
        const mac = (0, mac_1.formatMac)(neighbours.hi16Of(entry), neighbours.lo32Of(entry));
        (0, miss_1.tellHit)(reporter, key, mac, this.egressFor(entry, vlan), this.mode === 'direct');
    }
    /** Port of the station of an entry that was just found in a VLAN. */
    egressFor(entry, vlan) {
        const { neighbours } = this;
        const [hi16, lo32] = [neighbours.hi16Of(entry), neighbours.lo32Of(entry)];
        return this.topology.portOf(hi16, lo32, vlan);
    }
}
exports.KnownHosts = KnownHosts;
/** 00-00-5E-00-01-XX and 00-00-5E-00-02-XX: RFC 9568 7.3; CARP uses the former. */
const VIRTUAL_HI16 = 0x0000;
const VIRTUAL_LO32_MASK = 0x00ffffff;
const VIRTUAL_IPV4_LO32 = 0x0001005e;
const VIRTUAL_IPV6_LO32 = 0x0002005e;
/**
 * Whether a MAC belongs to a virtual router (VRRP, CARP). It moves between machines with its addresses, and
 * only its present machine may answer for it.
 */
function isVirtualRouter(hi16, lo32) {
    if (hi16 !== VIRTUAL_HI16)
        return false;
    const prefix = lo32 & VIRTUAL_LO32_MASK;
    return prefix === VIRTUAL_IPV4_LO32 || prefix === VIRTUAL_IPV6_LO32;
}
