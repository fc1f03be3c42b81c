"use strict";
/** Port Protocol Migration machine, PPM: IEEE 802.1D-2004 17.24. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PROTOCOL_MIGRATION = void 0;
const tree_view_1 = require("./tree-view");
exports.PROTOCOL_MIGRATION = {
    stateOf: (port) => port.ppm,
    setState: (port, state) => (port.ppm = state),
    next: (port, tree) => {
        switch (port.ppm) {
            case 'CHECKING_RSTP':
                if (port.mdelayWhile === 0)
                    return 'SENSING';
                return port.mdelayWhile !== tree_view_1.MIGRATE_TIME && !port.portEnabled ? 'CHECKING_RSTP' : undefined;
            case 'SELECTING_STP':
                return port.mdelayWhile === 0 || !port.portEnabled || port.mcheck ? 'SENSING' : undefined;
            case 'SENSING': {
                const hearsRstp = tree.rstpVersion && !port.sendRstp && port.rcvdRstp;
                if (!port.portEnabled || port.mcheck || hearsRstp)
                    return 'CHECKING_RSTP';
                return port.sendRstp && port.rcvdStp ? 'SELECTING_STP' : undefined;
            }
        }
    },
    enter: {
        CHECKING_RSTP: (port, tree) => {
            port.mcheck = false;
            port.sendRstp = tree.rstpVersion;
            port.mdelayWhile = tree_view_1.MIGRATE_TIME;
        },
        SELECTING_STP: (port) => {
            port.sendRstp = false;
            port.mdelayWhile = tree_view_1.MIGRATE_TIME;
        },
        SENSING: (port) => {
            port.rcvdRstp = port.rcvdStp = false;
        },
    },
};
