"use strict";
/**
 * The spanning tree of one bridge: RSTP, and STP as the compatibility mode of RSTP (`forceVersion` 0).
 *
 * The tree is pure. It knows no device, no frame and no clock. What happens enters by `receive`, `setLink`,
 * `configure` and `tick`, and what follows leaves by `TreeActions`. After each event its machines run until none
 * of them has a transition left (IEEE 802.1D-2004 17.16). Then the actions are performed in a fixed order: ports
 * close, ports open, stations are forgotten, BPDUs leave. So there is no instant with a loop, and an agreement
 * leaves only when the ports that it vouches for are closed.
 *
 * Source: IEEE 802.1D-2004 clause 17; 802.1D-1998 clause 8 where the bridge speaks STP.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.SpanningTree = exports.Reception = exports.DEFAULT_TREE_SETTINGS = void 0;
const bpdu_1 = require("../wire/bpdu");
const bridge_detection_1 = require("./bridge-detection");
const machine_1 = require("./machine");
const port_information_1 = require("./port-information");
const port_receive_1 = require("./port-receive");
const port_transmit_1 = require("./port-transmit");
const priority_vector_1 = require("./priority-vector");
const protocol_migration_1 = require("./protocol-migration");
const role_selection_1 = require("./role-selection");
const role_transitions_1 = require("./role-transitions");
const state_transition_1 = require("./state-transition");
const topology_change_1 = require("./topology-change");
const tree_port_1 = require("./tree-port");
exports.DEFAULT_TREE_SETTINGS = {
    priority: 32_768,
    helloTime: 2,
    maxAge: 20,
    forwardDelay: 15,
};
/** What became of a BPDU. */
exports.Reception = {
    Taken: 0,
    /** The port filters BPDUs, or has no part in the tree. */
    Filtered: 1,
    /** It is the bridge's own, and came back on the port that sent it: the link is a loop. */
    Own: 2,
    /** BPDU guard has shut the port. */
    Guarded: 3,
};
/** BPDUs that a port may send in a second (TxHoldCount, table 17-1). */
const TX_HOLD_COUNT = 6;
/** Transitions of one port after which an event counts as endless. None that is known takes 40. */
const TRANSITIONS_MAX = 400;
class SpanningTree {
    settings;
    bridgeAddress;
    actions;
    ports = [];
    txHoldCount = TX_HOLD_COUNT;
    rootPriority = (0, priority_vector_1.newVector)();
    rootTimes;
    rootPort = undefined;
    topologyChange = false;
    /** Topology changes of which the bridge has told others. Several at once count as one. */
    topologyChangeCount = 0;
    /** Seconds since the last one began, or since the start. */
    topologyChangeAgo = 0;
    /** Port that detected the last one, or heard of it. */
    topologyChangePort = undefined;
    /** Whether the bridge tells others of a topology change. */
    isTelling = false;
    /** Events that were cut off because they did not come to rest. It stays 0. */
    endlessCount = 0;
    wasRoot = true;
    toldRoot = (0, priority_vector_1.newVector)();
    /** BPDUs that wait until ports are closed and opened. */
    outgoing = [];
    /**
     * @param bridgeAddress MAC of the bridge as a 48-bit number in network order
     */
    constructor(settings, bridgeAddress, actions) {
        this.settings = settings;
        this.bridgeAddress = bridgeAddress;
        this.actions = actions;
        this.rootTimes = { ...this.bridgeTimes };
        this.settle();
        (0, priority_vector_1.copyVector)(this.toldRoot, this.rootPriority);
    }
    get rstpVersion() {
        return this.settings.protocol === 'rstp';
    }
    get bridgePriority() {
        return this.settings.priority;
    }
    get bridgeTimes() {
        const { helloTime, maxAge, forwardDelay } = this.settings;
        return { messageAge: 0, helloTime, maxAge, forwardDelay };
    }
    /** Whether the bridge is the root. */
    get isRoot() {
        return this.rootPort === undefined;
    }
    port(id) {
        return this.ports.find((port) => port.id === id);
    }
    // Events --------------------------------------------------------------------------------------
    /** Changes settings. Another protocol starts everything anew; a priority selects roles anew (17.13). */
    configure(settings) {
        const isOtherProtocol = settings.protocol !== this.settings.protocol;
        this.settings = settings;
        if (isOtherProtocol)
            for (const port of this.ports)
                this.begin(port);
        this.reselect();
        this.settle();
    }
    /** Adds a port, whose link is down until `setLink`. */
    addPort(id, settings) {
        const port = new tree_port_1.TreePort(id, settings, this.bridgeTimes);
        this.ports.push(port);
        this.ports.sort((a, b) => a.settings.number - b.settings.number);
        this.begin(port);
        this.settle();
    }
    removePort(id) {
        const at = this.ports.findIndex((port) => port.id === id);
        if (at < 0)
            return;
        this.ports.splice(at, 1);
        this.reselect();
        this.settle();
    }
    /** Sets the settings that are given. A guard that is set anew or taken away opens a port that it has shut. */
    configurePort(id, given) {
        const port = this.port(id);
        if (port === undefined)
            return;
        const before = port.settings;
        port.settings = { ...before, ...given };
        if (before.bpduGuard !== port.settings.bpduGuard)
            port.isShut = false;
        if (before.adminEdge !== port.settings.adminEdge)
            this.changeEdge(port);
        if (before.bpduFilter !== port.settings.bpduFilter)
            port.edgeDelayWhile = 0;
        this.enable(port);
        this.reselect();
        this.settle();
    }
    /** Tells that the link of a port went up or down. A port that was shut is opened when its link comes up. */
    setLink(id, isUp) {
        this.setLinks([id], isUp);
    }
    /** Tells of several links that went up or down in one instant. */
    setLinks(ids, isUp) {
        for (const id of ids) {
            const port = this.port(id);
            if (port === undefined)
                continue;
            if (!isUp)
                port.isShut = false;
            port.isLinkUp = isUp;
            this.enable(port);
        }
        this.settle();
    }
    /** Takes a BPDU that was received. It is copied. */
    receive(id, bpdu) {
        const port = this.port(id);
        if (port === undefined || !port.portEnabled || port.settings.bpduFilter) {
            return exports.Reception.Filtered;
        }
        if (port.settings.bpduGuard) {
            this.shut(port);
            return exports.Reception.Guarded;
        }
        if (this.isOwn(port, bpdu))
            return exports.Reception.Own;
        Object.assign(port.message, bpdu);
        port.rcvdBpdu = true;
        this.settle();
        return exports.Reception.Taken;
    }
    /** A second has passed: Port Timers machine, 17.22. */
    tick() {
        this.topologyChangeAgo++;
        for (const port of this.ports)
            countDown(port);
        this.settle();
    }
    /** Has a port find out again whether its neighbour knows RSTP (mcheck, 17.19.13). */
    checkMigration(id) {
        const port = this.port(id);
        if (port === undefined || !this.rstpVersion)
            return;
        port.mcheck = true;
        this.settle();
    }
    // Procedures of the machines ------------------------------------------------------------------
    /** 17.21.19 (txConfig), 17.21.20 (txRstp), 17.21.21 (txTcn). */
    transmit(port, kind) {
        if (port.settings.bpduFilter)
            return;
        const bpdu = (0, bpdu_1.newBpdu)();
        (0, priority_vector_1.copyVector)(bpdu, port.designatedPriority);
        Object.assign(bpdu, port.designatedTimes);
        bpdu.role = bpdu_1.SenderRole.Designated;
        if (kind === 'tcn')
            bpdu.kind = bpdu_1.BpduKind.Tcn;
        if (kind === 'config')
            this.fillConfig(port, bpdu);
        if (kind === 'rst')
            fillRst(port, bpdu);
        this.outgoing.push({ port, bpdu });
    }
    fillConfig(port, bpdu) {
        bpdu.kind = bpdu_1.BpduKind.Config;
        const hasChange = this.rstpVersion ? port.tcWhile !== 0 : this.isChanging;
        if (hasChange)
            bpdu.flags |= bpdu_1.BpduFlag.TopologyChange;
        if (port.tcAck)
            bpdu.flags |= bpdu_1.BpduFlag.TopologyChangeAck;
    }
    /** 802.1D-1998 8.5.3.12: the root decides, and the others pass on what they hear from it. */
    get isChanging() {
        if (this.rootPort !== undefined)
            return this.rootPort.heardTc;
        return this.ports.some(({ tcWhile }) => tcWhile !== 0);
    }
    noteTopologyChange(port) {
        if (!this.isTelling)
            this.topologyChangePort = port.id;
    }
    // Running -------------------------------------------------------------------------------------
    /** BEGIN of a port (17.18.1). */
    begin(port) {
        (0, machine_1.enter)(port_receive_1.PORT_RECEIVE, 'DISCARD', port, this);
        (0, machine_1.enter)(protocol_migration_1.PROTOCOL_MIGRATION, 'CHECKING_RSTP', port, this);
        (0, machine_1.enter)(bridge_detection_1.BRIDGE_DETECTION, port.settings.adminEdge ? 'EDGE' : 'NOT_EDGE', port, this);
        (0, machine_1.enter)(port_transmit_1.PORT_TRANSMIT, 'TRANSMIT_INIT', port, this);
        (0, machine_1.enter)(port_information_1.PORT_INFORMATION, 'DISABLED', port, this);
        (0, machine_1.enter)(role_transitions_1.ROLE_TRANSITIONS, 'INIT_PORT', port, this);
        (0, machine_1.enter)(state_transition_1.STATE_TRANSITION, 'DISCARDING', port, this);
        (0, machine_1.enter)(topology_change_1.TOPOLOGY_CHANGE, 'INACTIVE', port, this);
        port.disputed = false;
    }
    enable(port) {
        port.portEnabled = port.isLinkUp && !port.isShut;
    }
    shut(port) {
        port.isShut = true;
        this.enable(port);
        this.settle();
        this.actions.shut(port.id);
    }
    /** A new AdminEdge counts at once where no bridge is heard, and not only when the link comes up. */
    changeEdge(port) {
        const isEdge = port.settings.adminEdge && port.infoIs !== 'received';
        (0, machine_1.enter)(bridge_detection_1.BRIDGE_DETECTION, isEdge ? 'EDGE' : 'NOT_EDGE', port, this);
    }
    reselect() {
        for (const port of this.ports) {
            port.reselect = true;
            port.selected = false;
        }
        // A bridge without ports has nobody to ask for it.
        if (this.ports.length === 0)
            selectRolesOfNone(this);
    }
    isOwn(port, { kind, bridgeAddress, portId }) {
        const isOfPort = ((portId ^ port.portId) & 0xfff) === 0;
        return kind !== bpdu_1.BpduKind.Tcn && bridgeAddress === this.bridgeAddress && isOfPort;
    }
    /** Runs the machines until they rest, and does what follows. */
    settle() {
        if (this.ports.length === 0)
            selectRolesOfNone(this);
        let left = TRANSITIONS_MAX * (this.ports.length + 1);
        while (left > 0 && this.runOnce())
            left--;
        if (left === 0)
            this.endlessCount++;
        this.runTopologyChange();
        this.noteRoot();
        this.applyStates();
        this.applyFlushes();
        for (const port of this.ports)
            while ((0, machine_1.step)(port_transmit_1.PORT_TRANSMIT, port, this))
                ;
        for (const { port, bpdu } of this.outgoing.splice(0))
            this.actions.transmit(port.id, bpdu);
    }
    /**
     * Gives each machine a chance, but for TCM and PTX, on which no other depends. They see what the others have come
     * to, and nothing in between: an edge that is unplugged is no edge for an instant before it has no role.
     * @returns whether one had a transition
     */
    runOnce() {
        let isMoving = (0, role_selection_1.selectRoles)(this);
        for (const port of this.ports) {
            if ((0, machine_1.step)(port_receive_1.PORT_RECEIVE, port, this))
                isMoving = true;
            if ((0, machine_1.step)(protocol_migration_1.PROTOCOL_MIGRATION, port, this))
                isMoving = true;
            if ((0, machine_1.step)(port_information_1.PORT_INFORMATION, port, this))
                isMoving = true;
            if ((0, machine_1.step)(bridge_detection_1.BRIDGE_DETECTION, port, this))
                isMoving = true;
            if ((0, machine_1.step)(role_transitions_1.ROLE_TRANSITIONS, port, this))
                isMoving = true;
            if ((0, machine_1.step)(state_transition_1.STATE_TRANSITION, port, this))
                isMoving = true;
        }
        return isMoving;
    }
    runTopologyChange() {
        let isMoving = true;
        while (isMoving) {
            isMoving = false;
            for (const port of this.ports)
                if ((0, machine_1.step)(topology_change_1.TOPOLOGY_CHANGE, port, this))
                    isMoving = true;
        }
    }
    noteRoot() {
        // The bridge that becomes root tells of a topology change: 802.1D-1998 8.6.9.
        if (this.isRoot && !this.wasRoot && !this.rstpVersion) {
            for (const port of this.ports)
                if (port.role === 'designated')
                    (0, topology_change_1.newTcWhile)(port, this);
        }
        this.wasRoot = this.isRoot;
        this.noteChange();
        const { rootPriority: root, toldRoot } = this;
        const isSame = root.rootAddress === toldRoot.rootAddress && root.rootPriority === toldRoot.rootPriority;
        (0, priority_vector_1.copyVector)(toldRoot, root);
        if (!isSame)
            this.actions.rootChanged();
    }
    noteChange() {
        const isOn = !this.rstpVersion && this.isChanging;
        const isTelling = isOn || this.ports.some(({ tcWhile }) => tcWhile !== 0);
        if (isTelling && !this.isTelling) {
            this.topologyChangeCount++;
            this.topologyChangeAgo = 0;
            this.actions.topologyChanged();
        }
        this.isTelling = isTelling;
        if (isOn === this.topologyChange)
            return;
        this.topologyChange = isOn;
        this.actions.topologyChangeIs(isOn, this.rootTimes.forwardDelay);
    }
    /** Closes ports, and then opens others. */
    applyStates() {
        for (const port of this.ports)
            if (rank(port.state) < rank(port.toldState))
                this.tell(port);
        for (const port of this.ports)
            if (rank(port.state) > rank(port.toldState))
                this.tell(port);
        for (const port of this.ports) {
            if (port.role === port.toldRole)
                continue;
            port.toldRole = port.role;
            this.actions.roleChanged(port.id, port.role);
        }
    }
    tell(port) {
        port.toldState = port.state;
        this.actions.setState(port.id, port.state);
    }
    applyFlushes() {
        for (const port of this.ports) {
            if (port.fdbFlush && this.rstpVersion)
                this.actions.flush(port.id);
            port.fdbFlush = false;
        }
    }
}
exports.SpanningTree = SpanningTree;
/** Order of states from closed to open; a port that was never told of is open. */
const RANKS = ['disabled', 'discarding', 'learning', 'forwarding'];
function rank(state) {
    return state === undefined ? RANKS.length : RANKS.indexOf(state);
}
function selectRolesOfNone(tree) {
    tree.rootPort = undefined;
    const { rootPriority: root, bridgePriority, bridgeAddress } = tree;
    root.rootPriority = root.bridgePriority = bridgePriority;
    root.rootAddress = root.bridgeAddress = bridgeAddress;
    root.cost = root.portId = 0;
}
/** 17.21.20. */
function fillRst(port, bpdu) {
    bpdu.kind = bpdu_1.BpduKind.Rst;
    bpdu.role = senderRole(port.role);
    bpdu.flags =
        (port.agree ? bpdu_1.BpduFlag.Agreement : 0) |
            (port.proposing ? bpdu_1.BpduFlag.Proposal : 0) |
            (port.tcWhile !== 0 ? bpdu_1.BpduFlag.TopologyChange : 0) |
            (port.learning ? bpdu_1.BpduFlag.Learning : 0) |
            (port.forwarding ? bpdu_1.BpduFlag.Forwarding : 0);
}
function senderRole(role) {
    if (role === 'root')
        return bpdu_1.SenderRole.Root;
    return role === 'designated' ? bpdu_1.SenderRole.Designated : bpdu_1.SenderRole.AlternateOrBackup;
}
function countDown(port) {
    port.edgeDelayWhile = less(port.edgeDelayWhile);
    port.fdWhile = less(port.fdWhile);
    port.helloWhen = less(port.helloWhen);
    port.mdelayWhile = less(port.mdelayWhile);
    port.rbWhile = less(port.rbWhile);
    port.rcvdInfoWhile = less(port.rcvdInfoWhile);
    port.rrWhile = less(port.rrWhile);
    port.tcWhile = less(port.tcWhile);
    port.txCount = less(port.txCount);
}
function less(seconds) {
    return seconds > 0 ? seconds - 1 : 0;
}
