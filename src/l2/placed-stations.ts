/**
 * Stations that an operator placed behind a port. An entry with a VLAN stays in that VLAN. An entry without
 * one is in each VLAN of its port while the bridge filters, as `br_fdb_add` makes it, and follows the port
 * when its VLANs change. Where the same station was placed with a VLAN, that entry counts in the VLAN.
 *
 * Which stations there are is in the FDB alone. This file remembers what has to follow.
 */

import type { Fdb } from './fdb/table';

/** A station that was placed without a VLAN. */
interface Placement {
  readonly hi16: number;
  readonly lo32: number;
  readonly port: number;
  readonly isStatic: boolean;
  /** VIDs in which it has an entry, or had one that aged. */
  readonly vlans: Set<number>;
}

export class PlacedStations {
  /** MAC → placement without a VLAN. */
  private readonly placements = new Map<number, Placement>();
  /** MAC → VID → port: placements with a VLAN. */
  private readonly fixed = new Map<number, Map<number, number>>();

  /** @param vlansOf VIDs in which an entry for a port is made; `NO_VLAN` alone while the bridge does not filter */
  constructor(
    private readonly fdb: Fdb,
    private readonly vlansOf: (port: number) => readonly number[],
  ) {}

  /**
   * Places a station in each VLAN of a port, in place of where it was before.
   * @returns false, and it is nowhere, if the table has no room for another static entry
   */
  place(hi16: number, lo32: number, port: number, isStatic: boolean, nowTicks: number): boolean {
    this.withdraw(hi16, lo32, nowTicks);
    const placement = { hi16, lo32, port, isStatic, vlans: new Set<number>() };
    this.placements.set(macNumber(hi16, lo32), placement);
    if (this.follow(placement, this.vlansOf(port), nowTicks)) return true;
    this.withdraw(hi16, lo32, nowTicks);
    return false;
  }

  /** Places a station in one VLAN. @returns false if the table has no room for another static entry */
  placeIn(
    vlan: number,
    hi16: number,
    lo32: number,
    port: number,
    isStatic: boolean,
    nowTicks: number,
  ): boolean {
    if (!this.enter(hi16, lo32, vlan, port, isStatic, nowTicks)) return false;
    const mac = macNumber(hi16, lo32);
    this.placements.get(mac)?.vlans.delete(vlan);
    const fixed = this.fixed.get(mac) ?? new Map<number, number>();
    this.fixed.set(mac, fixed.set(vlan, port));
    return true;
  }

  /** Whether a station is placed behind the port. */
  isOn(port: number): boolean {
    for (const placement of this.placements.values()) if (placement.port === port) return true;
    for (const ports of this.fixed.values()) {
      for (const fixed of ports.values()) if (fixed === port) return true;
    }
    return false;
  }

  /** Removes a station that was placed without a VLAN. @returns whether there was one */
  withdraw(hi16: number, lo32: number, nowTicks: number): boolean {
    const mac = macNumber(hi16, lo32);
    const placement = this.placements.get(mac);
    if (placement === undefined) return false;
    this.placements.delete(mac);
    for (const vlan of placement.vlans) this.leave(placement, vlan, nowTicks);
    return true;
  }

  /** Removes the entry of a station in one VLAN, placed or learned. @returns whether there was one */
  removeIn(vlan: number, hi16: number, lo32: number, nowTicks: number): boolean {
    const mac = macNumber(hi16, lo32);
    const isRemoved = this.fdb.remove(hi16, lo32, vlan);
    this.forgetFixed(mac, (vid) => vid === vlan, nowTicks);
    return isRemoved;
  }

  /**
   * Makes the entries of a port follow its VLANs.
   * @returns a station for which the table had no room; `undefined` if each has its entries
   */
  settle(port: number, nowTicks: number): Placement | undefined {
    if (this.placements.size === 0) return undefined;
    const vlans = this.vlansOf(port);
    let homeless: Placement | undefined;
    for (const placement of this.placements.values()) {
      if (placement.port === port && !this.follow(placement, vlans, nowTicks)) homeless = placement;
    }
    return homeless;
  }

  /** Forgets a port whose entries the FDB has forgotten. */
  forgetPort(port: number, nowTicks: number): void {
    for (const [mac, placement] of this.placements) {
      if (placement.port === port) this.placements.delete(mac);
    }
    for (const mac of this.fixed.keys()) {
      this.forgetFixed(mac, (_, fixedPort) => fixedPort === port, nowTicks);
    }
  }

  /** Where an entry with a VLAN ends, the one without takes its place. */
  private forgetFixed(
    mac: number,
    isMeant: (vlan: number, port: number) => boolean,
    nowTicks: number,
  ): void {
    const fixed = this.fixed.get(mac);
    if (fixed === undefined) return;
    for (const [vlan, port] of fixed) if (isMeant(vlan, port)) fixed.delete(vlan);
    if (fixed.size === 0) this.fixed.delete(mac);
    const placement = this.placements.get(mac);
    if (placement !== undefined) this.follow(placement, this.vlansOf(placement.port), nowTicks);
  }

  /** @returns whether the table had room for each entry */
  private follow(placement: Placement, vlans: readonly number[], nowTicks: number): boolean {
    const { hi16, lo32, port, isStatic } = placement;
    const fixed = this.fixed.get(macNumber(hi16, lo32));
    const wanted = new Set(vlans.filter((vlan) => fixed?.has(vlan) !== true));
    for (const vlan of placement.vlans) {
      if (wanted.has(vlan)) continue;
      this.leave(placement, vlan, nowTicks);
      placement.vlans.delete(vlan);
    }
    let hasRoom = true;
    for (const vlan of wanted) {
      if (placement.vlans.has(vlan)) continue;
      if (this.enter(hi16, lo32, vlan, port, isStatic, nowTicks)) placement.vlans.add(vlan);
      else hasRoom = false;
    }
    return hasRoom;
  }

  /** Removes the entry of a placement, unless it aged and the station was learned elsewhere since. */
  private leave({ hi16, lo32, port }: Placement, vlan: number, nowTicks: number): void {
    if (this.fdb.peek(hi16, lo32, vlan, nowTicks) === port) this.fdb.remove(hi16, lo32, vlan);
  }

  private enter(
    hi16: number,
    lo32: number,
    vlan: number,
    port: number,
    isStatic: boolean,
    nowTicks: number,
  ): boolean {
    if (isStatic) return this.fdb.addStatic(hi16, lo32, vlan, port, nowTicks);
    this.fdb.addSticky(hi16, lo32, vlan, port, nowTicks);
    return true;
  }
}

function macNumber(hi16: number, lo32: number): number {
  return hi16 * 2 ** 32 + (lo32 >>> 0);
}
