/**
 * What a protocol room says about a frame: one integer, so that saying it costs nothing.
 * A port id (zero or above) restricts the frame to that port.
 */

/** Forward it like any frame. */
export const PASS = -1;
/** It was for the switch, which has dealt with it. */
export const CONSUMED = -2;
/** The verdict that drops for the first of a room's reasons; those of the others lie below. */
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
