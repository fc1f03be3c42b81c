/**
 * How a protocol room sends frames of the switch's own. The bridge implements it; the room knows
 * neither ports' devices nor how full the burst is.
 */

import type { Burst } from './burst';
import type { TraceReporter } from './trace-reporter';

export interface Outbox {
  readonly burst: Burst;
  /** Absent while nobody traces. */
  readonly reporter: TraceReporter | undefined;
  /** Reserves a frame of the switch's own. Its bytes are undefined, its vnet header zero. */
  make(lengthBytes: number): number;
  /**
   * Sends a frame out of one port. The egress checks (port state, MTU) apply.
   * @param tag what happens to its outer tag there, as `tag-operation.ts` says; nothing unless given
   */
  toPort(frame: number, port: number, tag?: number): void;
  /**
   * Sends a frame to whoever is at the other end of a port's link, whatever the state of the port: what
   * concerns the link and not the bridged network (IEEE 802.1Q-2022 8.13.9), such as a BPDU. A link
   * that is down takes nothing.
   */
  toLink(frame: number, port: number): void;
  /** Sends a frame out of every forwarding port, or of every one but one. */
  toAll(frame: number, except?: number): void;
}
