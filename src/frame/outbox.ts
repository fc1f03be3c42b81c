/**
 * The outbox: how a protocol room sends frames that the switch makes. The bridge implements it. A room knows
 * neither the devices of the ports nor how full the burst is.
 */

import type { Burst } from './burst';
import type { TraceReporter } from './trace-reporter';

export interface Outbox {
  readonly burst: Burst;
  /** Reporter of decisions. Absent unless a trace runs. */
  readonly reporter: TraceReporter | undefined;
  /** Reserves a frame that the switch makes. Its bytes are undefined, its vnet header is zero. */
  make(lengthBytes: number): number;
  /**
   * Sends a frame out of one port. The egress checks (port state, MTU) apply.
   * @param tag the tag operation on the frame: see `tag-operation.ts`; none by default
   */
  toPort(frame: number, port: number, tag?: number): void;
  /**
   * Sends a frame to the other end of a port's link, whatever the state of the port. It is for frames that
   * concern the link and not the bridged network (IEEE 802.1Q-2022 8.13.9), such as a BPDU. A link that is
   * down takes no frame.
   * @param vlan VLAN whose tag it gets, as the port has it; without one it is untagged
   */
  toLink(frame: number, port: number, vlan?: number): void;
  /** Sends a frame out of every forwarding port, or of all but one. */
  toAll(frame: number, except?: number): void;
}
