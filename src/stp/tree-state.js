"use strict";
/** State of a spanning tree for people and programs: what `tapctl stp show` prints. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TREE_STATES = void 0;
exports.treeState = treeState;
exports.stateWord = stateWord;
exports.rootId = rootId;
/** States in the words of the protocol: STP has two for a port that discards. */
exports.TREE_STATES = [
    'disabled',
    'discarding',
    'blocking',
    'listening',
    'learning',
    'forwarding',
];
function treeState(tree) {
    const { bridgeAddress, bridgePriority, rootPriority, rootPort, rootTimes } = tree;
    const { helloTime, maxAge, forwardDelay } = rootTimes;
    const { topologyChangePort } = tree;
    return {
        protocol: tree.rstpVersion ? 'rstp' : 'stp',
        bridgeId: bridgeId(bridgePriority, bridgeAddress),
        rootId: rootId(rootPriority),
        rootCost: rootPriority.cost,
        ...(rootPort !== undefined && { rootPort: rootPort.id }),
        ...{ helloTime, maxAge, forwardDelay },
        topologyChanges: tree.topologyChangeCount,
        lastChangeAgo: tree.topologyChangeAgo,
        ...(topologyChangePort !== undefined && { lastChangePort: topologyChangePort }),
        ports: tree.ports.map((port) => portState(port, tree)),
    };
}
function portState(port, tree) {
    const { portPriority } = port;
    return {
        port: port.id,
        portId: hex16(port.portId),
        role: port.role,
        state: stateWord(port, tree),
        cost: port.settings.cost,
        isEdge: port.operEdge,
        isShut: port.isShut,
        speaks: port.sendRstp ? 'rstp' : 'stp',
        designatedBridge: bridgeId(portPriority.bridgePriority, portPriority.bridgeAddress),
        designatedPort: hex16(portPriority.portId),
        designatedCost: portPriority.cost,
    };
}
/** State of a port in the words of the protocol that the bridge speaks. */
function stateWord({ role, state }, tree) {
    if (state !== 'discarding' || tree.rstpVersion)
        return state;
    return role === 'root' || role === 'designated' ? 'listening' : 'blocking';
}
function rootId({ rootPriority, rootAddress }) {
    return bridgeId(rootPriority, rootAddress);
}
function bridgeId(priority, address) {
    return `${hex16(priority)}.${address.toString(16).padStart(12, '0')}`;
}
function hex16(value) {
    return value.toString(16).padStart(4, '0');
}
