"use strict";
/**
 * The interface of a protocol room. The bridge asks a room about the frames that the room wants, and acts
 * on its verdict. A room gets its tables, the time and an outbox as arguments. It performs no I/O and knows
 * no other room. `l2/room-list.ts` is the list of rooms, and CONTRIBUTING.md says how to add one.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.keepForSwitch = keepForSwitch;
const verdict_1 = require("./verdict");
/** Step of a trace: a room handled a frame to the switch's own MAC. */
const KEPT_BY_SWITCH = 'it is for the switch, which keeps it';
/** The verdict on a frame to the switch's own MAC that the room has handled. */
function keepForSwitch(outbox) {
    outbox.reporter?.step(KEPT_BY_SWITCH);
    return verdict_1.CONSUMED;
}
