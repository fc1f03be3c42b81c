"use strict";
/**
 * The verdict of a protocol room on a frame: one integer, so that it costs nothing. A port id (zero or
 * above) sends the frame to that port only.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CONSUMED = exports.PASS = void 0;
exports.dropBecause = dropBecause;
exports.isDrop = isDrop;
exports.dropReasonOf = dropReasonOf;
/** The bridge forwards the frame like any other. */
exports.PASS = -1;
/** The frame was for the switch, which has handled it. */
exports.CONSUMED = -2;
/** The verdict that drops for the first reason of a room. Those for its other reasons are below it. */
const FIRST_DROP = -3;
/** The verdict that drops a frame. @param reason index into the room's `RoomKind.drops` */
function dropBecause(reason) {
    return FIRST_DROP - reason;
}
function isDrop(verdict) {
    return verdict <= FIRST_DROP;
}
/** The index into `RoomKind.drops` of a verdict that drops. */
function dropReasonOf(verdict) {
    return FIRST_DROP - verdict;
}
