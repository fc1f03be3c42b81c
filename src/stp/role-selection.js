"use strict";
/**
 * Port Role Selection machine, PRS: IEEE 802.1D-2004 17.28. It is the one machine of the bridge as a whole. Its
 * state INIT_BRIDGE is left at once, so that only ROLE_SELECTION is here.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.selectRoles = selectRoles;
const priority_vector_1 = require("./priority-vector");
/** Selects roles where a port asks for it. @returns whether one did */
function selectRoles(tree) {
    if (!tree.ports.some(({ reselect }) => reselect))
        return false;
    for (const port of tree.ports)
        port.reselect = false;
    updtRolesTree(tree);
    for (const port of tree.ports)
        port.selected = true;
    return true;
}
/** 17.21.25. */
function updtRolesTree(tree) {
    const { rootPriority, rootTimes, bridgePriority, bridgeAddress } = tree;
    (0, priority_vector_1.copyVector)(rootPriority, ownVector(tree));
    (0, priority_vector_1.copyTimes)(rootTimes, tree.bridgeTimes);
    tree.rootPort = undefined;
    const candidate = (0, priority_vector_1.newVector)();
    for (const port of tree.ports) {
        if (!mayBeRoot(port, tree))
            continue;
        (0, priority_vector_1.copyVector)(candidate, port.portPriority);
        candidate.cost = (0, priority_vector_1.addCost)(candidate.cost, port.settings.cost);
        const compared = (0, priority_vector_1.compareVectors)(candidate, rootPriority);
        const isBetter = compared < 0 || (compared === 0 && isLower(port, tree.rootPort));
        if (!isBetter)
            continue;
        (0, priority_vector_1.copyVector)(rootPriority, candidate);
        (0, priority_vector_1.copyTimes)(rootTimes, port.portTimes);
        rootTimes.messageAge++;
        tree.rootPort = port;
    }
    for (const port of tree.ports) {
        const designated = port.designatedPriority;
        designated.rootPriority = rootPriority.rootPriority;
        designated.rootAddress = rootPriority.rootAddress;
        designated.cost = rootPriority.cost;
        designated.bridgePriority = bridgePriority;
        designated.bridgeAddress = bridgeAddress;
        designated.portId = port.portId;
        (0, priority_vector_1.copyTimes)(port.designatedTimes, rootTimes);
        // With STP, the hello time of the root is used by all; with RSTP, each bridge has its own.
        if (tree.rstpVersion)
            port.designatedTimes.helloTime = tree.bridgeTimes.helloTime;
        port.selectedRole = roleOf(port, tree);
    }
}
/** The vector of the bridge as its own root. */
function ownVector({ bridgePriority, bridgeAddress }) {
    const id = { rootPriority: bridgePriority, rootAddress: bridgeAddress };
    return { ...id, cost: 0, bridgePriority, bridgeAddress, portId: 0 };
}
function mayBeRoot(port, tree) {
    if (port.infoIs !== 'received' || port.settings.rootGuard)
        return false;
    return port.portPriority.bridgeAddress !== tree.bridgeAddress;
}
/** The identifier of the receiving port decides last (17.6). */
function isLower(port, other) {
    return other !== undefined && port.portId < other.portId;
}
/** Letters f to l of 17.21.25. */
function roleOf(port, tree) {
    switch (port.infoIs) {
        case 'disabled':
            return 'disabled';
        case 'aged':
            port.updtInfo = true;
            return 'designated';
        case 'mine':
            port.updtInfo ||=
                (0, priority_vector_1.compareVectors)(port.portPriority, port.designatedPriority) !== 0 ||
                    !(0, priority_vector_1.areTimesEqual)(port.portTimes, port.designatedTimes);
            return 'designated';
        case 'received':
            break;
    }
    port.updtInfo = false;
    if (port === tree.rootPort)
        return 'root';
    if ((0, priority_vector_1.compareVectors)(port.designatedPriority, port.portPriority) < 0) {
        port.updtInfo = true;
        return 'designated';
    }
    return port.portPriority.bridgeAddress === tree.bridgeAddress ? 'backup' : 'alternate';
}
