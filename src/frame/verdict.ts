/**
 * What a protocol room says about a frame: one integer, so that saying it costs nothing.
 * A port id (zero or above) restricts the frame to that port.
 */

/** Forward it like any frame. */
export const PASS = -1;
/** It was for the switch, which has dealt with it. */
export const CONSUMED = -2;

export type Verdict = number;
