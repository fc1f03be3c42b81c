/**
 * VLAN egress: which ports a flooded frame of a VLAN goes to, and with which tag a frame of a VLAN leaves.
 * `Egress` asks the VLAN table whether it may leave at all.
 *
 * The lists of ports are made once for each VLAN and class of flood that occurs, and again after a change
 * of ports or VLANs.
 *
 * Source: IEEE 802.1Q-2022 8.6.1 and 8.8.10; `br_handle_vlan` in net/bridge/br_vlan.c.
 */

import type { Burst } from '../frame/burst';
import { AS_IT_IS, push } from '../frame/tag-operation';
import { i32At } from '../wire/read';
import { FLOOD_CLASSES, type FloodClass, type PortTable } from './port-table';
import type { VlanTable } from './vlan-table';

export class VlanEgress {
  private tpid = 0;
  /** VID → list of ports, by class of flood. */
  private readonly lists: Record<FloodClass, Map<number, Int32Array>> = {
    unknown: new Map(),
    multicast: new Map(),
    broadcast: new Map(),
  };
  /** Generations of ports and VLANs of which the lists are made. */
  private portGeneration = -1;
  private vlanGeneration = -1;

  constructor(
    private readonly burst: Burst,
    private readonly ports: PortTable,
    private readonly vlans: VlanTable,
  ) {}

  /** @param tpid as people write it */
  setProtocol(tpid: number): void {
    this.tpid = tpid;
  }

  /** Ports to which a flooded frame of this VLAN and class goes, its own ingress port included. */
  floodTo(kind: FloodClass, vid: number): Int32Array {
    if (this.portGeneration !== this.ports.generation) this.forget();
    if (this.vlanGeneration !== this.vlans.generation) this.forget();
    return this.lists[kind].get(vid) ?? this.makeList(kind, vid);
  }

  /** Tag operation for a frame that leaves from a port that is a member of its VLAN. */
  tagFor(frame: number, port: number): number {
    const vid = i32At(this.burst.vlan, frame);
    if (this.vlans.isUntagged(port, vid)) return AS_IT_IS;
    return push(this.tpid, i32At(this.burst.priority, frame) | vid);
  }

  private makeList(kind: FloodClass, vid: number): Int32Array {
    const list = this.ports.floodTo[kind].filter((port) => this.vlans.isMember(port, vid));
    this.lists[kind].set(vid, list);
    return list;
  }

  private forget(): void {
    for (const kind of FLOOD_CLASSES) this.lists[kind].clear();
    this.portGeneration = this.ports.generation;
    this.vlanGeneration = this.vlans.generation;
  }
}
