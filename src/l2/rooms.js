"use strict";
/**
 * The protocol rooms of one bridge, and the choice of the rooms that are asked about a frame.
 *
 * Two tables make the choice. They lead to short lists of rooms. The first has an entry for each EtherType,
 * once for frames to the switch's own MAC and once for all others. For IP it may lead to the second table,
 * by protocol or first header. So a frame that no room wants costs one load. The tables are made from the
 * wants of the rooms, at the start and after each change of settings.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Rooms = void 0;
const ip_key_1 = require("../wire/ip-key");
const ipv6_1 = require("../wire/ipv6");
const ipv4_1 = require("../wire/ipv4");
const read_1 = require("../wire/read");
const ethernet_1 = require("../wire/ethernet");
const burst_1 = require("../frame/burst");
const verdict_1 = require("../frame/verdict");
const inspection_1 = require("../hosts/inspection");
const own_addresses_1 = require("../hosts/own-addresses");
const room_list_1 = require("./room-list");
const trace_steps_1 = require("./trace-steps");
/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Tagged, ToSwitch } = burst_1.FrameFlag;
const UNWANTED = verdict_1.PASS;
/** The part of a frame's kind that is its EtherType. */
const TYPE_MASK = 0xffff;
/** Added to an EtherType in memory order for frames to the switch's own MAC. */
const TO_SWITCH = 0x10000;
/** Shift that turns the flag in a frame's kind into `TO_SWITCH`. */
const TO_SWITCH_SHIFT = 7;
const RESERVED_ADDRESSES = 16;
const PROTOCOLS = 0x100;
/** Number of the empty list of rooms. */
const NOBODY = 0;
/** Maximum number of lists: a list has its number in a byte. */
const MAX_LISTS = 0x100;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
class Rooms {
    inspection;
    made;
    members;
    /** EtherType in memory order, plus `TO_SWITCH` → list of rooms. */
    byType = new Uint8Array(2 * TO_SWITCH);
    /** List of rooms → its members, in asking order. */
    lists = [[]];
    /** List of rooms → the lists by protocol that replace it; absent if it holds for every protocol. */
    byProtocol = [undefined];
    /** List of rooms that has `byProtocol` → offset of the protocol in the IP header. */
    protocolAt = [0];
    /** The list of rooms that want frames behind VLAN tags. */
    tagged = NOBODY;
    /** Rooms that want frames to 01-80-C2-00-00-0X, by X. */
    byReserved = [];
    constructor(options, surroundings) {
        const { counters, mac, topology, ports, ...size } = surroundings;
        const news = options.news ?? (() => undefined);
        this.inspection = new inspection_1.Inspection({ ...size, sink: counters.sinkOf('inspection'), news });
        if (options.inspect === true)
            this.inspection.begin();
        const house = {
            mac,
            topology,
            ports,
            ownIpv4: new own_addresses_1.OwnAddresses({ news }),
            ownIpv6: new own_addresses_1.OwnAddresses({ news, companion: (0, ip_key_1.linkLocalKey)(mac) }),
            inspection: this.inspection,
            mode: options.arp ?? 'answer',
            neighbours: { ...size, ...options.neighbours },
            ...size,
            news,
        };
        const list = { ...room_list_1.ROOM_LIST, ...options.extraRooms };
        const made = new Map(Object.entries(list).map(([name, kind]) => [name, enter(name, kind, house, counters)]));
        this.members = [...made.values()];
        this.made = Object.fromEntries([...made].map(([name, { room }]) => [name, room]));
        this.makeTables();
    }
    get arp() {
        return this.made.arp;
    }
    get nd() {
        return this.made.nd;
    }
    get mcast() {
        return this.made.mcast;
    }
    get loop() {
        return this.made.loop;
    }
    get stp() {
        return this.made.stp;
    }
    // Settings ------------------------------------------------------------------------------------
    /** Takes settings while frames flow. Settings that are left out stay as they are. */
    configure(settings) {
        const { arp, neighLifeMs, inspect } = settings;
        this.stp.configure(settings);
        this.loop.configure(settings);
        this.mcast.configure(settings);
        if (arp !== undefined || neighLifeMs !== undefined) {
            this.arp.hosts.setRules(arp, neighLifeMs);
            this.nd.hosts.setRules(arp, neighLifeMs);
        }
        const { inspection } = this;
        if (inspect === true && !inspection.isOn) {
            inspection.begin();
            // Bindings from before inspection are forgotten, because nothing confirmed them.
            this.flushNeighbours();
        }
        if (inspect === false && inspection.isOn)
            inspection.end();
        this.makeTables();
    }
    /** Takes settings of a port. What is left out stays as it is. */
    configurePort(port, settings) {
        if (settings.isTrusted !== undefined)
            this.setTrusted(port, settings.isTrusted);
        this.stp.configurePort(port, settings);
    }
    /** Marks the port as trusted or not. Bindings that were learned on a port that loses trust are forgotten. */
    setTrusted(port, isTrusted) {
        const { inspection } = this;
        const wasBelieved = inspection.trusts(port);
        inspection.setTrusted(port, isTrusted);
        if (wasBelieved && !inspection.trusts(port))
            this.flushNeighbours(port);
    }
    /** See `OwnAddresses.setVlans`. */
    setVlans(filtersVlans, homeVlan) {
        this.arp.addresses.setVlans(filtersVlans, homeVlan);
        this.nd.addresses.setVlans(filtersVlans, homeVlan);
        this.mcast.setVlanFiltering(filtersVlans);
    }
    // Frames --------------------------------------------------------------------------------------
    /**
     * Asks the rooms that want a classified frame, until one returns another verdict than `PASS`.
     * @returns the verdict for the bridge; a frame that a room drops is counted, and `CONSUMED`
     */
    ask(frame, outbox) {
        const kind = outbox.burst.kind[frame];
        const list = (kind & Tagged) === 0
            ? this.byType[(kind & TYPE_MASK) | ((kind & ToSwitch) >> TO_SWITCH_SHIFT)]
            : this.tagged;
        return list === NOBODY ? UNWANTED : this.askList(frame, list, outbox);
    }
    /**
     * Asks the rooms that want frames to a reserved address.
     * @param nibble X of 01-80-C2-00-00-0X
     */
    askReserved(frame, nibble, outbox) {
        return askEach(this.byReserved[nibble], frame, outbox);
    }
    askList(frame, list, outbox) {
        const protocols = this.byProtocol[list];
        if (protocols === undefined)
            return this.askMembers(frame, list, outbox);
        const { burst } = outbox;
        const protocol = (0, read_1.u8At)(burst.u8, (0, burst_1.payloadOf)(burst, frame) + this.protocolAt[list]);
        const wanting = (0, read_1.u8At)(protocols, protocol);
        return wanting === NOBODY ? verdict_1.PASS : this.askMembers(frame, wanting, outbox);
    }
    askMembers(frame, list, outbox) {
        return askEach(this.lists[list], frame, outbox);
    }
    // Time and ports ------------------------------------------------------------------------------
    tick(nowMs, outbox) {
        for (const { room } of this.members)
            room.tick?.(nowMs, outbox);
    }
    /** Time of the next work of a room; `Infinity` for never. */
    get dueMs() {
        let dueMs = Infinity;
        for (const { room } of this.members)
            dueMs = Math.min(dueMs, room.dueMs ?? Infinity);
        return dueMs;
    }
    /** Notes that the port was added, or went up or down. */
    portChanged(port, isUp) {
        for (const { room } of this.members)
            room.portChanged?.(port, isUp);
    }
    /** Notes that the port was removed, and that its id will be reused. */
    portRemoved(port) {
        for (const { room } of this.members)
            room.portRemoved?.(port);
    }
    /** Forgets the learned hosts of one port, or of all. @returns the number of bindings */
    flushNeighbours(port) {
        return this.arp.neighbours.flush(port) + this.nd.neighbours.flush(port);
    }
    // Tables --------------------------------------------------------------------------------------
    makeTables() {
        this.lists = [[]];
        this.byProtocol = [undefined];
        this.protocolAt = [0];
        this.byType.fill(NOBODY);
        for (const [etherType, requests] of requestsByType(this.members)) {
            const type = (0, ethernet_1.etherTypeWord)(etherType);
            const notToSwitch = requests.filter(({ wanted }) => wanted.isToSwitchOnly !== true);
            this.byType[type] = this.listOf(etherType, notToSwitch);
            this.byType[type + TO_SWITCH] = this.listOf(etherType, requests);
        }
        this.tagged = this.numberOf(this.members.filter(({ room }) => room.wants.tagged === true));
        this.byReserved = Array.from({ length: RESERVED_ADDRESSES }, (_, nibble) => this.members.filter(({ room }) => (((room.wants.reserved ?? 0) >> nibble) & 1) === 1));
    }
    /** The list of rooms that want frames of this EtherType. */
    listOf(etherType, requests) {
        const everybody = this.numberOf(requests.map(({ member }) => member));
        if (requests.every(({ wanted }) => wanted.wantsProtocol === undefined))
            return everybody;
        const isIpv4 = etherType === ETHER_TYPE_IPV4;
        if (!isIpv4 && etherType !== ETHER_TYPE_IPV6)
            throw new TypeError('only IP has protocols');
        const lists = Uint8Array.from({ length: PROTOCOLS }, (_, protocol) => this.numberOf(requests
            .filter(({ wanted }) => wanted.wantsProtocol?.(protocol) !== false)
            .map(({ member }) => member)));
        const list = this.addList([], lists);
        this.protocolAt[list] = isIpv4 ? ipv4_1.PROTOCOL : ipv6_1.NEXT_HEADER;
        return list;
    }
    /** The number of a list of rooms. A new list gets one. */
    numberOf(members) {
        const isSame = (list) => list.length === members.length && list.every((member, index) => member === members[index]);
        const known = this.lists.findIndex((list, at) => isSame(list) && !this.byProtocol[at]);
        return known >= 0 ? known : this.addList(members, undefined);
    }
    addList(members, byProtocol) {
        if (this.lists.length === MAX_LISTS)
            throw new RangeError('too many combinations of rooms');
        this.byProtocol.push(byProtocol);
        return this.lists.push(members) - 1;
    }
}
exports.Rooms = Rooms;
/** EtherType → the requests for it, in asking order. */
function requestsByType(members) {
    const requests = new Map();
    for (const member of members) {
        for (const wanted of member.room.wants.types ?? []) {
            const { etherType } = wanted;
            requests.set(etherType, [...(requests.get(etherType) ?? []), { member, wanted }]);
        }
    }
    return requests;
}
function enter(name, kind, house, counters) {
    const sink = counters.sinkOf(name);
    return { room: kind.make({ ...house, counters: sink }), drops: kind.drops ?? [], sink };
}
function askEach(members, frame, outbox) {
    for (let index = 0; index < members.length; index++) {
        const member = members[index];
        const verdict = member.room.receive(frame, outbox);
        if ((0, verdict_1.isDrop)(verdict))
            return drop(member, frame, (0, verdict_1.dropReasonOf)(verdict), outbox);
        if (verdict !== verdict_1.PASS)
            return verdict;
    }
    return verdict_1.PASS;
}
/** Counts a frame that a room drops, at its ingress port. */
function drop({ drops, sink }, frame, reason, outbox) {
    const port = (0, read_1.i32At)(outbox.burst.ingress, frame);
    sink.drop(reason, port);
    const text = drops[reason];
    if (text !== undefined && outbox.reporter !== undefined) {
        (0, trace_steps_1.tellRoomDrop)(outbox.reporter, port, text);
    }
    return verdict_1.CONSUMED;
}
