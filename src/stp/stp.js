"use strict";
/**
 * The STP room: it brings the spanning tree of the bridge together with frames, ports and the time.
 *
 * The tree itself (`spanning-tree.ts`) is pure. The room hands it BPDUs and links, and a tick every second. It
 * carries out what the tree decides through `PortControl`, and sends its BPDUs to the link whatever the state of
 * the port is. While STP is off, the room wants no frames and every port forwards.
 *
 * A change of a port or of settings comes without an outbox. The BPDUs that follow from it wait for the next
 * tick, which is due at once.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Stp = void 0;
const verdict_1 = require("../frame/verdict");
const bpdu_1 = require("../wire/bpdu");
const read_1 = require("../wire/read");
const counters_1 = require("./counters");
const spanning_tree_1 = require("./spanning-tree");
const tree_port_1 = require("./tree-port");
const tree_state_1 = require("./tree-state");
const DEFAULT_SETTINGS = {
    ...{ stp: 'off', stpPriority: 32_768, stpHello: 2, stpMaxAge: 20, stpForwardDelay: 15 },
    vlanProtocol: '802.1Q',
};
const DEFAULT_PORT = {
    ...{ stpCost: 0, stpPortPriority: tree_port_1.DEFAULT_PORT_PRIORITY, stpEdge: 'auto' },
    ...{ bpduGuard: false, bpduFilter: false, rootGuard: false },
};
const PORT_SETTINGS = Object.keys(DEFAULT_PORT);
const SECOND_MS = 1_000;
/** Seconds that the tree catches up at most, after the thread has stood still. */
const CATCH_UP_SECONDS = 3;
const NOTHING = {};
const DROP_OF = {
    [spanning_tree_1.Reception.Filtered]: counters_1.StpDrop.Filtered,
    [spanning_tree_1.Reception.Own]: counters_1.StpDrop.Own,
    [spanning_tree_1.Reception.Guarded]: counters_1.StpDrop.Guarded,
};
class Stp {
    options;
    known = new Map();
    settings = DEFAULT_SETTINGS;
    tree;
    /** Outbox of the call that is under way. */
    outbox;
    /** BPDUs that wait for an outbox. */
    waiting = [];
    /** Time at which the next second of the tree begins; `undefined` before its first tick. */
    nextSecondMs;
    changed = new Set();
    hasOtherRoot = false;
    hasTopologyChanged = false;
    bpdu = (0, bpdu_1.newBpdu)();
    constructor(options) {
        this.options = options;
    }
    get wants() {
        return this.tree === undefined ? NOTHING : { reserved: 1 << this.group };
    }
    /** Last byte of the address of BPDUs. */
    get group() {
        const isProvider = this.settings.vlanProtocol === '802.1ad';
        return isProvider ? bpdu_1.BpduGroup.Provider : bpdu_1.BpduGroup.Customer;
    }
    get isOn() {
        return this.tree !== undefined;
    }
    get dueMs() {
        if (this.tree === undefined)
            return Infinity;
        return this.waiting.length > 0 ? 0 : (this.nextSecondMs ?? 0);
    }
    /** State of the tree; `undefined` while STP is off. */
    get state() {
        return this.tree === undefined ? undefined : (0, tree_state_1.treeState)(this.tree);
    }
    /** Events whose machines did not come to rest. It stays 0. */
    get endlessCount() {
        return this.tree?.endlessCount ?? 0;
    }
    // Settings ------------------------------------------------------------------------------------
    /** Takes settings while frames flow. What is left out stays as it is. */
    configure(given) {
        const before = this.settings;
        const whole = { ...before, ...given };
        const { stp, stpPriority, stpHello, stpMaxAge, stpForwardDelay, vlanProtocol } = whole;
        this.settings = { stp, stpPriority, stpHello, stpMaxAge, stpForwardDelay, vlanProtocol };
        if (stp === 'off')
            return this.stop();
        const settings = {
            ...{ protocol: stp, priority: stpPriority, helloTime: stpHello },
            ...{ maxAge: stpMaxAge, forwardDelay: stpForwardDelay },
        };
        if (this.tree !== undefined)
            return this.tree.configure(settings);
        this.start(settings);
    }
    /** Takes settings of a port, also before the port has a link. What is left out stays as it is. */
    configurePort(port, given) {
        const known = this.portOf(port);
        const isGiven = PORT_SETTINGS.some((name) => given[name] !== undefined);
        if (!isGiven)
            return;
        const own = PORT_SETTINGS.filter((name) => given[name] !== undefined);
        const values = Object.fromEntries(own.map((name) => [name, given[name]]));
        known.settings = { ...known.settings, ...values };
        this.tree?.configurePort(port, treeSettings(port, known.settings));
    }
    start(settings) {
        this.tree = new spanning_tree_1.SpanningTree(settings, addressOf(this.options.mac), this.actions);
        for (const [port, known] of this.known) {
            this.tree.addPort(port, treeSettings(port, known.settings));
        }
        const up = [...this.known].filter(([, { isUp }]) => isUp).map(([port]) => port);
        this.tree.setLinks(up, true);
    }
    stop() {
        if (this.tree === undefined)
            return;
        this.tree = undefined;
        this.nextSecondMs = undefined;
        this.waiting.length = 0;
        this.changed.clear();
        this.options.ports.limitAgeing(Infinity);
        for (const port of this.known.keys())
            this.options.ports.setState(port, 'forwarding');
    }
    // Frames and time -----------------------------------------------------------------------------
    /** Takes a frame to the address of STP. Its length is checked for the MAC header only. */
    receive(frame, outbox) {
        const { tree, bpdu } = this;
        if (tree === undefined)
            return (0, verdict_1.dropBecause)(counters_1.StpDrop.Invalid);
        const { burst } = outbox;
        const at = (0, read_1.i32At)(burst.offset, frame);
        const check = (0, bpdu_1.readBpdu)(burst.u8, at, (0, read_1.i32At)(burst.length, frame), tree.rstpVersion, bpdu);
        if (check !== bpdu_1.BpduCheck.Ok)
            return (0, verdict_1.dropBecause)(counters_1.StpDrop.Invalid);
        const port = (0, read_1.i32At)(burst.ingress, frame);
        this.outbox = outbox;
        const reason = DROP_OF[tree.receive(port, bpdu)];
        this.outbox = undefined;
        if (reason !== undefined)
            return (0, verdict_1.dropBecause)(reason);
        this.options.counters.count(counters_1.StpCounter.Received, port);
        outbox.reporter?.step('a BPDU: the spanning tree takes it, and it goes no further');
        return verdict_1.CONSUMED;
    }
    tick(nowMs, outbox) {
        const { tree } = this;
        if (tree === undefined)
            return;
        this.outbox = outbox;
        for (const { port, bpdu } of this.waiting.splice(0))
            this.send(port, bpdu, outbox);
        let next = this.nextSecondMs ?? nowMs + SECOND_MS;
        if (nowMs - next > CATCH_UP_SECONDS * SECOND_MS)
            next = nowMs;
        while (nowMs >= next) {
            tree.tick();
            this.tell(tree);
            next += SECOND_MS;
        }
        this.nextSecondMs = next;
        this.outbox = undefined;
    }
    // Ports ---------------------------------------------------------------------------------------
    portChanged(port, isUp) {
        const known = this.portOf(port);
        known.isUp = isUp;
        this.tree?.setLink(port, isUp);
    }
    portRemoved(port) {
        this.known.delete(port);
        this.changed.delete(port);
        this.tree?.removePort(port);
    }
    /** Has a port find out again whether its neighbour knows RSTP. */
    checkMigration(port) {
        this.tree?.checkMigration(port);
    }
    portOf(port) {
        let known = this.known.get(port);
        if (known === undefined) {
            known = { isUp: false, settings: DEFAULT_PORT };
            this.known.set(port, known);
            this.tree?.addPort(port, treeSettings(port, known.settings));
        }
        return known;
    }
    // What the tree decides -----------------------------------------------------------------------
    actions = {
        setState: (port, state) => {
            this.changed.add(port);
            this.options.ports.setState(port, state);
        },
        roleChanged: (port) => void this.changed.add(port),
        flush: (port) => this.options.ports.forgetStations(port),
        topologyChangeIs: (isOn, forwardDelay) => this.options.ports.limitAgeing(isOn ? forwardDelay * SECOND_MS : Infinity),
        rootChanged: () => (this.hasOtherRoot = true),
        topologyChanged: () => {
            this.hasTopologyChanged = true;
            this.options.ports.topologyChanged();
        },
        shut: (port) => this.options.news({ event: 'stp-guarded', port }),
        transmit: (port, bpdu) => {
            if (this.outbox === undefined)
                this.waiting.push({ port, bpdu: { ...bpdu } });
            else
                this.send(port, bpdu, this.outbox);
        },
    };
    send(port, bpdu, outbox) {
        const frame = outbox.make(bpdu_1.BPDU_FRAME_BYTES);
        const { u8, u16, offset } = outbox.burst;
        const { hi16, lo32 } = this.options.mac;
        (0, bpdu_1.writeBpdu)(u8, u16, (0, read_1.i32At)(offset, frame), this.group, hi16, lo32, bpdu);
        outbox.toLink(frame, port);
        this.options.counters.count(counters_1.StpCounter.Sent, port);
    }
    /** Tells what changed in the last second. */
    tell(tree) {
        const { news } = this.options;
        if (this.hasOtherRoot) {
            const port = tree.rootPort?.id;
            news({
                event: 'stp-root',
                root: (0, tree_state_1.rootId)(tree.rootPriority),
                ...(port !== undefined && { port }),
            });
        }
        for (const id of this.changed) {
            const port = tree.port(id);
            if (port === undefined)
                continue;
            news({ event: 'stp-port', port: id, role: port.role, state: (0, tree_state_1.stateWord)(port, tree) });
        }
        const noticed = tree.topologyChangePort;
        if (this.hasTopologyChanged && noticed !== undefined) {
            news({ event: 'stp-topology-change', port: noticed });
        }
        this.hasOtherRoot = this.hasTopologyChanged = false;
        this.changed.clear();
    }
}
exports.Stp = Stp;
/** Number of a port in the tree: ids begin with 0, numbers with 1. */
function treeSettings(port, settings) {
    const { stpCost, stpPortPriority, stpEdge, bpduGuard, bpduFilter, rootGuard } = settings;
    return {
        number: port + 1,
        priority: stpPortPriority,
        cost: stpCost === 0 ? tree_port_1.DEFAULT_PATH_COST : stpCost,
        adminEdge: stpEdge === 'on',
        autoEdge: stpEdge === 'auto',
        pointToPoint: true,
        ...{ bpduGuard, bpduFilter, rootGuard, tcnGuard: false },
    };
}
/** The MAC as a 48-bit number in network order. */
function addressOf({ hi16, lo32 }) {
    const bytes = [hi16, hi16 >>> 8, lo32, lo32 >>> 8, lo32 >>> 16, lo32 >>> 24];
    return bytes.reduce((number, byte) => number * 256 + (byte & 0xff), 0);
}
