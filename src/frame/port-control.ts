/**
 * What a room may do to the ports of the bridge: open them and close them, and have their stations forgotten. The
 * bridge implements it.
 */

/** States of a port (IEEE 802.1Q-2022 8.4). */
export type PortStateWord = 'disabled' | 'discarding' | 'learning' | 'forwarding';

export interface PortControl {
  setState(port: number, state: PortStateWord): void;
  /** Forgets the stations, the hosts and the groups that were learned on a port. */
  forgetStations(port: number): void;
  /** Has hosts asked for their groups again: they may be behind other ports now. */
  topologyChanged(): void;
  /**
   * Sets an upper limit to the time after which a silent station is forgotten; `Infinity` for none. What hosts have
   * said of groups until now ends within the limit, too.
   */
  limitAgeing(limitMs: number): void;
}
