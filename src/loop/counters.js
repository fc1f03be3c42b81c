"use strict";
/** Counters of loop guard, per port. The bridge stores the numbers. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.LOOP_COUNTERS = exports.LoopCounter = void 0;
exports.LoopCounter = { Sent: 0, Returned: 1 };
/** Name and meaning, indexed by `LoopCounter`. */
exports.LOOP_COUNTERS = [
    { name: 'loop-probe-sent', meaning: 'Loop probes that the switch has sent.' },
    {
        name: 'loop-probe-returned',
        meaning: 'Loop probes of the switch that came back: there is a loop.',
    },
];
