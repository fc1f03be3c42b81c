/**
 * A copy of the forwarding database that somebody else looks into: the fast path. The table tells it of
 * each station that is placed, moves or goes, and asks it what it has heard.
 */

export interface FdbMirror {
  /** The station is behind this port from now on, whether it was known or not. */
  placed(hi16: number, lo32: number, vlan: number, port: number): void;
  /** There is no entry of the station any more. */
  removed(hi16: number, lo32: number, vlan: number): void;
  /** When a frame from the station last passed without the table; `undefined` where none is known. */
  heardTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined;
  /** When a frame to the station last did. */
  usedTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined;
}
