"use strict";
/** Counters and drop reasons of the STP room, per port. The bridge stores the numbers. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.STP_DROPS = exports.StpDrop = exports.STP_COUNTERS = exports.StpCounter = void 0;
exports.StpCounter = { Received: 0, Sent: 1 };
/** Name and meaning, indexed by `StpCounter`. */
exports.STP_COUNTERS = [
    { name: 'bpdu-received', meaning: 'BPDUs that the spanning tree has taken.' },
    { name: 'bpdu-sent', meaning: 'BPDUs that the switch has sent.' },
];
exports.StpDrop = { Invalid: 0, Filtered: 1, Own: 2, Guarded: 3 };
/** Name and meaning, indexed by `StpDrop`. */
exports.STP_DROPS = [
    {
        name: 'bpdu-invalid',
        meaning: 'Frames to the address of STP that are no BPDU, or one with a wrong length, version or age.',
    },
    { name: 'bpdu-filtered', meaning: 'BPDUs on a port that has bpdu-filter.' },
    {
        name: 'bpdu-own',
        meaning: 'BPDUs of the switch that came back on the port that had sent them: the link is a loop.',
    },
    { name: 'bpdu-guarded', meaning: 'BPDUs on a port that has bpdu-guard, which shut the port.' },
];
