"use strict";
/** Port Receive machine, PRX: IEEE 802.1D-2004 17.23. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PORT_RECEIVE = void 0;
const bpdu_1 = require("../wire/bpdu");
const tree_view_1 = require("./tree-view");
exports.PORT_RECEIVE = {
    stateOf: (port) => port.prx,
    setState: (port, state) => (port.prx = state),
    next: (port) => {
        const isStale = port.rcvdBpdu || port.edgeDelayWhile !== tree_view_1.MIGRATE_TIME;
        if (isStale && !port.portEnabled)
            return 'DISCARD';
        if (!port.rcvdBpdu || !port.portEnabled)
            return undefined;
        return port.prx === 'DISCARD' || !port.rcvdMsg ? 'RECEIVE' : undefined;
    },
    enter: {
        DISCARD: (port) => {
            port.rcvdBpdu = port.rcvdRstp = port.rcvdStp = false;
            port.rcvdMsg = false;
            port.edgeDelayWhile = tree_view_1.MIGRATE_TIME;
        },
        RECEIVE: (port) => {
            updtBpduVersion(port);
            port.operEdge = port.rcvdBpdu = false;
            port.rcvdMsg = true;
            port.edgeDelayWhile = tree_view_1.MIGRATE_TIME;
        },
    },
};
/** 17.21.22. */
function updtBpduVersion(port) {
    port.rcvdRstp = port.message.kind === bpdu_1.BpduKind.Rst;
    port.rcvdStp = !port.rcvdRstp;
}
