/**
 * A mirror of the forwarding database for frames that pass without it: the fast path. The table notifies
 * the mirror of each station that is placed, moves or is removed, and asks it which stations it has heard.
 */

export interface FdbMirror {
  /** Notes that the station is behind this port from now on, whether it was known or not. */
  placed(hi16: number, lo32: number, vlan: number, port: number): void;
  /** Notes that the station has no entry any more. */
  removed(hi16: number, lo32: number, vlan: number): void;
  /** Time at which a frame from the station last passed without the table; `undefined` if unknown. */
  heardTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined;
  /** Time at which a frame to the station last passed without the table; `undefined` if unknown. */
  usedTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined;
}
