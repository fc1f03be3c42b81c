"use strict";
/**
 * Port Information machine, PIM: IEEE 802.1D-2004 17.27, with the corrections of 802.1Q-2008:
 * - recordDispute clears `agreed` where 802.1D-2004 sets it, which opens a loop on a one-way link.
 * - An agreement counts in superior and repeated messages too, and `synced` lasts only as long as `agreed`.
 * - A TCN BPDU is other information, and its flag is recorded there.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PORT_INFORMATION = void 0;
const bpdu_1 = require("../wire/bpdu");
const priority_vector_1 = require("./priority-vector");
const AFTER_RECEIVE = {
    'superior-designated': 'SUPERIOR_DESIGNATED',
    'repeated-designated': 'REPEATED_DESIGNATED',
    'inferior-designated': 'INFERIOR_DESIGNATED',
    'inferior-root-alternate': 'NOT_DESIGNATED',
    other: 'OTHER',
};
/** Hello times for which received information lives (17.21.23). */
const HELLOS_OF_LIFE = 3;
exports.PORT_INFORMATION = {
    stateOf: (port) => port.pim,
    setState: (port, state) => (port.pim = state),
    next: (port) => {
        if (!port.portEnabled && port.infoIs !== 'disabled')
            return 'DISABLED';
        switch (port.pim) {
            case 'DISABLED':
                if (port.portEnabled)
                    return 'AGED';
                return port.rcvdMsg ? 'DISABLED' : undefined;
            case 'AGED':
                return port.selected && port.updtInfo ? 'UPDATE' : undefined;
            case 'CURRENT':
                return afterCurrent(port);
            case 'RECEIVE':
                return AFTER_RECEIVE[port.rcvdInfo];
            default:
                return 'CURRENT';
        }
    },
    enter: {
        DISABLED: (port) => {
            port.rcvdMsg = false;
            port.proposing = port.proposed = port.agree = port.agreed = false;
            port.rcvdInfoWhile = 0;
            port.infoIs = 'disabled';
            reselect(port);
        },
        AGED: (port) => {
            port.infoIs = 'aged';
            reselect(port);
        },
        UPDATE: update,
        CURRENT: () => undefined,
        RECEIVE: (port) => {
            port.rcvdInfo = rcvInfo(port);
        },
        SUPERIOR_DESIGNATED: superiorDesignated,
        REPEATED_DESIGNATED: (port, tree) => {
            recordProposal(port);
            setTcFlags(port);
            recordAgreement(port, tree);
            updtRcvdInfoWhile(port, tree);
            port.rcvdMsg = false;
        },
        INFERIOR_DESIGNATED: (port) => {
            recordDispute(port);
            port.rcvdMsg = false;
        },
        NOT_DESIGNATED: (port, tree) => {
            recordAgreement(port, tree);
            setTcFlags(port);
            port.rcvdMsg = false;
        },
        OTHER: (port) => {
            if (port.message.kind === bpdu_1.BpduKind.Tcn)
                setTcFlags(port);
            port.rcvdMsg = false;
        },
    },
};
function afterCurrent(port) {
    if (port.rcvdMsg && !port.updtInfo)
        return 'RECEIVE';
    if (port.selected && port.updtInfo)
        return 'UPDATE';
    const isOver = port.infoIs === 'received' && port.rcvdInfoWhile === 0;
    return isOver && !port.updtInfo && !port.rcvdMsg ? 'AGED' : undefined;
}
function reselect(port) {
    port.reselect = true;
    port.selected = false;
}
function update(port) {
    port.proposing = port.proposed = false;
    // betterorsameInfo (17.21.1) of information that was the port's own before.
    const isNoWorse = (0, priority_vector_1.compareVectors)(port.designatedPriority, port.portPriority) <= 0;
    port.agreed = port.agreed && port.infoIs === 'mine' && isNoWorse;
    port.synced = port.synced && port.agreed;
    (0, priority_vector_1.copyVector)(port.portPriority, port.designatedPriority);
    (0, priority_vector_1.copyTimes)(port.portTimes, port.designatedTimes);
    port.updtInfo = false;
    port.infoIs = 'mine';
    port.newInfo = true;
}
function superiorDesignated(port, tree) {
    port.agreed = port.proposing = false;
    recordProposal(port);
    setTcFlags(port);
    const isNoWorse = (0, priority_vector_1.compareVectors)(port.message, port.portPriority) <= 0;
    port.agree = port.agree && port.infoIs === 'received' && isNoWorse;
    recordAgreement(port, tree);
    port.synced = port.synced && port.agreed;
    (0, priority_vector_1.copyVector)(port.portPriority, port.message);
    (0, priority_vector_1.copyTimes)(port.portTimes, port.message);
    updtRcvdInfoWhile(port, tree);
    port.infoIs = 'received';
    reselect(port);
    port.rcvdMsg = false;
}
/** 17.21.8. A Configuration BPDU conveys the role of a designated port. */
function rcvInfo(port) {
    const { message, portPriority } = port;
    if (message.kind === bpdu_1.BpduKind.Tcn)
        return 'other';
    const compared = (0, priority_vector_1.compareVectors)(message, portPriority);
    if (message.role === bpdu_1.SenderRole.Designated) {
        if (compared === 0 && (0, priority_vector_1.areTimesEqual)(message, port.portTimes))
            return 'repeated-designated';
        const isSuperior = compared <= 0 || (0, priority_vector_1.isSameSender)(message, portPriority);
        return isSuperior ? 'superior-designated' : 'inferior-designated';
    }
    return compared >= 0 ? 'inferior-root-alternate' : 'other';
}
/** 17.21.9. */
function recordAgreement(port, tree) {
    const agrees = (port.message.flags & bpdu_1.BpduFlag.Agreement) !== 0;
    port.agreed = agrees && tree.rstpVersion && port.settings.pointToPoint;
    if (port.agreed)
        port.proposing = false;
}
/** 802.1Q-2008, recordDispute. */
function recordDispute(port) {
    if ((port.message.flags & bpdu_1.BpduFlag.Learning) === 0)
        return;
    port.disputed = true;
    port.agreed = false;
}
/** 17.21.11. */
function recordProposal(port) {
    if ((port.message.flags & bpdu_1.BpduFlag.Proposal) !== 0)
        port.proposed = true;
}
/** 17.21.17, and restrictedTcn (17.19.30 of 802.1Q). */
function setTcFlags(port) {
    const { flags, kind } = port.message;
    port.heardTc = kind !== bpdu_1.BpduKind.Tcn && (flags & bpdu_1.BpduFlag.TopologyChange) !== 0;
    if ((flags & bpdu_1.BpduFlag.TopologyChangeAck) !== 0)
        port.rcvdTcAck = true;
    if (port.settings.tcnGuard)
        return;
    if (port.heardTc)
        port.rcvdTc = true;
    if (kind === bpdu_1.BpduKind.Tcn)
        port.rcvdTcn = true;
}
/** 17.21.23. With STP, information lives until its age reaches max age: 802.1D-1998 8.6.2. */
function updtRcvdInfoWhile(port, tree) {
    const { messageAge, maxAge, helloTime } = port.portTimes;
    const life = tree.rstpVersion ? HELLOS_OF_LIFE * helloTime : maxAge - messageAge;
    port.rcvdInfoWhile = messageAge + 1 <= maxAge ? life : 0;
}
