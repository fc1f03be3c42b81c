"use strict";
/**
 * Port Role Transitions machine, PRT: IEEE 802.1D-2004 17.29. Its states are those of four figures, one for each
 * role.
 *
 * Departure: with STP, a port that comes up listens for one forward delay (802.1D-1998 8.4), and not for max age.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ROLE_TRANSITIONS = void 0;
const tree_view_1 = require("./tree-view");
exports.ROLE_TRANSITIONS = {
    stateOf: (port) => port.prt,
    setState: (port, state) => (port.prt = state),
    next: (port, tree) => {
        if (port.prt === 'INIT_PORT')
            return 'DISABLE_PORT';
        if (port.selected && !port.updtInfo && port.role !== port.selectedRole)
            return entryOf(port);
        switch (port.prt) {
            case 'DISABLE_PORT':
                return isStill(port) ? 'DISABLED_PORT' : undefined;
            case 'DISABLED_PORT':
                return isSettled(port) ? afterDisabled(port, tree) : undefined;
            case 'ROOT_PORT':
                return isSettled(port) ? afterRoot(port, tree) : undefined;
            case 'DESIGNATED_PORT':
                return isSettled(port) ? afterDesignated(port) : undefined;
            case 'ALTERNATE_PORT':
                return isSettled(port) ? afterAlternate(port, tree) : undefined;
            case 'BLOCK_PORT':
                return isStill(port) ? 'ALTERNATE_PORT' : undefined;
            default:
                return homeOf(port);
        }
    },
    enter: {
        // Figure 17-20: disabled port.
        INIT_PORT: (port, tree) => {
            port.role = 'disabled';
            port.learn = port.forward = false;
            port.synced = false;
            port.sync = port.reRoot = true;
            port.rrWhile = port.designatedTimes.forwardDelay;
            port.fdWhile = listeningTime(port, tree);
            port.rbWhile = 0;
        },
        DISABLE_PORT: (port) => {
            port.role = 'disabled';
            port.learn = port.forward = false;
        },
        DISABLED_PORT: (port, tree) => {
            port.fdWhile = listeningTime(port, tree);
            retire(port);
        },
        // Figure 17-21: root port.
        ROOT_PORT: (port) => {
            port.role = 'root';
            port.rrWhile = port.designatedTimes.forwardDelay;
        },
        REROOT: (_, tree) => {
            for (const each of tree.ports)
                each.reRoot = true;
        },
        ROOT_AGREED: (port) => {
            port.proposed = port.sync = false;
            port.agree = port.newInfo = true;
        },
        ROOT_PROPOSED: setSyncTree,
        ROOT_FORWARD: (port) => {
            port.fdWhile = 0;
            port.forward = true;
        },
        ROOT_LEARN: (port) => {
            port.fdWhile = (0, tree_view_1.forwardDelay)(port);
            port.learn = true;
        },
        REROOTED: (port) => {
            port.reRoot = false;
        },
        // Figure 17-22: designated port.
        DESIGNATED_PORT: (port) => {
            port.role = 'designated';
        },
        DESIGNATED_RETIRED: (port) => {
            port.reRoot = false;
        },
        DESIGNATED_SYNCED: (port) => {
            port.rrWhile = 0;
            port.synced = true;
            port.sync = false;
        },
        DESIGNATED_PROPOSE: (port) => {
            port.proposing = true;
            port.edgeDelayWhile = edgeDelay(port);
            port.newInfo = true;
        },
        DESIGNATED_FORWARD: (port) => {
            port.forward = true;
            port.fdWhile = 0;
            port.agreed = port.sendRstp;
        },
        DESIGNATED_LEARN: (port) => {
            port.learn = true;
            port.fdWhile = (0, tree_view_1.forwardDelay)(port);
        },
        DESIGNATED_DISCARD: (port) => {
            port.learn = port.forward = port.disputed = false;
            port.fdWhile = (0, tree_view_1.forwardDelay)(port);
        },
        // Figure 17-23: alternate and backup port.
        ALTERNATE_PORT: (port) => {
            port.fdWhile = (0, tree_view_1.forwardDelay)(port);
            retire(port);
        },
        ALTERNATE_AGREED: (port) => {
            port.proposed = false;
            port.agree = port.newInfo = true;
        },
        ALTERNATE_PROPOSED: setSyncTree,
        BLOCK_PORT: (port) => {
            port.role = port.selectedRole;
            port.learn = port.forward = false;
        },
        BACKUP_PORT: (port) => {
            port.rbWhile = 2 * port.designatedTimes.helloTime;
        },
    },
};
// Conditions ------------------------------------------------------------------------------------
/** The first state of the role that was selected. */
function entryOf(port) {
    switch (port.selectedRole) {
        case 'root':
            return 'ROOT_PORT';
        case 'designated':
            return 'DESIGNATED_PORT';
        case 'disabled':
            return 'DISABLE_PORT';
        default:
            return 'BLOCK_PORT';
    }
}
/** The state to which those with actions only lead back. */
function homeOf(port) {
    if (port.role === 'root')
        return 'ROOT_PORT';
    return port.role === 'designated' ? 'DESIGNATED_PORT' : 'ALTERNATE_PORT';
}
function isSettled(port) {
    return port.selected && !port.updtInfo;
}
function isStill(port) {
    return isSettled(port) && !port.learning && !port.forwarding;
}
function afterDisabled(port, tree) {
    const isDirty = port.sync || port.reRoot || !port.synced;
    return port.fdWhile !== listeningTime(port, tree) || isDirty ? 'DISABLED_PORT' : undefined;
}
function afterRoot(port, tree) {
    if (port.rrWhile !== port.designatedTimes.forwardDelay)
        return 'ROOT_PORT';
    if (port.reRoot && port.forward)
        return 'REROOTED';
    const isRapid = tree.rstpVersion && port.rbWhile === 0 && isReRooted(port, tree);
    if ((port.fdWhile === 0 || isRapid) && !port.forward) {
        return port.learn ? 'ROOT_FORWARD' : 'ROOT_LEARN';
    }
    if (port.proposed && !port.agree)
        return 'ROOT_PROPOSED';
    if ((port.proposed && port.agree) || (!port.agree && isAllSynced(tree)))
        return 'ROOT_AGREED';
    return !port.forward && !port.reRoot ? 'REROOT' : undefined;
}
function afterDesignated(port) {
    const { operEdge, reRoot, rrWhile, sync, synced } = port;
    const mustStop = (sync && !synced) || (reRoot && rrWhile !== 0) || port.disputed;
    if (mustStop && !operEdge && (port.learn || port.forward))
        return 'DESIGNATED_DISCARD';
    const mayGoOn = port.fdWhile === 0 || port.agreed || operEdge;
    if (mayGoOn && (rrWhile === 0 || !reRoot) && !sync && !port.forward) {
        return port.learn ? 'DESIGNATED_FORWARD' : 'DESIGNATED_LEARN';
    }
    if (!port.forward && !port.agreed && !port.proposing && !operEdge)
        return 'DESIGNATED_PROPOSE';
    const isStopped = !port.learning && !port.forwarding;
    if (!synced && (isStopped || port.agreed || operEdge))
        return 'DESIGNATED_SYNCED';
    if (sync && synced)
        return 'DESIGNATED_SYNCED';
    return rrWhile === 0 && reRoot ? 'DESIGNATED_RETIRED' : undefined;
}
function afterAlternate(port, tree) {
    const isBackup = port.role === 'backup';
    if (isBackup && port.rbWhile !== 2 * port.designatedTimes.helloTime)
        return 'BACKUP_PORT';
    const isDirty = port.sync || port.reRoot || !port.synced;
    if (port.fdWhile !== (0, tree_view_1.forwardDelay)(port) || isDirty)
        return 'ALTERNATE_PORT';
    if (port.proposed && !port.agree)
        return 'ALTERNATE_PROPOSED';
    const mustAgree = (port.proposed && port.agree) || (!port.agree && isAllSynced(tree));
    return mustAgree ? 'ALTERNATE_AGREED' : undefined;
}
/** 17.20.10: no other port was root port lately. */
function isReRooted(port, tree) {
    return tree.ports.every((other) => other === port || other.rrWhile === 0);
}
/** 17.20.3. */
function isAllSynced(tree) {
    return tree.ports.every((port) => port.selected && port.role === port.selectedRole && (port.role === 'root' || port.synced));
}
// Actions ---------------------------------------------------------------------------------------
function retire(port) {
    port.synced = true;
    port.rrWhile = 0;
    port.sync = port.reRoot = false;
}
/** 17.21.15, for a port that was proposed to. */
function setSyncTree(port, tree) {
    for (const each of tree.ports)
        each.sync = true;
    port.proposed = false;
}
function listeningTime(port, tree) {
    const { maxAge, forwardDelay: delay } = port.designatedTimes;
    return tree.rstpVersion ? maxAge : delay;
}
/** 17.20.4. */
function edgeDelay(port) {
    return port.settings.pointToPoint ? tree_view_1.MIGRATE_TIME : port.designatedTimes.maxAge;
}
