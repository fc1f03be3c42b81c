"use strict";
/** Bridge Detection machine, BDM: IEEE 802.1D-2004 17.25. It finds out whether a port is an edge of the network. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BRIDGE_DETECTION = void 0;
exports.BRIDGE_DETECTION = {
    stateOf: (port) => port.bdm,
    setState: (port, state) => (port.bdm = state),
    next: (port) => {
        const { adminEdge, autoEdge } = port.settings;
        if (port.bdm === 'EDGE') {
            return (!port.portEnabled && !adminEdge) || !port.operEdge ? 'NOT_EDGE' : undefined;
        }
        const isAlone = port.edgeDelayWhile === 0 && autoEdge && port.sendRstp && port.proposing;
        return (!port.portEnabled && adminEdge) || isAlone ? 'EDGE' : undefined;
    },
    enter: {
        EDGE: (port) => {
            port.operEdge = true;
        },
        NOT_EDGE: (port) => {
            port.operEdge = false;
        },
    },
};
