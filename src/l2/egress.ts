/**
 * Egress: whether a frame may leave by a port. This file alone decides that, for known unicast, for floods, for
 * frames that a protocol room directs to a port, and for frames of the switch itself. Size, offloads and
 * tags are the next step. That step changes how a frame leaves, not whether it may.
 *
 * Source: IEEE 802.1Q-2022 8.6.1 and 8.6.4 (active topology, egress); `should_deliver` in
 * net/bridge/br_forward.c, which checks in the same order.
 */

import type { Burst } from '../frame/burst';
import { DropReason } from './drop-reason';
import { PortAbility, type PortTable } from './port-table';
import type { VlanTable } from './vlan-table';

/** Constants of this module: V8 folds these, but loads an import again for each frame. */
const { FiltersVlans, Forward, Hairpin, Isolated, Learn, Link } = PortAbility;
/** Abilities of a port that forwards and has no flag. Most ports are like this, so it is checked first. */
const PLAIN_PORT = Link | Learn | Forward;

export class Egress {
  /** Column of the burst: frame → port from which it came. */
  private readonly ingress: Int32Array;
  /** Column of the burst: frame → VID of its VLAN. */
  private readonly vlan: Int32Array;

  constructor(
    burst: Burst,
    private readonly ports: PortTable,
    private readonly vlans: VlanTable,
  ) {
    this.ingress = burst.ingress;
    this.vlan = burst.vlan;
  }

  /** Whether the frame may leave by the port. */
  mayLeave(port: number, frame: number): boolean {
    const abilities = this.ports.abilities(port);
    if (abilities === PLAIN_PORT) return this.ingress[frame] !== port;
    return this.mayLeaveByFlags(port, frame, abilities);
  }

  /** Checks all rules. A new rule needs a line here, and one in `reasonAgainst`. */
  private mayLeaveByFlags(port: number, frame: number, abilities: number): boolean {
    if ((abilities & Forward) === 0) return false; // IEEE 802.1Q-2022 8.4
    if ((abilities & FiltersVlans) !== 0 && !this.isMember(port, frame)) return false; // 8.6.1
    const ingress = this.ingress[frame] as number;
    if (ingress === port) return (abilities & Hairpin) !== 0;
    return (abilities & Isolated) === 0 || ingress < 0 || !this.ports.areApart(ingress, port);
  }

  /** Reason why the frame may not leave by the port. */
  reasonAgainst(port: number, frame: number): DropReason {
    if (this.ingress[frame] === port) return DropReason.SamePort;
    if (this.ports.forwards(port)) {
      const filters = (this.ports.abilities(port) & FiltersVlans) !== 0;
      return filters && !this.isMember(port, frame) ? DropReason.EgressVlan : DropReason.Isolated;
    }
    return this.ports.isUp(port) ? DropReason.EgressDiscarding : DropReason.EgressDown;
  }

  private isMember(port: number, frame: number): boolean {
    return this.vlans.isMember(port, this.vlan[frame] as number);
  }
}
