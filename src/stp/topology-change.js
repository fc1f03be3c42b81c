"use strict";
/**
 * Topology Change machine, TCM: IEEE 802.1D-2004 17.31.
 *
 * Departure: a bridge with STP passes on the flag that it hears from the root, as 802.1D-1998 8.6.14 has it. Its
 * designated ports need no `tcWhile` for that unless the bridge is the root.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TOPOLOGY_CHANGE = void 0;
exports.newTcWhile = newTcWhile;
exports.TOPOLOGY_CHANGE = {
    stateOf: (port) => port.tcm,
    setState: (port, state) => (port.tcm = state),
    next: (port) => {
        switch (port.tcm) {
            case 'INACTIVE':
                return port.learn ? 'LEARNING' : undefined;
            case 'LEARNING':
                return afterLearning(port);
            case 'ACTIVE':
                return afterActive(port);
            case 'NOTIFIED_TCN':
                return 'NOTIFIED_TC';
            default:
                return 'ACTIVE';
        }
    },
    enter: {
        INACTIVE: (port) => {
            port.fdbFlush = true;
            port.tcWhile = 0;
            port.tcAck = false;
        },
        LEARNING: (port) => {
            port.rcvdTc = port.rcvdTcn = port.rcvdTcAck = false;
            port.tcProp = false;
        },
        DETECTED: (port, tree) => {
            newTcWhile(port, tree);
            setTcPropTree(port, tree);
            port.newInfo = true;
            tree.noteTopologyChange(port);
        },
        ACTIVE: () => undefined,
        ACKNOWLEDGED: (port) => {
            port.tcWhile = 0;
            port.rcvdTcAck = false;
        },
        PROPAGATING: (port, tree) => {
            newTcWhile(port, tree);
            port.fdbFlush = true;
            port.tcProp = false;
        },
        NOTIFIED_TC: (port, tree) => {
            if (port.role === 'designated' && port.rcvdTcn)
                port.tcAck = true;
            port.rcvdTcn = port.rcvdTc = false;
            setTcPropTree(port, tree);
            tree.noteTopologyChange(port);
        },
        NOTIFIED_TCN: newTcWhile,
    },
};
function afterLearning(port) {
    const hasHeard = port.rcvdTc || port.rcvdTcn || port.rcvdTcAck || port.tcProp;
    if (hasHeard)
        return 'LEARNING';
    if (isActive(port))
        return port.forward && !port.operEdge ? 'DETECTED' : undefined;
    return port.learn || port.learning ? undefined : 'INACTIVE';
}
function afterActive(port) {
    if (!isActive(port) || port.operEdge)
        return 'LEARNING';
    if (port.rcvdTcn)
        return 'NOTIFIED_TCN';
    if (port.rcvdTc)
        return 'NOTIFIED_TC';
    if (port.tcProp)
        return 'PROPAGATING';
    return port.rcvdTcAck ? 'ACKNOWLEDGED' : undefined;
}
function isActive({ role }) {
    return role === 'root' || role === 'designated';
}
/** 17.21.7; with STP, the port tells of the change at once too (802.1D-1998 8.6.6). */
function newTcWhile(port, tree) {
    if (port.tcWhile !== 0)
        return;
    const isRelay = !tree.rstpVersion && port.role === 'designated' && tree.rootPort !== undefined;
    if (isRelay)
        return;
    const { maxAge, forwardDelay } = tree.rootTimes;
    port.tcWhile = port.sendRstp ? port.designatedTimes.helloTime + 1 : maxAge + forwardDelay;
    port.newInfo = true;
}
/** 17.21.18: every other port tells of the change. */
function setTcPropTree(port, tree) {
    for (const other of tree.ports)
        if (other !== port)
            other.tcProp = true;
}
