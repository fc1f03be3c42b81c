"use strict";
/**
 * Trace: the path that a frame would take, step by step, with the reasons.
 *
 * The bridge's own code decides, and reports each decision to a reporter. It runs on a twin of the bridge, on
 * the main thread. The twin has the same options, ports, addresses, entries, neighbours and leases, but no
 * descriptors. So a trace changes nothing and costs the data plane nothing.
 *
 * The twin does not know the frames of the last seconds, so no rate limit stops its frame.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.traceFrame = traceFrame;
const ip_text_1 = require("../wire/ip-text");
const ip_key_1 = require("../wire/ip-key");
const bridge_1 = require("./bridge");
const burst_1 = require("../frame/burst");
const port_table_1 = require("./port-table");
const trace_fast_path_1 = require("./fast/trace-fast-path");
const mac_1 = require("../wire/mac");
const time_1 = require("../frame/time");
const miss_1 = require("../hosts/miss");
const neighbours_1 = require("../hosts/neighbours");
/** Time after the age of every entry that is long enough for the twin to claim its addresses. */
const CLAIMING_MS = 10_000;
const CLAIM_STEP_MS = 50;
const IPV4_BYTES = 4;
/**
 * @param port id of the port that the frame comes from
 * @param frame bytes from the destination address to the end, no more than a TAP gives
 */
function traceFrame(state, port, frame) {
    const twin = makeTwin(state);
    const trace = new CollectedTrace(state.ports);
    const { burst } = twin;
    burst.u8.set(frame, burst_1.HEADROOM_BYTES);
    burst.offset[0] = burst_1.HEADROOM_BYTES;
    burst.length[0] = frame.length;
    burst.ingress[0] = port;
    burst.begin(1);
    twin.reporter = trace;
    twin.forward();
    const fast = (0, trace_fast_path_1.fastPathStep)(state.ports, state.stations, port, frame);
    if (fast !== undefined)
        trace.step(fast);
    return { steps: trace.steps, egress: trace.leftFrom, drops: trace.drops };
}
class CollectedTrace {
    steps = [];
    leftFrom = [];
    drops = [];
    labels;
    constructor(ports) {
        this.labels = new Map(ports.map(({ id, label }) => [id, label]));
    }
    step(sentence) {
        this.steps.push(sentence);
    }
    egress(port) {
        this.leftFrom.push(this.label(port));
    }
    drop(port, reason) {
        this.drops.push({ port: this.label(port), reason });
    }
    label(port) {
        return this.labels.get(port) ?? `#${port}`;
    }
}
// The twin --------------------------------------------------------------------------------------
function makeTwin(state) {
    const twin = new bridge_1.Bridge({
        ...state.options,
        maxPorts: Math.max(0, ...state.ports.map(({ id }) => id)) + 1,
        fdbMax: state.stations.length + 1,
        neighbours: { maxEntries: state.neighbours.length + 1 },
    });
    twin.connect({ transmit: () => 0 });
    twin.configure(state.options);
    for (const mirror of state.mirrors ?? [])
        twin.addMirror(mirror);
    for (const { id, label, fastObstacle, state: portState, ...settings } of state.ports) {
        void [fastObstacle, portState];
        twin.addPort(id, { ...settings, name: label });
    }
    const now = Math.max(0, ...state.stations.map(({ updatedAgoMs }) => updatedAgoMs));
    claim(twin, state.addresses, now);
    setStates(twin, state.ports);
    enter(twin, state.stations, now + CLAIMING_MS);
    bind(twin, state.neighbours, now + CLAIMING_MS);
    lease(twin, state.leases, now + CLAIMING_MS);
    twin.rooms.mcast.restore(state.groups ?? [], state.groupContexts ?? [], now + CLAIMING_MS);
    return twin;
}
/** Claims the addresses as the switch did. Nobody contests a claim of the twin. */
function claim(twin, addresses, fromMs) {
    const { arp, nd } = twin.rooms;
    for (const { address, vlan } of addresses) {
        const bytes = bytesOf(address);
        const { addresses: own } = bytes.length === IPV4_BYTES ? arp : nd;
        own.add((0, ip_key_1.ipKeyOf)(bytes), fromMs, undefined, vlan);
    }
    for (let ms = fromMs; ms <= fromMs + CLAIMING_MS; ms += CLAIM_STEP_MS) {
        twin.burst.clock[0] = ms;
        twin.burst.begin(0);
        twin.tick();
        twin.flush();
    }
}
/** Sets the states that the ports have: the spanning tree of the twin knows no neighbours. */
function setStates(twin, ports) {
    for (const { id, state = 'forwarding' } of ports) {
        twin.setPortState(id, port_table_1.PORT_STATES.indexOf(state));
    }
}
function enter({ fdb }, stations, nowMs) {
    for (const { mac, vlan, port, isStatic, isSticky, updatedAgoMs } of stations) {
        const { hi16, lo32 } = (0, mac_1.parseMac)(mac);
        const heard = (0, time_1.toTicks)(nowMs - updatedAgoMs);
        if (isStatic)
            fdb.addStatic(hi16, lo32, vlan, port, heard);
        else if (isSticky)
            fdb.addSticky(hi16, lo32, vlan, port, heard);
        else
            fdb.learn(hi16, lo32, vlan, port, heard);
    }
}
function bind({ rooms }, bindings, nowMs) {
    for (const binding of bindings) {
        const { address, mac, vlan, port, state, isRouter } = binding;
        const bytes = bytesOf(address);
        const key = (0, ip_key_1.ipKeyOf)(bytes);
        const { hi16, lo32 } = (0, mac_1.parseMac)(mac);
        const { hosts } = bytes.length === IPV4_BYTES ? rooms.arp : rooms.nd;
        const heardMs = nowMs - (binding.heardAgoMs ?? 0);
        hosts.neighbours.restore(key, vlan, hi16, lo32, port, state, heardMs);
        const unannounced = binding.isAnnounced === true ? miss_1.Miss.None : binding.unannounced;
        if (unannounced !== undefined) {
            hosts.restoreAnnounced(key, vlan, hi16, lo32, unannounced, nowMs);
        }
        if (isRouter === undefined)
            continue;
        hosts.neighbours.setRouter(key, vlan, isRouter ? neighbours_1.RouterFlag.Router : neighbours_1.RouterFlag.Host);
    }
}
function lease({ rooms }, leases, nowMs) {
    for (const { address, mac, vlan, port, expiresInMs } of leases) {
        const key = (0, ip_key_1.ipKeyOf)(bytesOf(address));
        const { hi16, lo32 } = (0, mac_1.parseMac)(mac);
        rooms.inspection.leases?.grant(key, vlan, hi16, lo32, port, expiresInMs, nowMs);
    }
}
function bytesOf(address) {
    const bytes = (0, ip_text_1.parseIpAddress)(address);
    if (bytes === undefined)
        throw new TypeError(`${address} is no IP address`);
    return bytes;
}
