/**
 * Settings of a bridge that can change while frames flow. `Bridge.configure` takes them at the start, at a
 * reload, and for the twin that a trace runs. They are a part of the configuration (`SwitchConfig`).
 */

import type { AnswerMode } from '../hosts/known-hosts';
import type { McastSettings } from '../mcast/settings';
import type { StpSettings } from '../stp/stp';

export interface BridgeSettings extends McastSettings, StpSettings {
  /** Ageing time, milliseconds: a station that is silent for longer is forgotten. 0: a hub, nothing is learned. */
  readonly ageingMs: number;
  /** Whether a loop through the switch is found by a probe, and ended; only without a spanning tree. */
  readonly loopGuard: boolean;
  /** Addresses 01-80-C2-00-00-0X that are forwarded whatever `--reserved` says: bit X. */
  readonly groupForwardMask: number;
  /** Treatment of ARP and ND requests for known hosts: answered, sent to the host alone, or flooded. */
  readonly arp: AnswerMode;
  /** Milliseconds for which the switch answers for a host after it was heard. */
  readonly neighLifeMs: number;
  /** Whether ARP, ND and DHCP are inspected on ports that are not trusted. */
  readonly inspect: boolean;
  /** Whether frames are divided by VLAN. Otherwise tags are payload. */
  readonly vlanFiltering: boolean;
  /** Tags that count: customer tags (TPID 0x8100) or service tags (0x88a8). */
  readonly vlanProtocol: '802.1Q' | '802.1ad';
  /** VLAN of a port for which none is set; 0: none. */
  readonly vlanDefaultPvid: number;
}
