/**
 * What a room may do to the ports of the bridge: open them and close them, and have their stations forgotten. The
 * bridge implements it.
 */

/** States of a port (IEEE 802.1Q-2022 8.4). */
export type PortStateWord = 'disabled' | 'discarding' | 'learning' | 'forwarding';

export interface PortControl {
  setState(port: number, state: PortStateWord): void;
  /** Forgets the stations and the hosts that were learned on a port. */
  forgetStations(port: number): void;
  /** Sets an upper limit to the time after which a silent station is forgotten; `Infinity` for none. */
  limitAgeing(limitMs: number): void;
}
