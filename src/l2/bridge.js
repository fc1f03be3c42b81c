"use strict";
/**
 * The bridge: `forwardFrame` is the trip of a frame, top to bottom. Everything else here is what
 * that trip needs at hand, or what the control plane may ask.
 *
 * A plain object that knows no thread, no device and no clock. Whoever drives it puts frames and
 * the time into `burst`, calls `handleBurst`, and from time to time `tick()` and `flush()`. All of
 * it runs on one thread.
 *
 * While somebody traces, the bridge tells its reporter of each decision (`trace-steps.ts` has the
 * words). It has one on a twin of the bridge only (`trace.ts`).
 *
 * Nothing here allocates per frame. Behaviour follows IEEE 802.1Q-2022 clause 8 and, where that
 * leaves a choice, the Linux bridge (net/bridge/br_input.c, br_forward.c).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Bridge = void 0;
const port_id_1 = require("../frame/port-id");
const segment_1 = require("../frame/segment");
const tag_operation_1 = require("../frame/tag-operation");
const burst_1 = require("../frame/burst");
const classify_1 = require("../frame/classify");
const counters_1 = require("./counters");
const drop_reason_1 = require("./drop-reason");
const egress_1 = require("./egress");
const event_log_1 = require("./event-log");
const obstacle_1 = require("./fast/obstacle");
const table_1 = require("./fdb/table");
const flap_detector_1 = require("./flap-detector");
const mac_1 = require("../wire/mac");
const mirrors_1 = require("./mirrors");
const offload_pauses_1 = require("./offload-pauses");
const placed_stations_1 = require("./placed-stations");
const port_table_1 = require("./port-table");
const port_security_1 = require("./port-security");
const room_list_1 = require("./room-list");
const rooms_1 = require("./rooms");
const shut_ports_1 = require("./shut-ports");
const storm_1 = require("./storm");
const time_1 = require("../frame/time");
const trace_steps_1 = require("./trace-steps");
const transmitter_1 = require("../frame/transmitter");
const verdict_1 = require("../frame/verdict");
const vlan_1 = require("../wire/vlan");
const vlan_egress_1 = require("./vlan-egress");
const vlan_ingress_1 = require("./vlan-ingress");
const vlan_table_1 = require("./vlan-table");
const ethernet_1 = require("../wire/ethernet");
const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_FDB_MAX = 65_536;
const DEFAULT_MAX_PORTS = 1_024;
/** VID of untagged frames by default, as on a Linux bridge. */
const DEFAULT_PVID = 1;
/** 02:00:00:00:00:00: MAC of a bridge in a test that needs none. */
const DEFAULT_MAC = { hi16: 0x0002, lo32: 0 };
/** Slots that one tick sweeps for entries past their time: few enough to delay no burst. */
const SWEEP_SLOTS = 8_192;
/** Least interval between two reports of one kind. */
const REPORT_INTERVAL_MS = 1_000;
/**
 * Work of one port's frames in one burst, as `Burst.work` counts it, after which its other frames
 * wait for the next burst: half a millisecond. 64 frames to one port each, or to seven, stay below.
 */
const WORK_PER_TURN = 512;
/**
 * Frames that one super-frame may become for each port, however many ports there are: 64 KiB in
 * segments of 1024 bytes, and as many datagrams as Linux before 6.9 takes in one call
 * (UDP_MAX_SEGMENTS, linux/udp.h). For few ports it is as many as a turn allows: 512 for one, which
 * is 64 KiB in segments of 128 bytes. What is refused costs next to nothing, so that a queue full
 * of it is gone at once.
 */
