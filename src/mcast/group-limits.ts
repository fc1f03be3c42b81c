/**
 * Number of groups that each port has joined, in all VLANs and in each of them, and the limits of these numbers. A limit
 * of a port in one VLAN and the limit of the port hold side by side.
 *
 * Source: `br_multicast_port_ngroups_inc` in net/bridge/br_multicast.c: `mcast_max_groups` of a port, and of a VLAN of it.
 */

import { i32At } from '../wire/read';

/** Limit of a port in one VLAN, or in each of a range. */
export interface VlanGroupLimit {
  readonly vid: number;
  /** Last VID of a range; absent for one VLAN. */
  readonly vidEnd?: number;
  /** Number of groups that the port may join in each of them. */
  readonly groups: number;
}

export class GroupLimits {
  /** Port → number of groups that it has joined. */
  private readonly joined: Int32Array;
  /** Port → groups at most; 0 for no limit. */
  private readonly max: Int32Array;
  /** Port → VLAN → number of groups that it has joined there; absent for none. */
  private readonly joinedInVlans = new Map<number, Map<number, number>>();
  /** Port → its limits in VLANs. */
  private readonly vlanLimits = new Map<number, readonly VlanGroupLimit[]>();

  constructor(maxPorts: number) {
    this.joined = new Int32Array(maxPorts);
    this.max = new Int32Array(maxPorts);
  }

  /** Number of groups that a port has joined, in all VLANs. */
  countOn(port: number): number {
    return i32At(this.joined, port);
  }

  /** Number of groups that a port has joined in one VLAN. */
  countIn(port: number, vlan: number): number {
    return this.joinedInVlans.get(port)?.get(vlan) ?? 0;
  }

  /** @returns VLAN → number of groups that a port has joined there. VLAN 0 has all while the switch does not filter. */
  countsIn(port: number): Map<number, number> {
    return new Map(this.joinedInVlans.get(port));
  }

  /** @returns port → number of groups that it has joined, without those that have joined none */
  counts(): Map<number, number> {
    return new Map([...this.joinedInVlans.keys()].map((port) => [port, this.countOn(port)]));
  }

  /** Port that has joined most groups. */
  get heaviestPort(): number {
    let heaviest = 0;
    for (let port = 1; port < this.joined.length; port++) {
      if (this.countOn(port) > this.countOn(heaviest)) heaviest = port;
    }
    return heaviest;
  }

  /** @param groups 1 for a group that the port joins, -1 for one that it leaves */
  count(port: number, vlan: number, groups: number): void {
    this.joined[port] = this.countOn(port) + groups;
    const inVlans = this.joinedInVlans.get(port) ?? new Map<number, number>();
    const count = this.countIn(port, vlan) + groups;
    if (count === 0) inVlans.delete(vlan);
    else inVlans.set(vlan, count);
    if (inVlans.size === 0) this.joinedInVlans.delete(port);
    else this.joinedInVlans.set(port, inVlans);
  }

  /** Sets the most groups of a port; 0 for no limit. What it has joined stays. */
  setMax(port: number, max: number): void {
    this.max[port] = max;
  }

  /** Sets the limits of a port in VLANs, in place of those that it had. What it has joined stays. */
  setVlanLimits(port: number, limits: readonly VlanGroupLimit[]): void {
    if (limits.length === 0) this.vlanLimits.delete(port);
    else this.vlanLimits.set(port, limits);
  }

  /** Whether a port may join so many groups more, in any VLAN. */
  hasRoomOn(port: number, groups: number): boolean {
    const max = i32At(this.max, port);
    return max === 0 || this.countOn(port) + groups <= max;
  }

  /** Whether a port may join so many groups more in a VLAN, as far as the limit there goes. */
  hasRoomIn(port: number, vlan: number, groups: number): boolean {
    const limit = this.vlanLimits
      .get(port)
      ?.find(({ vid, vidEnd = vid }) => vid <= vlan && vlan <= vidEnd);
    return limit === undefined || this.countIn(port, vlan) + groups <= limit.groups;
  }
}
