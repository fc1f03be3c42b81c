/**
 * Stations: what an operator does to the forwarding database, and entries that follow a port: the one station
 * that is behind a port for good, and stations that were placed without a VLAN.
 */

import type { Burst } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { toTicks } from '../frame/time';
import { type MacWords, parseMac } from '../wire/mac';
import { MAX_VID, NO_VLAN } from '../wire/vlan';
import { EventKind, type EventLog } from './event-log';
import type { FdbEntry } from './fdb/entry';
import type { Fdb } from './fdb/table';
import { PlacedStations } from './placed-stations';
import type { VlanTable } from './vlan-table';

export interface StationParts {
  readonly burst: Burst;
  readonly fdb: Fdb;
  readonly vlans: VlanTable;
  readonly events: EventLog;
}

export class Stations {
  private readonly burst: Burst;
  private readonly fdb: Fdb;
  private readonly vlans: VlanTable;
  private readonly events: EventLog;
  private readonly placed: PlacedStations;
  /** Port → MAC of the station that is behind it for good, and the VLANs of its entries. */
  private readonly hosts = new Map<number, { mac: MacWords; vlans: readonly number[] }>();

  constructor({ burst, fdb, vlans, events }: StationParts) {
    this.burst = burst;
    this.fdb = fdb;
    this.vlans = vlans;
    this.events = events;
    this.placed = new PlacedStations(fdb, (port) => this.entryVlans(port));
  }

  /** @param nowMs monotonic */
  list(nowMs: number): FdbEntry[] {
    return this.fdb.entries(toTicks(nowMs));
  }

  /**
   * Places a station behind a port. An entry without a VLAN is in each VLAN of the port while the bridge
   * filters, as `br_fdb_add` makes it, and follows when these change.
   * @returns false if the table has no room for another static entry
   */
  add(hi16: number, lo32: number, vlan: number, port: number, isStatic: boolean): boolean {
    const { placed, ticks } = this;
    if (vlan === NO_VLAN) return placed.place(hi16, lo32, port, isStatic, ticks);
    return placed.placeIn(vlan, hi16, lo32, port, isStatic, ticks);
  }

  /** Whether a station is placed behind the port, by an operator or for good. */
  isPlacedOn(port: number): boolean {
    return this.hosts.has(port) || this.placed.isOn(port);
  }

  /**
   * Removes the entry of a station; without a VLAN, what was placed without one, or else its entry in each.
   * @returns whether there was one
   */
  remove(hi16: number, lo32: number, vlan: number): boolean {
    const { placed, ticks } = this;
    if (vlan !== NO_VLAN) return placed.removeIn(vlan, hi16, lo32, ticks);
    if (placed.withdraw(hi16, lo32, ticks)) return true;
    if (!this.vlans.isFiltering) return this.fdb.remove(hi16, lo32, NO_VLAN);
    let isRemoved = false;
    for (let vid = NO_VLAN; vid <= MAX_VID; vid++) {
      if (placed.removeIn(vid, hi16, lo32, ticks)) isRemoved = true;
    }
    return isRemoved;
  }

  /** Forgets the learned stations of one port and one VLAN, or of all. @returns how many */
  flush(port: number | undefined, vlan: number | undefined): number {
    const isMeant = vlan === undefined ? undefined : (vid: number) => vid === vlan;
    return port === undefined ? this.fdb.flush(isMeant) : this.fdb.flushPort(port, isMeant);
  }

  /**
   * Places the one station that is behind a port for good, in place of the last one: no other port can
   * claim its MAC. The Linux bridge has such entries for its own MACs (`br_fdb_add_local`).
   */
  setHost(port: number, hostMac: string | null): void {
    this.removeHost(port);
    const mac = hostMac === null ? undefined : parseMac(hostMac);
    if (mac !== undefined) this.placeHost(port, mac);
  }

  /** Makes the entries of a port follow its VLANs. */
  settle(port: number): void {
    this.settleHost(port);
    this.settlePlaced(port);
  }

  /** Makes the stations that were placed without a VLAN follow the VLANs of their port. */
  settlePlaced(port: number): void {
    const homeless = this.placed.settle(port, this.ticks);
    if (homeless === undefined) return;
    const { hi16, lo32 } = homeless;
    this.events.add(EventKind.Limit, port, NO_PORT, hi16, lo32, NO_VLAN, this.burst.nowMs);
  }

  /** Forgets a port that was removed, and all its stations. */
  forgetPort(port: number): void {
    this.fdb.forgetPort(port);
    this.hosts.delete(port);
    this.placed.forgetPort(port, this.ticks);
  }

  private settleHost(port: number): void {
    const host = this.hosts.get(port);
    if (host === undefined) return;
    this.removeHost(port);
    this.placeHost(port, host.mac);
  }

  private removeHost(port: number): void {
    const host = this.hosts.get(port);
    if (host === undefined) return;
    for (const vlan of host.vlans) this.fdb.remove(host.mac.hi16, host.mac.lo32, vlan);
    this.hosts.delete(port);
  }

  /** Makes the entries of a station: one in each VLAN of its port. */
  private placeHost(port: number, mac: MacWords): void {
    const placed = this.entryVlans(port).filter((vlan) =>
      this.fdb.addStatic(mac.hi16, mac.lo32, vlan, port, this.ticks),
    );
    this.hosts.set(port, { mac, vlans: placed });
  }

  /** VLANs in which a station behind a port has an entry, if it is placed there without a VLAN. */
  private entryVlans(port: number): readonly number[] {
    return this.vlans.isFiltering ? this.vlans.vidsOf(port) : [NO_VLAN];
  }

  private get ticks(): number {
    return toTicks(this.burst.nowMs);
  }
}