const SEGMENTS_TO_EACH = 64;
/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Broadcast, Group, Offloaded, Reserved, Short, Tagged, ToSwitch } = burst_1.FrameFlag;
const { FiltersVlans, Forward, Learn, Link, Locked, MirrorTarget, Secured, Storm } = port_table_1.PortAbility;
/** Abilities of a port that forwards and has no flag, as most do: it is asked for first. */
const PLAIN_PORT = Link | Learn | Forward;
const RESERVED_STP = 0;
const RESERVED_PAUSE = 1;
/** Class of a flood → the reason for which a storm limit drops it. */
const STORM_REASONS = {
    [storm_1.StormClass.Unknown]: drop_reason_1.DropReason.StormUnknown,
    [storm_1.StormClass.Multicast]: drop_reason_1.DropReason.StormMulticast,
    [storm_1.StormClass.Broadcast]: drop_reason_1.DropReason.StormBroadcast,
};
class Bridge {
    burst;
    fdb;
    ports;
    counters;
    events = new event_log_1.EventLog();
    rooms;
    vlans;
    /** Reporter of decisions. Absent while nobody traces. */
    reporter = undefined;
    /** Absent while no port has had a leg for it. No frame of a burst asks for it. */
    fast = undefined;
    /** Ports whose every frame must come to the bridge. */
    watched = new Set();
    egress;
    vlanIngress;
    vlanEgress;
    filtersVlans = false;
    flaps = new flap_detector_1.FlapDetector();
    offloadPauses = new offload_pauses_1.OffloadPauses();
    storm;
    security;
    shutPorts = new shut_ports_1.ShutPorts();
    mirrors = new mirrors_1.Mirrors();
    /** Whether a reporter or a mirror wants to know of the frames of this burst. */
    isObserved = false;
    /** Whether what leaves at this moment is a copy, or part of a frame of which mirrors know. */
    isCopying = false;
    news;
    /** Port → the MAC that is behind it for good, and the VLANs of its entries. */
    hosts = new Map();
    placed;
    mac;
    forwardsStp;
    /** Bit X: frames to 01-80-C2-00-00-0X that no room wants travel on. */
    groupForwardMask = 0;
    /** Milliseconds after which a silent station is forgotten, and an upper limit that a room has set. */
    ageingMs;
    ageingLimitMs = Infinity;
    transmitter;
    nowTicks = 0;
    /** Pairs of this burst that the kernel refused for an offload: frame, port and tag operation. */
    refused = [];
    ownSourceQuietUntil = Number.NEGATIVE_INFINITY;
    limitQuietUntil = Number.NEGATIVE_INFINITY;
    /** `crowdedCount` of the FDB when the bridge last read it. */
    crowdedCount = 0;
    /** Work that the frames of a port made in this burst, by port; all zero between two bursts. */
    charges;
    constructor(options = {}) {
        const maxPorts = options.maxPorts ?? DEFAULT_MAX_PORTS;
        // A copy: V8 would compile anew for an object that came from another thread.
        const { hi16, lo32 } = options.mac ?? DEFAULT_MAC;
        this.mac = { hi16, lo32 };
        this.forwardsStp = options.reserved !== 'strict';
        this.burst = new burst_1.Burst(options.burst);
        this.ports = new port_table_1.PortTable(maxPorts);
        this.vlans = new vlan_table_1.VlanTable(maxPorts, DEFAULT_PVID);
        this.vlanIngress = new vlan_ingress_1.VlanIngress(this.burst, this.vlans, this.mac);
        this.vlanEgress = new vlan_egress_1.VlanEgress(this.burst, this.ports, this.vlans);
        this.setVlanProtocol('802.1Q');
        this.egress = new egress_1.Egress(this.burst, this.ports, this.vlans);
        this.charges = new Int32Array(maxPorts);
        this.storm = new storm_1.StormControl(maxPorts);
        const roomList = { ...room_list_1.ROOM_LIST, ...options.extraRooms };
        this.counters = new counters_1.Counters(maxPorts, options.counterMemory, roomList);
        this.ageingMs = options.ageingMs ?? DEFAULT_AGEING_MS;
        this.fdb = new table_1.Fdb({
            ageingMs: this.ageingMs,
            maxDynamic: options.fdbMax ?? DEFAULT_FDB_MAX,
            maxDynamicPerPort: options.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
            maxPorts,
            seed: options.seed ?? 0,
            ...(options.fdbTotalsMemory !== undefined && { totalsMemory: options.fdbTotalsMemory }),
        });
        this.placed = new placed_stations_1.PlacedStations(this.fdb, (port) => this.entryVlans(port));
        this.security = new port_security_1.PortSecurity(this.fdb, options.fdbMaxPerPort ?? Infinity, maxPorts);
        this.news = options.news ?? (() => undefined);
        this.rooms = new rooms_1.Rooms(options, {
            mac: this.mac,
            counters: this.counters,
            topology: {
                portOf: (hi16, lo32, vlan) => this.fdb.peek(hi16, lo32, vlan, this.nowTicks),
                joins: (ingress, egress, vlan) => this.ports.forwards(ingress) &&
                    this.ports.forwards(egress) &&
                    (!this.filtersVlans || this.vlans.isMember(egress, vlan)) &&
                    !this.ports.areApart(ingress, egress),
                placementOf: (hi16, lo32, vlan) => this.fdb.placementOf(hi16, lo32, vlan),
                audience: () => this.ports.beganCount,
                requestListeners: () => this.ports.requestListeners,
            },
            ports: this.portControl,
            maxPorts,
            seed: options.seed ?? 0,
        });
    }
    /** Sets the transmitter, which sends the answers. Call this once before the first burst. */
    connect(transmitter) {
        this.transmitter = transmitter;
    }
    // The trip of a frame ------------------------------------------------------------------------
    /** Forwards a burst that `receive` has just filled with `receivedCount` frames. */
    handleBurst(receivedCount) {
        this.burst.begin(receivedCount);
        this.forward();
        this.finish();
        while (this.burst.deferredCount > 0) {
            this.burst.carryOver();
            this.forward();
            this.finish();
        }
    }
    /**
     * Decides for the received frames of the burst. The answer is in the burst: `flush` it. A port
     * whose frames make more work than its turn allows has the rest of them wait: the caller calls
     * `Burst.carryOver` before it receives more.
     */
    forward() {
        this.nowTicks = (0, time_1.toTicks)(this.nowMs);
        const { burst, charges } = this;
        const { carriedCount, receivedCount, ingress, length } = burst;
        this.counters.addRuns(carriedCount, receivedCount, ingress, length, counters_1.Counter.RxFrames, counters_1.Counter.RxBytes);
        burst.carriedCount = 0;
        (0, classify_1.classify)(burst, this.mac, 0, receivedCount);
        this.isObserved = this.reporter !== undefined || !this.mirrors.isEmpty;
        if (this.isObserved)
            this.mirrorReceived(carriedCount);
        // Frames of one port come in runs: its work is counted here as long as a run lasts.
        let port = 0;
        let charged = 0;
        for (let frame = 0; frame < receivedCount; frame++) {
            if (ingress[frame] !== port) {
                charges[port] = charged;
                port = ingress[frame];
                charged = charges[port];
            }
            if (charged >= WORK_PER_TURN) {
                burst.defer(frame);
                continue;
            }
            const before = burst.work;
            this.forwardFrame(frame);
            charged += burst.work - before;
        }
        this.settleCharges(port);
    }
    /** Forgets the work of the burst. @param port the last one that was charged, received or not */
    settleCharges(port) {
        const { charges } = this;
        const { ingress, receivedCount } = this.burst;
        let settled = port;
        charges[settled] = 0;
        for (let frame = 0; frame < receivedCount; frame++) {
            if (ingress[frame] === settled)
                continue;
            settled = ingress[frame];
            charges[settled] = 0;
        }
    }
    forwardFrame(frame) {
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellArrival)(this.reporter, this.burst, frame);
        const { u16 } = this.burst;
        const words = this.burst.offset[frame] >> 1;
        const ingress = this.burst.ingress[frame];
        const kind = this.burst.kind[frame];
        // Check: a frame that is not admitted teaches nothing.
        if ((kind & Short) !== 0)
            return this.drop(ingress, drop_reason_1.DropReason.TooShort);
        if ((kind & Offloaded) !== 0 && !(0, segment_1.canFinish)(this.burst, frame)) {
            return this.drop(ingress, drop_reason_1.DropReason.MalformedOffload);
        }
        // Reads without `macHi16` and `macLo32`: inlined, they cost the room in which V8 inlines egress.
        const toHi16 = u16[words];
        const toLo32 = u16[words + 1] | (u16[words + 2] << 16);
        const fromHi16 = u16[words + 3];
        const fromLo32 = u16[words + 4] | (u16[words + 5] << 16);
        if ((kind & Group) !== 0)
            this.countGroup(ingress, kind);
        const abilities = this.ports.abilities(ingress);
        if ((abilities & Link) === 0)
            return this.drop(ingress, drop_reason_1.DropReason.IngressDown);
        if ((0, ethernet_1.isGroup)(fromHi16))
            return this.drop(ingress, drop_reason_1.DropReason.SourceGroup);
        if (fromLo32 === 0 && fromHi16 === 0)
            return this.drop(ingress, drop_reason_1.DropReason.SourceZero);
        if (fromLo32 === toLo32 && fromHi16 === toHi16) {
            return this.drop(ingress, drop_reason_1.DropReason.SourceIsDestination);
        }
        let vlan = vlan_1.NO_VLAN;
        if ((abilities & FiltersVlans) !== 0)
            vlan = this.decideVlan(frame, ingress);
        if ((kind & Reserved) !== 0 && this.endsHere(frame, ingress, fromHi16, fromLo32, vlan))
            return;
        if (vlan < 0)
            return this.drop(ingress, (0, vlan_ingress_1.refusalIn)(vlan));
        if (this.isOwnMac(fromHi16, fromLo32))
            return this.takeOwn(frame, ingress);
        // Learn, unless that is done.
        if (abilities !== PLAIN_PORT) {
            if (!this.admits(ingress, abilities, kind, fromHi16, fromLo32, vlan))
                return;
        }
        else if ((kind & Reserved) === 0) {
            this.learn(fromHi16, fromLo32, vlan, ingress);
        }
        // Protocol rooms.
        const verdict = this.rooms.ask(frame, this);
        if (verdict === verdict_1.CONSUMED)
            return;
        if ((kind & ToSwitch) !== 0)
            return this.drop(ingress, drop_reason_1.DropReason.ToSwitch);
        // Look up, and send.
        if (verdict !== verdict_1.PASS)
            return this.sendTo(frame, verdict);
        if ((kind & Group) !== 0)
            return this.flood(frame, ingress);
        const port = this.fdb.lookup(toHi16, toLo32, vlan, this.nowTicks);
        if (port === port_id_1.NO_PORT)
            return this.flood(frame, ingress);
        this.sendTo(frame, port);
    }
    /**
     * Deals with a frame to a reserved address, which is for this bridge or its neighbours alone. The
     * rooms are asked whatever the state of the port, and also where the source is the switch's own
     * address: a BPDU of the switch that comes back tells of a loop. A frame teaches as any other does.
     * @param vlan VID of the frame; below 0 where its VLAN does not admit it, which no room needs
     * @returns whether its trip ends here; a frame that no room wants travels on if its address is in the
     *   mask of forwarded groups, or, as on a Linux bridge without STP, if it is the address of STP
     */
    endsHere(frame, ingress, fromHi16, fromLo32, vlan) {
        const { burst } = this;
        const at = burst.offset[frame] + ethernet_1.DESTINATION;
        const address = (0, ethernet_1.reservedNibble)((0, ethernet_1.macLo32)(burst.u16, at));
        const isOwn = this.isOwnMac(fromHi16, fromLo32);
        // PAUSE belongs to one link: a bridge does not even learn from it.
        // A BPDU comes from a port of a neighbour, which may have the MAC of a station that is elsewhere.
        const isOfLink = address === RESERVED_PAUSE || (address === this.rooms.stp.group && this.rooms.stp.isOn);
        const mayTeach = !isOwn && !isOfLink && this.ports.learns(ingress) && vlan >= 0;
        const teaches = mayTeach && this.isAdmitted(ingress, fromHi16, fromLo32, vlan);
        if (teaches)
            this.learn(fromHi16, fromLo32, vlan, ingress);
        const verdict = this.rooms.askReserved(frame, address, this);
        if (verdict === verdict_1.PASS && this.forwardsReserved(address))
            return false;
        if (verdict >= 0)
            this.sendTo(frame, verdict);
        else if (verdict === verdict_1.PASS && isOwn)
            this.dropOwnSource(ingress);
        else if (verdict === verdict_1.PASS)
            this.drop(ingress, drop_reason_1.DropReason.Reserved);
        return true;
    }
    /** @param address X of 01-80-C2-00-00-0X */
    forwardsReserved(address) {
        if (((this.groupForwardMask >> address) & 1) === 1)
            return true;
        return address === RESERVED_STP && this.forwardsStp;
    }
    /** Learns from a port that has flags or is not forwarding. @returns whether the frame's trip goes on */
    admits(ingress, abilities, kind, fromHi16, fromLo32, vlan) {
        if ((abilities & Locked) !== 0 && !this.isKnownAt(ingress, fromHi16, fromLo32, vlan)) {
            this.drop(ingress, drop_reason_1.DropReason.Locked);
            return false;
        }
        if ((abilities & Secured) !== 0 && !this.isSecure(ingress, fromHi16, fromLo32, vlan)) {
            this.dropViolation(ingress, fromHi16, fromLo32, vlan);
            return false;
        }
        if ((kind & Reserved) === 0 && (abilities & Learn) !== 0) {
            this.learn(fromHi16, fromLo32, vlan, ingress);
        }
        // A port that is learning does no more.
        if ((abilities & Forward) !== 0)
            return true;
        this.drop(ingress, drop_reason_1.DropReason.IngressDiscarding);
        return false;
    }
    /** @returns the VID of the frame, or what `refusalIn` reads */
    decideVlan(frame, ingress) {
        const vlan = this.vlanIngress.decide(frame, ingress);
        if (this.reporter !== undefined && vlan >= 0)
            (0, trace_steps_1.tellVlan)(this.reporter, vlan);
        return vlan;
    }
    /** Whether a lock and port security let a station send from the port. */
    isAdmitted(port, hi16, lo32, vlan) {
        const abilities = this.ports.abilities(port);
        if ((abilities & Locked) !== 0 && !this.isKnownAt(port, hi16, lo32, vlan))
            return false;
        return (abilities & Secured) === 0 || this.isSecure(port, hi16, lo32, vlan);
    }
    isSecure(port, hi16, lo32, vlan) {
        return this.security.admits(port, hi16, lo32, vlan, this.nowTicks, this.nowMs);
    }
    dropViolation(port, hi16, lo32, vlan) {
        const { nowMs, security } = this;
        this.drop(port, drop_reason_1.DropReason.PortSecurity);
        if (security.reports(port, nowMs, REPORT_INTERVAL_MS)) {
            this.events.add(event_log_1.EventKind.Violation, port, port_id_1.NO_PORT, hi16, lo32, vlan, nowMs);
        }
        if (!security.shuts(port))
            return;
        this.setPortShut(port, true);
        this.news({ event: 'port-shut', port, why: 'port-security', mac: (0, mac_1.formatMac)(hi16, lo32) });
    }
    countGroup(ingress, kind) {
        const counter = (kind & Broadcast) !== 0 ? counters_1.Counter.RxBroadcast : counters_1.Counter.RxMulticast;
        this.counters.add(ingress, counter, 1);
    }
    learn(hi16, lo32, vlan, port) {
        const result = this.fdb.learn(hi16, lo32, vlan, port, this.nowTicks);
        if (this.reporter !== undefined) {
            const knownPort = this.fdb.peek(hi16, lo32, vlan, this.nowTicks);
            (0, trace_steps_1.tellLearning)(this.reporter, this.fdb, result, (0, mac_1.formatMac)(hi16, lo32), port, knownPort);
        }
        if (result === table_1.LearnResult.Refreshed)
            return;
        if (result === table_1.LearnResult.Learned) {
            this.counters.add(port, counters_1.Counter.Learned, 1);
            this.events.add(event_log_1.EventKind.Learn, port, port_id_1.NO_PORT, hi16, lo32, vlan, this.nowMs);
        }
        else if (result === table_1.LearnResult.Moved) {
            const from = this.fdb.movedFrom;
            this.counters.add(port, counters_1.Counter.MovedHere, 1);
            this.rooms.loop.noteMove(from, port);
            this.events.add(event_log_1.EventKind.Move, port, from, hi16, lo32, vlan, this.nowMs);
            if (this.flaps.moved(hi16, lo32, this.nowMs, vlan)) {
                this.events.add(event_log_1.EventKind.Flapping, port, from, hi16, lo32, vlan, this.nowMs);
            }
        }
        if (this.fdb.crowdedCount > this.crowdedCount)
            this.noteLimit(hi16, lo32, vlan, port);
    }
    noteLimit(hi16, lo32, vlan, port) {
        this.crowdedCount = this.fdb.crowdedCount;
        if (this.nowMs < this.limitQuietUntil)
            return;
        this.limitQuietUntil = this.nowMs + REPORT_INTERVAL_MS;
        this.events.add(event_log_1.EventKind.Limit, port, port_id_1.NO_PORT, hi16, lo32, vlan, this.nowMs);
    }
    flood(frame, ingress) {
        const takers = this.takersOf(frame);
        if ((this.ports.abilities(ingress) & Storm) !== 0) {
            if (!this.isRegistered(frame) && this.isStorm(frame, ingress))
                return;
        }
        if (this.reporter !== undefined)
            this.reportFlood(this.reporter, frame, takers);
        const segmentsMax = Math.max(SEGMENTS_TO_EACH, (WORK_PER_TURN / takers.length) | 0);
        let copies = 0;
        for (let index = 0; index < takers.length; index++) {
            const port = takers[index];
            if (!this.egress.mayLeave(port, frame))
                continue;
            this.deliver(frame, port, this.tagFor(frame, port), segmentsMax);
            copies++;
        }
        if (copies === 0)
            return this.drop(ingress, this.whyUntaken(frame));
        this.counters.add(ingress, counters_1.Counter.RxFlooded, 1);
    }
    /** Drops a frame that is beyond a limit of its port. @returns whether it did */
    isStorm(frame, ingress) {
        const { burst, storm, nowMs } = this;
        const kind = burst.kind[frame];
        const frames = (kind & Offloaded) === 0 ? 1 : (0, segment_1.segmentCount)(burst, frame);
        const group = (kind & Broadcast) !== 0 ? storm_1.StormClass.Broadcast : storm_1.StormClass.Multicast;
        const index = (kind & Group) === 0 ? storm_1.StormClass.Unknown : group;
        if (storm.admits(ingress, index, frames, nowMs))
            return false;
        this.drop(ingress, STORM_REASONS[index]);
        if (storm.reports(ingress, nowMs, REPORT_INTERVAL_MS)) {
            const { u16, offset } = burst;
            const at = offset[frame] + ethernet_1.SOURCE;
            const [hi16, lo32] = [(0, ethernet_1.macHi16)(u16, at), (0, ethernet_1.macLo32)(u16, at)];
            this.events.add(event_log_1.EventKind.Storm, ingress, port_id_1.NO_PORT, hi16, lo32, vlan_1.NO_VLAN, nowMs);
        }
        return true;
    }
    reportFlood(reporter, frame, takers) {
        // Snooping has told of its own lists.
        if (this.isSnooped(frame))
            return;
        const vid = this.filtersVlans ? this.burst.vlan[frame] : vlan_1.NO_VLAN;
        const inVlan = this.ports.forwarding.filter((port) => vid === vlan_1.NO_VLAN || this.vlans.isMember(port, vid));
        const spared = inVlan.filter((port) => !takers.includes(port));
        const closed = [...this.portStates()]
            .filter(([port]) => this.ports.isUp(port) && !this.ports.forwards(port))
            .map(([port, state]) => ({ port, state }));
        (0, trace_steps_1.tellFlood)(reporter, this.burst, frame, vid, spared, closed);
    }
    /** The ports to which a frame goes that no station gets alone. */
    takersOf(frame) {
        const kind = this.burst.kind[frame];
        const all = this.filtersVlans
            ? this.vlanEgress.floodTo(floodClassOf(kind), this.burst.vlan[frame])
            : this.ports.floodTo[floodClassOf(kind)];
        const { mcast } = this.rooms;
        if (!mcast.isOn || (kind & (Group | Broadcast)) !== Group)
            return all;
        return mcast.delivery.takersOf(frame, all, this);
    }
    /** Whether the ports that get a frame are those of its group, and not those of a flood. */
    isSnooped(frame) {
        const { mcast } = this.rooms;
        const kind = this.burst.kind[frame];
        return mcast.isOn && (kind & (Group | Broadcast)) === Group && mcast.delivery.isPruned;
    }
    /** Whether somebody has joined the group of a frame. */
    isRegistered(frame) {
        return this.isSnooped(frame) && this.rooms.mcast.delivery.isRegistered;
    }
    whyUntaken(frame) {
        return this.isSnooped(frame) ? drop_reason_1.DropReason.NoMember : drop_reason_1.DropReason.NoOtherPort;
    }
    isKnownAt(port, hi16, lo32, vlan) {
        return this.fdb.peek(hi16, lo32, vlan, this.nowTicks) === port;
    }
    /** @param tag what happens to the outer tag of the frame: see `tag-operation.ts` */
    sendTo(frame, port, tag = tag_operation_1.AS_IT_IS) {
        if (!this.egress.mayLeave(port, frame))
            return this.refuse(frame, port);
        const operation = tag === tag_operation_1.AS_IT_IS ? this.tagFor(frame, port) : tag;
        this.deliver(frame, port, operation, WORK_PER_TURN);
    }
    /** Tag operation for a frame that may leave from a port. */
    tagFor(frame, port) {
        return this.filtersVlans ? this.vlanEgress.tagFor(frame, port) : tag_operation_1.AS_IT_IS;
    }
    refuse(frame, port) {
        this.drop(port, this.egress.reasonAgainst(port, frame));
    }
    /**
     * Whether the port can take the frame, and in which shape.
     * @param segmentsMax frames that a super-frame may become
     */
    deliver(frame, port, tag, segmentsMax) {
        const { burst, ports } = this;
        const shiftBytes = tag === tag_operation_1.AS_IT_IS ? 0 : (0, tag_operation_1.shiftOf)(tag);
        if (burst.length[frame] + shiftBytes > ports.longestFrame(port)) {
            if (!this.fitsOtherwise(frame, port, tag))
                return;
        }
        if ((burst.kind[frame] & Offloaded) !== 0 && !ports.takesOffloads(port)) {
            if (this.isObserved)
                this.mirrorSent(frame, port, tag);
            this.segment(frame, port, tag, segmentsMax);
            return;
        }
        if (this.isObserved)
            this.observeLeaving(frame, port, tag);
        if (!burst.hasTxRoom(1))
            this.flush();
        burst.send(frame, port, tag);
    }
    /**
     * Whether a frame that is too long as it is fits all the same: as segments, or without its outer
     * tag, which Linux holds apart from the frame and does not count (`is_skb_forwardable`).
     */
    fitsOtherwise(frame, port, tag) {
        const leavingBytes = (0, segment_1.segmentBytes)(this.burst, frame) + (0, tag_operation_1.shiftOf)(tag);
        const countedBytes = leavingBytes - this.outerTagBytes(frame, tag);
        const fits = countedBytes <= this.ports.longestFrame(port);
        if (!fits)
            this.drop(port, drop_reason_1.DropReason.TooLong);
        return fits;
    }
    /** Bytes of the outer tag of a frame as it leaves. */
    outerTagBytes(frame, tag) {
        const { burst } = this;
        const isTagged = (burst.kind[frame] & Tagged) !== 0;
        const staysTagged = tag === tag_operation_1.STRIP ? (0, burst_1.tagsOf)(burst, frame) > 1 : isTagged || tag !== tag_operation_1.AS_IT_IS;
        return staysTagged ? ethernet_1.VLAN_TAG_BYTES : 0;
    }
    segment(frame, port, tag, segmentsMax) {
        if ((0, segment_1.segmentCount)(this.burst, frame) > segmentsMax) {
            this.drop(port, drop_reason_1.DropReason.TooManySegments);
            return false;
        }
        // Mirrors have copied the frame as a whole.
        const wasCopying = this.isCopying;
        this.isCopying = true;
        const isSent = this.reporter === undefined
            ? (0, segment_1.segmentTo)(frame, port, this, tag)
            : this.segmentReported(this.reporter, frame, port, tag);
        this.isCopying = wasCopying;
        // A frame that was admitted can always be segmented.
        if (!isSent)
            this.drop(port, drop_reason_1.DropReason.WriteFailed);
        return isSent;
    }
    /** The segments are frames of the switch's making, and yet the received frame: told of as that. */
    segmentReported(reporter, frame, port, tag) {
        (0, trace_steps_1.tellSegmenting)(reporter, (0, segment_1.segmentCount)(this.burst, frame), port);
        this.reporter = undefined;
        const isSent = (0, segment_1.segmentTo)(frame, port, this, tag);
        this.reporter = reporter;
        if (isSent)
            (0, trace_steps_1.tellLeaving)(reporter, this.burst, frame, port);
        return isSent;
    }
    // Mirrors -------------------------------------------------------------------------------------
    /** Copies received frames as they came in. @param from the first frame that was not seen before */
    mirrorReceived(from) {
        const { burst, mirrors, ports } = this;
        mirrors.begin();
        if (mirrors.isEmpty)
            return;
        for (let frame = from; frame < burst.receivedCount; frame++) {
            const kind = burst.kind[frame];
            if ((kind & Short) !== 0 || !ports.isUp(burst.ingress[frame]))
                continue;
            if ((kind & Offloaded) !== 0 && !(0, segment_1.canFinish)(burst, frame))
                continue;
            const ingress = burst.ingress[frame];
            const vid = this.filtersVlans
                ? this.vlanIngress.vidOf(frame, ingress)
                : (0, mirrors_1.outerVid)(burst, frame);
            for (const mirror of mirrors.all) {
                if (mirror.takesReceived(burst, frame, vid))
                    this.copy(mirror, frame, tag_operation_1.AS_IT_IS);
            }
        }
        // The copies leave with the tags that VLAN filtering takes off the frames.
        if (this.filtersVlans)
            this.flush();
    }
    observeLeaving(frame, port, tag) {
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellLeaving)(this.reporter, this.burst, frame, port);
        this.mirrorSent(frame, port, tag);
    }
    /** Copies a frame as it leaves from a port. */
    mirrorSent(frame, port, tag) {
        if (this.isCopying)
            return;
        const { burst, mirrors } = this;
        if (mirrors.isEmpty)
            return;
        const vid = this.filtersVlans ? burst.vlan[frame] : (0, mirrors_1.outerVid)(burst, frame);
        for (const mirror of mirrors.all) {
            if (mirror.takesSent(burst, frame, port, vid))
                this.copy(mirror, frame, tag);
        }
    }
    copy(mirror, frame, tag) {
        const { name, target } = mirror.settings;
        if (!this.ports.isUp(target)) {
            mirror.lost++;
            return;
        }
        mirror.copies++;
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellMirroring)(this.reporter, name);
        this.isCopying = true;
        this.deliver(frame, target, tag, SEGMENTS_TO_EACH);
        this.isCopying = false;
    }
    /**
     * Adds a mirror, or replaces the one of the same name.
     * @returns false, and changes nothing, where there are too many
     */
    addMirror(settings) {
        const isAdded = this.mirrors.add(settings);
        this.settleMirrors();
        return isAdded;
    }
    /** @returns whether there was such a mirror */
    removeMirror(name) {
        const wasThere = this.mirrors.remove(name);
        this.settleMirrors();
        return wasThere;
    }
    mirrorCounts() {
        return this.mirrors.counts();
    }
    /** A port that becomes a target takes what was learned there with it. */
    settleMirrors() {
        const { mirrors, ports } = this;
        this.isObserved = this.reporter !== undefined || !mirrors.isEmpty;
        for (const port of ports.ids()) {
            const didLearn = ports.learns(port);
            ports.setGuard(port, MirrorTarget, mirrors.takesOver(port));
            this.settleFastPath(port);
            if (!didLearn || ports.learns(port))
                continue;
            this.fdb.flushPort(port);
            this.rooms.flushNeighbours(port);
        }
    }
    // Frames of the switch itself (Outbox) -------------------------------------------------------
    make(lengthBytes) {
        if (this.isObserved && !this.isCopying)
            this.mirrors.begin();
        const frame = this.burst.make(lengthBytes);
        if (frame >= 0)
            return frame;
        // Waiting frames hold the room. Once they are sent, there is room for any frame.
        this.flush();
        this.burst.releaseMade();
        return this.burst.make(lengthBytes);
    }
    toPort(frame, port, tag = tag_operation_1.AS_IT_IS) {
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellOwnWords)(this.reporter, this.burst, frame, port);
        // A segment of a frame that may leave; the target of a mirror forwards nothing else.
        if (this.isCopying)
            this.deliver(frame, port, tag, WORK_PER_TURN);
        else
            this.sendTo(frame, port, tag);
    }
    toLink(frame, port) {
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellOwnWords)(this.reporter, this.burst, frame, port);
        if (this.ports.isUp(port))
            this.deliver(frame, port, tag_operation_1.AS_IT_IS, WORK_PER_TURN);
        else
            this.drop(port, drop_reason_1.DropReason.EgressDown);
    }
    toAll(frame, except = port_id_1.NO_PORT) {
        const vid = this.burst.vlan[frame];
        for (const port of this.ports.forwarding) {
            if (port === except || (this.filtersVlans && !this.vlans.isMember(port, vid)))
                continue;
            this.toPort(frame, port);
        }
    }
    // Results of sending -------------------------------------------------------------------------
    /** Sends what is left of the answer to a burst. */
    finish() {
        this.flush();
        if (this.refused.length > 0)
            this.sendRefused();
    }
    /**
     * Replaces `finish` for a caller that has sent the answer itself.
     * @param failed how many pairs failed, as `Burst.txStatus` says
     */
    sent(failed) {
        this.settle(failed);
        if (this.refused.length > 0)
            this.sendRefused();
    }
    /** Sends what has been decided so far, and counts what came of it. */
    flush() {
        if (this.burst.txCount === 0)
            return;
        if (this.transmitter === undefined)
            throw new Error('the bridge is connected to no ports');
        this.settle(this.transmitter.transmit());
    }
    settle(failed) {
        const { burst } = this;
        const count = burst.txCount;
        if (failed > 0)
            this.countFailures(count);
        const { txPort, txLength } = burst;
        this.counters.addRuns(0, count, txPort, txLength, counters_1.Counter.TxFrames, counters_1.Counter.TxBytes);
        burst.clearAnswer();
    }
    /** Takes the pairs that failed out of the answer. */
    countFailures(count) {
        const { txFrame, txPort, txStatus, txTag } = this.burst;
        for (let entry = 0; entry < count; entry++) {
            const errno = txStatus[entry];
            if (errno === 0)
                continue;
            const frame = txFrame[entry];
            const port = txPort[entry];
            txPort[entry] = port_id_1.NO_PORT;
            if (errno === transmitter_1.Errno.EINVAL && this.showsRefusal(frame)) {
                this.refused.push([frame, port, txTag[entry]]);
            }
            else {
                this.drop(port, dropReasonFor(errno));
            }
        }
    }
    /**
     * Whether EINVAL for this frame tells of the kernel. For any but ordinary frames it tells of the
     * sender, and no guest may cost other ports their offloads.
     */
    showsRefusal(frame) {
        return !(0, burst_1.isPlain)(this.burst, frame) && (0, segment_1.isOrdinaryOffload)(this.burst, frame);
    }
    /**
     * A port whose kernel refuses an offload gets plain frames for a while, beginning with those that
     * it refused. They are received frames, and lie in the burst until the next one begins.
     */
    sendRefused() {
        for (const [frame, port, tag] of this.refused.splice(0)) {
            if (!this.segment(frame, port, tag, SEGMENTS_TO_EACH) || !this.ports.takesOffloads(port)) {
                continue;
            }
            this.ports.setOffloads(port, false);
            this.offloadPauses.begin(port, this.nowMs);
            this.events.add(event_log_1.EventKind.OffloadRefused, port, port_id_1.NO_PORT, 0, 0, vlan_1.NO_VLAN, this.nowMs);
        }
        this.flush();
    }
    drop(port, reason) {
        if (this.reporter !== undefined)
            (0, trace_steps_1.tellDrop)(this.reporter, port, reason);
        this.counters.drop(port, reason);
    }
    /** Takes a frame of the switch itself that came back: a probe for loops, or a sign of one. */
    takeOwn(frame, ingress) {
        if (this.rooms.loop.receive(frame, this) === verdict_1.CONSUMED)
            return;
        this.dropOwnSource(ingress);
    }
    dropOwnSource(ingress) {
        this.drop(ingress, drop_reason_1.DropReason.SourceIsSwitch);
        if (this.nowMs < this.ownSourceQuietUntil)
            return;
        this.ownSourceQuietUntil = this.nowMs + REPORT_INTERVAL_MS;
        const { hi16, lo32 } = this.mac;
        this.events.add(event_log_1.EventKind.OwnSource, ingress, port_id_1.NO_PORT, hi16, lo32, vlan_1.NO_VLAN, this.nowMs);
    }
    isOwnMac(hi16, lo32) {
        return lo32 === this.mac.lo32 && hi16 === this.mac.hi16;
    }
    // Time ----------------------------------------------------------------------------------------
    /**
     * Ageing and protocol timers. Call it at `dueMs`, and for ageing some times a second besides: the
     * data plane's loop does so every 250 ms, `MemoryIo.advance` every 100 ms.
     */
    tick() {
        this.nowTicks = (0, time_1.toTicks)(this.nowMs);
        this.rooms.tick(this.nowMs, this);
        this.offloadPauses.tick(this.nowMs, this.resumeOffloads);
        this.fdb.sweep(Math.min(SWEEP_SLOTS, this.fdb.slots), this.nowTicks, this.noteAged);
    }
    /** When a protocol timer is due; `Infinity` for never. */
    get dueMs() {
        return this.rooms.dueMs;
    }
    resumeOffloads = (port) => {
        this.ports.setOffloads(port, true);
    };
    noteAged = (hi16, lo32, vlan, port) => {
        this.events.add(event_log_1.EventKind.Age, port, port_id_1.NO_PORT, hi16, lo32, vlan, this.nowMs);
    };
    get nowMs() {
        return this.burst.nowMs;
    }
    // Ports ---------------------------------------------------------------------------------------
    /** @throws RangeError for an id that is out of range or in use. */
    addPort(port, settings) {
        this.ports.add(port, settings);
        this.vlans.setPort(port, settings.vlans ?? undefined);
        this.counters.clear(port);
        this.rooms.configurePort(port, settings);
        this.shutPorts.setLink(port, settings.isUp);
        // A mirror may have been told of before its target.
        this.ports.setGuard(port, MirrorTarget, this.mirrors.takesOver(port));
        if (settings.isShut === true)
            this.setPortShut(port, true);
        else
            this.rooms.portChanged(port, settings.isUp);
        this.rooms.mcast.configurePort(port, settings);
        this.setGuards(port, settings);
        this.setFastLeg(port, settings.fastLeg);
        this.setPortHostMac(port, settings.hostMac ?? null);
        this.settlePlaced(port);
    }
    removePort(port) {
        this.fast?.setLeg(port, undefined);
        this.fast?.collect(port, this.counters);
        this.watched.delete(port);
        this.burst.forgetDeferred(port);
        this.fdb.forgetPort(port);
        this.hosts.delete(port);
        this.placed.forgetPort(port, (0, time_1.toTicks)(this.nowMs));
        this.rooms.portRemoved(port);
        this.offloadPauses.forget(port);
        this.mirrors.forgetPort(port);
        this.storm.forget(port);
        this.security.forget(port);
        this.shutPorts.forget(port);
        this.ports.remove(port);
        this.vlans.remove(port);
        this.settleMirrors();
    }
    /** Changes a port while frames flow. What is left out stays as it is; a port keeps its name. */
    configurePort(port, settings) {
        const { isUp, mtuBytes, takesOffloads, hearsRequests, hostMac, fastLeg } = settings;
        if (mtuBytes !== undefined)
            this.setPortMtu(port, mtuBytes);
        if (takesOffloads !== undefined)
            this.setPortOffloads(port, takesOffloads);
        if (hearsRequests !== undefined)
            this.setPortHearsRequests(port, hearsRequests);
        this.rooms.configurePort(port, settings);
        if (hostMac !== undefined)
            this.setPortHostMac(port, hostMac);
        this.rooms.mcast.configurePort(port, settings);
        this.ports.setFlags(port, settings);
        if (settings.vlans !== undefined)
            this.setPortVlans(port, settings.vlans ?? undefined);
        this.setGuards(port, settings);
        if (settings.isShut !== undefined)
            this.setPortShut(port, settings.isShut);
        if (isUp !== undefined)
            this.setPortUp(port, isUp);
        this.setFastLeg(port, fastLeg);
        this.settleFastPath(port);
    }
    /**
     * Sets what the active topology lets a port do. A port that stops learning takes what was learned
     * there with it, as one that goes down does: fdbFlush of IEEE 802.1Q-2022 13.29.14. From forwarding
     * to learning nothing is forgotten, for the stations are still there. Unlike this, br0 forgets
     * only what was learned on a port that is disabled, and lets the rest age sooner.
     */
    setPortState(port, state) {
        const didLearn = this.ports.learns(port);
        this.ports.setState(port, state);
        this.settleFastPath(port);
        if (!didLearn || this.ports.learns(port))
            return;
        this.fdb.flushPort(port);
        this.rooms.flushNeighbours(port);
        this.rooms.mcast.flushPort(port);
    }
    /** @returns port id → state */
    portStates() {
        const { ports } = this;
        const stateOf = (port) => port_table_1.PORT_STATES[ports.state(port)] ?? 'disabled';
        return new Map(ports.ids().map((port) => [port, stateOf(port)]));
    }
    /** What rooms may do to the ports. */
    portControl = {
        setState: (port, state) => this.setPortState(port, port_table_1.PORT_STATES.indexOf(state)),
        forgetStations: (port) => {
            this.fdb.flushPort(port);
            this.rooms.flushNeighbours(port);
            this.rooms.mcast.forgetPort(port);
            // A port that has no stations any more tells nothing of the others.
            if (this.ports.learns(port))
                this.rooms.mcast.topologyChanged(this.nowMs);
        },
        topologyChanged: () => this.rooms.mcast.topologyChanged(this.nowMs),
        limitAgeing: (limitMs) => {
            this.ageingLimitMs = limitMs;
            this.settleAgeing();
            if (limitMs !== Infinity)
                this.rooms.mcast.limitAgeing(limitMs, this.nowMs);
        },
    };
    /**
     * Sets the VLANs of a port. What was learned there in a VLAN that it leaves is forgotten, as
     * `nbp_vlan_delete` does.
     * @param vlans `undefined`: that of the default PVID
     */
    setPortVlans(port, vlans) {
        this.forgetVlans(port, this.vlans.setPort(port, vlans));
    }
    forgetVlans = (port, vids) => {
        this.settleHost(port);
        this.settlePlaced(port);
        if (vids.length === 0)
            return;
        const left = new Set(vids);
        this.fdb.flushPort(port, (vlan) => left.has(vlan));
        this.rooms.flushNeighbours(port);
        this.rooms.mcast.flushPort(port, (vlan) => left.has(vlan));
    };
    /** A port that goes down takes what was learned there with it. */
    setPortUp(port, isUp) {
        this.settleLink(port, this.shutPorts.setLink(port, isUp));
    }
    /** Shuts a port, which is down then whatever its link does, or opens it again. */
    setPortShut(port, isShut) {
        if (isShut === this.shutPorts.isShut(port))
            return;
        this.settleLink(port, this.shutPorts.setShut(port, isShut));
    }
    settleLink(port, isUp) {
        if (!isUp)
            this.fast?.shut(port, obstacle_1.FastObstacle.Down);
        if (!isUp)
            this.fdb.flushPort(port);
        this.ports.setUp(port, isUp);
        this.settleFastPath(port);
        this.rooms.portChanged(port, isUp);
    }
    setPortMtu(port, mtuBytes) {
        this.ports.setMtu(port, mtuBytes);
        this.settleFastPath(port);
    }
    /** Sets whether the port hears every ARP and ND request, also one that the switch answers. */
    setPortHearsRequests(port, hearsRequests) {
        this.ports.setHearsRequests(port, hearsRequests);
    }
    /**
     * Places the one station that is behind a port for good, in place of the last one: no other port can
     * claim its MAC. The Linux bridge has such entries for its own MACs (`br_fdb_add_local`).
     */
    setPortHostMac(port, hostMac) {
        this.removeHost(port);
        const mac = hostMac === null ? undefined : (0, mac_1.parseMac)(hostMac);
        if (mac !== undefined)
            this.placeHost(port, mac);
    }
    removeHost(port) {
        const host = this.hosts.get(port);
        if (host === undefined)
            return;
        for (const vlan of host.vlans)
            this.fdb.remove(host.mac.hi16, host.mac.lo32, vlan);
        this.hosts.delete(port);
    }
    /** Makes the entries of a station: one in each VLAN of its port. */
    placeHost(port, mac) {
        const placed = this.entryVlans(port).filter((vlan) => this.fdb.addStatic(mac.hi16, mac.lo32, vlan, port, (0, time_1.toTicks)(this.nowMs)));
        this.hosts.set(port, { mac, vlans: placed });
    }
    /** Makes these entries anew after a change of VLANs. */
    settleHost(port) {
        const host = this.hosts.get(port);
        if (host === undefined)
            return;
        this.removeHost(port);
        this.placeHost(port, host.mac);
    }
    /** VLANs in which a station behind a port has an entry, if it is placed there without a VLAN. */
    entryVlans(port) {
        return this.filtersVlans ? this.vlans.vidsOf(port) : [vlan_1.NO_VLAN];
    }
    /** Makes the entries without a VLAN follow the VLANs of their port. */
    settlePlaced(port) {
        const homeless = this.placed.settle(port, (0, time_1.toTicks)(this.nowMs));
        if (homeless === undefined)
            return;
        const { hi16, lo32 } = homeless;
        this.events.add(event_log_1.EventKind.Limit, port, port_id_1.NO_PORT, hi16, lo32, vlan_1.NO_VLAN, this.nowMs);
    }
    /** Sets the storm limits and the port security that are given. */
    setGuards(port, settings) {
        this.storm.configure(port, settings, this.nowMs);
        this.ports.setGuard(port, Storm, this.storm.limitsPort(port));
        this.security.configure(port, settings);
        this.ports.setGuard(port, Secured, this.security.secures(port));
    }
    setPortOffloads(port, takesOffloads) {
        this.offloadPauses.forget(port);
        this.ports.setOffloads(port, takesOffloads);
    }
    // Fast path -----------------------------------------------------------------------------------
    /** Has the kernel carry out what the bridge decides, for ports that get a leg from now on. */
    useFastPath(fast) {
        this.fast = fast;
        this.fdb.mirrorTo(fast);
    }
    /** Whether frames belong to VLANs. */
    get filtersByVlan() {
        return this.filtersVlans;
    }
    get hasFastPath() {
        return this.fast !== undefined;
    }
    /** Sets whether every frame of a port must come to the bridge, because somebody watches it. */
    setPortWatched(port, isWatched) {
        if (isWatched)
            this.watched.add(port);
        else
            this.watched.delete(port);
        this.settleFastPath(port);
    }
    /** Counts what the kernel has carried until now. */
    collectCounters() {
        const { fast, counters } = this;
        if (fast === undefined)
            return;
        for (const port of this.ports.ids())
            fast.collect(port, counters);
    }
    /** @param leg `null` for none, `undefined` for what there is */
    setFastLeg(port, leg) {
        const { fast } = this;
        if (fast !== undefined && leg !== undefined) {
            fast.setLeg(port, leg ?? undefined);
            if (leg !== null)
                this.fdb.mirrorPort(port);
        }
        this.settleFastPath(port);
    }
    /** Opens the fast path of a port, or shuts it, as what became of the port demands. */
    settleFastPath(port) {
        const { fast, ports } = this;
        if (fast === undefined)
            return;
        fast.setLongest(port, ports.longestFrame(port));
        const obstacle = this.fastObstacle(port);
        if (obstacle === obstacle_1.FastObstacle.None)
            fast.open(port, ports.flagsOf(port).isolated);
        else
            fast.shut(port, obstacle);
    }
    /** A further reason for which the bridge must see every frame of a port is one more line here. */
    fastObstacle(port) {
        const { ports } = this;
        if (!ports.isUp(port))
            return obstacle_1.FastObstacle.Down;
        if (!ports.forwards(port))
            return obstacle_1.FastObstacle.Discarding;
        if (!ports.learns(port))
            return obstacle_1.FastObstacle.NotLearning;
        if (this.filtersVlans)
            return obstacle_1.FastObstacle.VlanFiltering;
        if (this.mirrors.watches(port))
            return obstacle_1.FastObstacle.Mirrored;
        return this.watched.has(port) ? obstacle_1.FastObstacle.Watched : obstacle_1.FastObstacle.None;
    }
    /**
     * The forwarding database, for tests and small tables; see `Fdb.beginCopy` for large ones.
     * @param nowMs monotonic; unless given, when the last burst came or the last tick was
     */
    stations(nowMs = this.nowMs) {
        return this.fdb.entries((0, time_1.toTicks)(nowMs));
    }
    /**
     * Places a station behind a port. An entry without a VLAN is in each VLAN of the port while the bridge
     * filters, as `br_fdb_add` makes it, and follows when these change.
     * @returns false if the table has no room for another static entry
     */
    addStation(hi16, lo32, vlan, port, isStatic) {
        const { placed } = this;
        const ticks = (0, time_1.toTicks)(this.nowMs);
        if (vlan === vlan_1.NO_VLAN)
            return placed.place(hi16, lo32, port, isStatic, ticks);
        return placed.placeIn(vlan, hi16, lo32, port, isStatic, ticks);
    }
    /**
     * Removes the entry of a station; without a VLAN, what was placed without one, or else its entry in each.
     * @returns whether there was one
     */
    removeStation(hi16, lo32, vlan) {
        const ticks = (0, time_1.toTicks)(this.nowMs);
        if (vlan !== vlan_1.NO_VLAN)
            return this.placed.removeIn(vlan, hi16, lo32, ticks);
        if (this.placed.withdraw(hi16, lo32, ticks))
            return true;
        if (!this.filtersVlans)
            return this.fdb.remove(hi16, lo32, vlan_1.NO_VLAN);
        let isRemoved = false;
        for (let vid = vlan_1.NO_VLAN; vid <= vlan_1.MAX_VID; vid++) {
            if (this.placed.removeIn(vid, hi16, lo32, ticks))
                isRemoved = true;
        }
        return isRemoved;
    }
    /** Forgets the learned stations of one port and one VLAN, or of all. @returns how many */
    flushStations(port, vlan) {
        const isMeant = vlan === undefined ? undefined : (vid) => vid === vlan;
        return port === undefined ? this.fdb.flush(isMeant) : this.fdb.flushPort(port, isMeant);
    }
    // Settings ------------------------------------------------------------------------------------
    /** Takes settings while frames flow. Settings that are left out stay as they are. */
    configure(settings) {
        this.ageingMs = settings.ageingMs ?? this.ageingMs;
        this.settleAgeing();
        if (settings.groupForwardMask !== undefined)
            this.groupForwardMask = settings.groupForwardMask;
        const { vlanFiltering, vlanProtocol, vlanDefaultPvid } = settings;
        if (vlanProtocol !== undefined)
            this.setVlanProtocol(vlanProtocol);
        if (vlanDefaultPvid !== undefined) {
            this.vlans.setDefaultPvid(vlanDefaultPvid, this.forgetVlans);
        }
        if (vlanFiltering !== undefined)
            this.setVlanFiltering(vlanFiltering);
        this.rooms.setVlans(this.filtersVlans, this.vlans.defaultPvid);
        this.rooms.configure(settings);
    }
    settleAgeing() {
        const ageingMs = Math.min(this.ageingMs, this.ageingLimitMs);
        if (ageingMs !== this.fdb.ageingMs)
            this.fdb.setAgeing(ageingMs);
    }
    setVlanProtocol(protocol) {
        const tpid = protocol === '802.1ad' ? vlan_1.TPID_SERVICE : vlan_1.TPID_CUSTOMER;
        this.vlanIngress.setProtocol(tpid);
        this.vlanEgress.setProtocol(tpid);
    }
    /**
     * Switches filtering by VLAN on or off, and keeps the VLANs of all ports. What was learned before is
     * not found any more, because it belongs to other VLANs, and ages out.
     */
    setVlanFiltering(isFiltering) {
        if (isFiltering === this.filtersVlans)
            return;
        this.filtersVlans = isFiltering;
        this.burst.vlan.fill(vlan_1.NO_VLAN);
        this.burst.priority.fill(0);
        this.ports.setVlanFiltering(isFiltering);
        for (const port of this.ports.ids()) {
            this.settleFastPath(port);
            this.settleHost(port);
            this.settlePlaced(port);
        }
        this.rooms.flushNeighbours();
    }
}
exports.Bridge = Bridge;
function floodClassOf(kind) {
    if ((kind & Group) === 0)
        return 'unknown';
    return (kind & Broadcast) !== 0 ? 'broadcast' : 'multicast';
}
function dropReasonFor(errno) {
    switch (errno) {
        case transmitter_1.Errno.EIO:
        case transmitter_1.Errno.ENXIO:
        case transmitter_1.Errno.ENETDOWN:
        case transmitter_1.Errno.ENOTCONN:
        case transmitter_1.Errno.ECONNREFUSED:
        case transmitter_1.Errno.ENETUNREACH:
        case transmitter_1.Errno.EHOSTUNREACH:
            return drop_reason_1.DropReason.EgressDown;
        case transmitter_1.Errno.EMSGSIZE:
            return drop_reason_1.DropReason.TooLong;
        case transmitter_1.Errno.EBADFD:
            return drop_reason_1.DropReason.DeviceGone;
        case transmitter_1.Errno.EAGAIN:
        case transmitter_1.Errno.ENOBUFS:
        case transmitter_1.Errno.ENOMEM:
            return drop_reason_1.DropReason.Congested;
        default:
            return drop_reason_1.DropReason.WriteFailed;
    }
}
