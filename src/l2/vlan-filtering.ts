/**
 * VLAN filtering: the settings of the bridge and its ports that decide to which VLANs frames belong, and what
 * follows from a change of them for the tables.
 */

import type { Burst } from '../frame/burst';
import { NO_VLAN, TPID_CUSTOMER, TPID_SERVICE } from '../wire/vlan';
import type { FastPorts } from './fast/fast-ports';
import type { Fdb } from './fdb/table';
import type { PortTable } from './port-table';
import type { Rooms } from './rooms';
import type { BridgeSettings } from './settings';
import type { Stations } from './stations';
import type { VlanEgress } from './vlan-egress';
import type { VlanIngress } from './vlan-ingress';
import type { PortVlan, VlanTable } from './vlan-table';

export interface VlanFilteringParts {
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly vlanIngress: VlanIngress;
  readonly vlanEgress: VlanEgress;
  readonly fdb: Fdb;
  readonly rooms: Rooms;
  readonly stations: Stations;
  readonly fastPorts: FastPorts;
}

export class VlanFiltering {
  constructor(private readonly parts: VlanFilteringParts) {
    this.setProtocol('802.1Q');
  }

  /** Takes settings while frames flow. Settings that are left out stay as they are. */
  configure({ vlanFiltering, vlanProtocol, vlanDefaultPvid }: Partial<BridgeSettings>): void {
    const { rooms, vlans } = this.parts;
    if (vlanProtocol !== undefined) this.setProtocol(vlanProtocol);
    if (vlanDefaultPvid !== undefined) vlans.setDefaultPvid(vlanDefaultPvid, this.forget);
    if (vlanFiltering !== undefined) this.setFiltering(vlanFiltering);
    rooms.setVlans(vlans.isFiltering, vlans.defaultPvid);
  }

  /**
   * Sets the VLANs of a port. What was learned there in a VLAN that it leaves is forgotten, as
   * `nbp_vlan_delete` does.
   * @param vlans `undefined`: that of the default PVID
   */
  setPort(port: number, vlans: readonly PortVlan[] | undefined): void {
    this.forget(port, this.parts.vlans.setPort(port, vlans));
  }

  private readonly forget = (port: number, vids: readonly number[]): void => {
    const { fastPorts, fdb, rooms, stations } = this.parts;
    stations.settle(port);
    if (vids.length > 0) {
      const left = new Set(vids);
      fdb.flushPort(port, (vlan) => left.has(vlan));
      rooms.flushNeighbours(port);
      rooms.mcast.flushPort(port, (vlan) => left.has(vlan));
    }
    this.settleGroups(port);
    fastPorts.settleVlans();
  };

  /** Has the groups that an operator placed in every VLAN of a port follow them. */
  private settleGroups(port: number): void {
    const { rooms, vlans } = this.parts;
    if (!rooms.mcast.staticGroups.hasFollowers(port)) return;
    rooms.mcast.vlansChanged(port, vlans.isFiltering ? vlans.vidsOf(port) : [NO_VLAN]);
  }

  private setProtocol(protocol: BridgeSettings['vlanProtocol']): void {
    const tpid = protocol === '802.1ad' ? TPID_SERVICE : TPID_CUSTOMER;
    this.parts.vlanIngress.setProtocol(tpid);
    this.parts.vlanEgress.setProtocol(tpid);
  }

  /**
   * Switches filtering by VLAN on or off, and keeps the VLANs of all ports. What was learned before is
   * not found any more, because it belongs to other VLANs, and ages out.
   */
  private setFiltering(isFiltering: boolean): void {
    const { burst, fastPorts, ports, rooms, stations, vlans } = this.parts;
    if (isFiltering === vlans.isFiltering) return;
    vlans.isFiltering = isFiltering;
    burst.vlan.fill(NO_VLAN);
    burst.priority.fill(0);
    ports.setVlanFiltering(isFiltering);
    for (const port of ports.ids()) {
      stations.settle(port);
      this.settleGroups(port);
    }
    fastPorts.settleVlans();
    rooms.flushNeighbours();
  }
}
