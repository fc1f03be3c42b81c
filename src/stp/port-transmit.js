"use strict";
/**
 * Port Transmit machine, PTX: IEEE 802.1D-2004 17.26.
 *
 * Departure: a root port that speaks STP sends a TCN BPDU while it tells of a topology change only. By the figure,
 * new information of any kind would have it claim a change that is none.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PORT_TRANSMIT = void 0;
exports.PORT_TRANSMIT = {
    stateOf: (port) => port.ptx,
    setState: (port, state) => (port.ptx = state),
    next: (port, tree) => {
        if (port.ptx !== 'IDLE')
            return 'IDLE';
        if (port.role === 'disabled' || !port.selected || port.updtInfo)
            return undefined;
        if (port.helloWhen === 0)
            return 'TRANSMIT_PERIODIC';
        if (!port.newInfo || port.txCount >= tree.txHoldCount)
            return undefined;
        if (port.sendRstp)
            return 'TRANSMIT_RSTP';
        if (port.role === 'root')
            return 'TRANSMIT_TCN';
        return port.role === 'designated' ? 'TRANSMIT_CONFIG' : undefined;
    },
    enter: {
        TRANSMIT_INIT: (port) => {
            port.newInfo = true;
            port.txCount = 0;
        },
        TRANSMIT_PERIODIC: (port) => {
            const isDue = port.role === 'designated' || (port.role === 'root' && port.tcWhile !== 0);
            port.newInfo ||= isDue;
        },
        TRANSMIT_CONFIG: (port, tree) => {
            send(port, tree, 'config');
            port.tcAck = false;
        },
        TRANSMIT_TCN: (port, tree) => {
            if (port.tcWhile !== 0)
                send(port, tree, 'tcn');
            port.newInfo = false;
        },
        TRANSMIT_RSTP: (port, tree) => {
            send(port, tree, 'rst');
            port.tcAck = false;
        },
        IDLE: (port) => {
            port.helloWhen = port.designatedTimes.helloTime;
        },
    },
};
function send(port, tree, kind) {
    port.newInfo = false;
    tree.transmit(port, kind);
    port.txCount++;
}
