/**
 * The verdict of a protocol room on a frame: one integer, so that it costs nothing. A port id (zero or
 * above) sends the frame to that port only.
 */

/** The bridge forwards the frame like any other. */
export const PASS = -1;
/** The frame was for the switch, which has handled it. */
export const CONSUMED = -2;
/** The verdict that drops for the first reason of a room. Those for its other reasons are below it. */
const FIRST_DROP = -3;

export type Verdict = number;

/** The verdict that drops a frame. @param reason index into the room's `RoomKind.drops` */
export function dropBecause(reason: number): Verdict {
  return FIRST_DROP - reason;
}

export function isDrop(verdict: Verdict): boolean {
  return verdict <= FIRST_DROP;
}

/** The index into `RoomKind.drops` of a verdict that drops. */
export function dropReasonOf(verdict: Verdict): number {
  return FIRST_DROP - verdict;
}
