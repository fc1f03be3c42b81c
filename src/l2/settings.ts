/**
 * What can be changed of a bridge while frames flow. `Bridge.configure` takes it at the start, at a
 * reload, and for the twin that a trace runs. The names are those of the configuration.
 */

import type { AnswerMode } from '../hosts/known-hosts';

export interface BridgeSettings {
  /** Milliseconds after which a silent station is forgotten; 0: a hub, nothing is learned. */
  readonly ageingMs: number;
  /** Addresses 01-80-C2-00-00-0X that are forwarded whatever `--reserved` says: bit X. */
  readonly groupForwardMask: number;
  /** What becomes of requests for known hosts. */
  readonly arp: AnswerMode;
  /** Milliseconds for which a host is relied on after it was heard. */
  readonly neighLifeMs: number;
  /** Whether ports that are not trusted are inspected. */
  readonly inspect: boolean;
}
