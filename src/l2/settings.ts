/**
 * What can be changed of a bridge while frames flow. `Bridge.configure` takes it at the start, at a
 * reload, and for the twin that a trace runs. The names are those of the configuration.
 */

import type { AnswerMode } from '../hosts/known-hosts';

export interface BridgeSettings {
  /** Milliseconds after which a silent station is forgotten; 0: a hub, nothing is learned. */
  readonly ageingMs: number;
  /** What becomes of requests for known hosts. */
  readonly arp: AnswerMode;
  /** Milliseconds for which a host is relied on after it was heard. */
  readonly neighLifeMs: number;
  /** Whether ports that are not trusted are inspected. */
  readonly inspect: boolean;
  /** Whether frames are divided by VLAN. Otherwise tags are payload. */
  readonly vlanFiltering: boolean;
  /** Tags that count: customer tags (TPID 0x8100) or service tags (0x88a8). */
  readonly vlanProtocol: '802.1Q' | '802.1ad';
  /** VLAN of a port for which none is set; 0: none. */
  readonly vlanDefaultPvid: number;
}
