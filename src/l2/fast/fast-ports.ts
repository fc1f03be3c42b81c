/**
 * Fast ports: the ports that have the fast path, and the reasons why the bridge must see every frame of a
 * port. The frame path does not use this file.
 */

import type { Counters } from '../counters';
import type { Fdb } from '../fdb/table';
import type { Mirrors } from '../mirrors';
import type { PortTable } from '../port-table';
import type { VlanTable } from '../vlan-table';
import { NO_VLAN } from '../../wire/vlan';
import type { FastPath } from './fast-path';
import { NO_FAST_VLAN } from './layout';
import type { FastLeg } from './leg';
import { FastObstacle } from './obstacle';

export interface FastPortParts {
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly fdb: Fdb;
  readonly counters: Counters;
  readonly mirrors: Mirrors;
}

export class FastPorts {
  private readonly ports: PortTable;
  private readonly vlans: VlanTable;
  private readonly fdb: Fdb;
  private readonly counters: Counters;
  private readonly mirrors: Mirrors;
  /** Ports of which every frame is watched. */
  private readonly watched = new Set<number>();
  /** Whether hooks may want every frame. */
  private isHooked = false;
  /** Fast path; absent until a port gets a leg. */
  private fast: FastPath | undefined = undefined;

  constructor({ ports, vlans, fdb, counters, mirrors }: FastPortParts) {
    this.ports = ports;
    this.vlans = vlans;
    this.fdb = fdb;
    this.counters = counters;
    this.mirrors = mirrors;
  }

  get hasFastPath(): boolean {
    return this.fast !== undefined;
  }

  /** Begins to use the fast path, for ports that get a leg from now on. */
  use(fast: FastPath): void {
    this.fast = fast;
    this.fdb.mirrorTo(fast);
  }

  /** @param leg `null`: the port has none; `undefined`: it keeps the one that it has */
  setLeg(port: number, leg: FastLeg | null | undefined): void {
    const { fast } = this;
    if (fast !== undefined && leg !== undefined) {
      fast.setLeg(port, leg ?? undefined);
      this.settleVlans();
      if (leg !== null) this.fdb.mirrorPort(port);
    }
    this.settle(port);
  }

  /** Updates the fast path after a change of VLANs, of one port or of all. */
  settleVlans(): void {
    const { fast, fdb, ports } = this;
    if (fast === undefined) return;
    if (!fast.setVlans(ports.ids(), (port) => this.vlanOf(port))) return;
    fdb.mirrorTo(fast);
    for (const port of ports.ids()) this.settle(port);
  }

  /** VLAN of the frames that a port receives and sends without a tag: see `PortField.VLAN`. */
  vlanOf(port: number): number {
    const { vlans } = this;
    if (!vlans.isFiltering) return NO_VLAN;
    const pvid = vlans.pvid(port);
    return pvid !== NO_VLAN && vlans.isUntagged(port, pvid) ? pvid : NO_FAST_VLAN;
  }

  /** Sets whether every frame of a port must come to the bridge, because a capture needs it. */
  setWatched(port: number, isWatched: boolean): void {
    if (isWatched) this.watched.add(port);
    else this.watched.delete(port);
    this.settle(port);
  }

  /** Sets whether hooks may want every frame. */
  setHooked(isHooked: boolean): void {
    if (isHooked === this.isHooked) return;
    this.isHooked = isHooked;
    for (const port of this.ports.ids()) this.settle(port);
  }

  /** Shuts the fast path of a port that goes down. Call it before the stations of the port are forgotten. */
  goDown(port: number): void {
    this.fast?.shut(port, FastObstacle.Down);
  }

  /** Opens or shuts the fast path of a port after a change of the port. */
  settle(port: number): void {
    const { fast, ports } = this;
    if (fast === undefined) return;
    fast.setLongest(port, ports.longestFrame(port));
    const obstacle = this.obstacle(port);
    if (obstacle === FastObstacle.None) fast.open(port, ports.flagsOf(port).isolated);
    else fast.shut(port, obstacle);
  }

  /** Counts the frames that the kernel has redirected until now. */
  collectCounters(): void {
    const { fast, counters } = this;
    if (fast === undefined) return;
    for (const port of this.ports.ids()) fast.collect(port, counters);
  }

  /** Forgets a port that was removed. */
  forgetPort(port: number): void {
    this.fast?.setLeg(port, undefined);
    this.fast?.collect(port, this.counters);
    this.watched.delete(port);
  }

  /** Reason why the bridge must see every frame of a port. A new reason is one more line here. */
  private obstacle(port: number): FastObstacle {
    const { ports } = this;
    if (!ports.isUp(port)) return FastObstacle.Down;
    if (!ports.forwards(port)) return FastObstacle.Discarding;
    if (!ports.learns(port)) return FastObstacle.NotLearning;
    if (this.vlanOf(port) === NO_FAST_VLAN) return FastObstacle.NoUntaggedVlan;
    if (this.mirrors.watches(port)) return FastObstacle.Mirrored;
    if (ports.isImpaired(port)) return FastObstacle.Impaired;
    if (this.isHooked) return FastObstacle.Hooked;
    return this.watched.has(port) ? FastObstacle.Watched : FastObstacle.None;
  }
}
