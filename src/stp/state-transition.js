"use strict";
/**
 * Port State Transition machine, PST: IEEE 802.1D-2004 17.30. It does not change the ports of the bridge itself:
 * the tree does that when its machines have come to rest, and closes ports before it opens others.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.STATE_TRANSITION = void 0;
exports.STATE_TRANSITION = {
    stateOf: (port) => port.pst,
    setState: (port, state) => (port.pst = state),
    next: (port) => {
        switch (port.pst) {
            case 'DISCARDING':
                return port.learn ? 'LEARNING' : undefined;
            case 'LEARNING':
                if (!port.learn)
                    return 'DISCARDING';
                return port.forward ? 'FORWARDING' : undefined;
            case 'FORWARDING':
                return port.forward ? undefined : 'DISCARDING';
        }
    },
    enter: {
        DISCARDING: (port) => {
            port.learning = port.forwarding = false;
        },
        LEARNING: (port) => {
            port.learning = true;
        },
        FORWARDING: (port) => {
            port.forwarding = true;
        },
    },
};
