/**
 * Egress: whether a frame may leave from a port. Known unicast, floods, what a protocol room directs
 * and what the switch itself says are all asked here, and nothing else decides it. Size, offloads and
 * tags are the next step; they change how a frame leaves, not whether it may.
 *
 * Source: IEEE 802.1Q-2022 8.6.1 and 8.6.4 (active topology, egress); `should_deliver` in
 * net/bridge/br_forward.c, which asks in the same order.
 */

import type { Burst } from '../frame/burst';
import { DropReason } from './drop-reason';
import type { PortTable } from './port-table';

export class Egress {
  /** Column of the burst: frame → port that it came from. */
  private readonly ingress: Int32Array;

  constructor(
    burst: Burst,
    private readonly ports: PortTable,
  ) {
    this.ingress = burst.ingress;
  }

  /** Whether the frame may leave from the port. */
  mayLeave(port: number, frame: number): boolean {
    return this.ports.forwards(port) && this.mayHear(port, frame); // IEEE 802.1Q-2022 8.4
  }

  /**
   * The same for a port of `PortTable.forwarding`, whose state needs no look: a flood asks this for each
   * copy, and to look all the same cost 4 % of a flood to three ports. A further rule is one more line
   * here, and one in `reasonAgainst`.
   */
  mayHear(port: number, frame: number): boolean {
    return this.ingress[frame] !== port; // No port is a hairpin.
  }

  /** Why the frame may not leave from the port. */
  reasonAgainst(port: number, frame: number): DropReason {
    if (this.ingress[frame] === port) return DropReason.SamePort;
    return this.ports.isUp(port) ? DropReason.EgressDiscarding : DropReason.EgressDown;
  }
}
