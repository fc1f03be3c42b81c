/**
 * Port manager: adds, removes and changes the ports of the bridge while frames flow, and has every table follow.
 * Through it, rooms open and close ports too.
 */

import type { Burst } from '../frame/burst';
import type { PortControl, PortStateWord } from '../frame/port-control';
import type { Ageing } from './ageing';
import type { Counters } from './counters';
import type { FastPorts } from './fast/fast-ports';
import type { Fdb } from './fdb/table';
import { type MirrorSettings, type Mirrors } from './mirrors';
import type { Output } from './output';
import type { PortSecurity, SecuritySettings } from './port-security';
import {
  type BridgePortSettings,
  PORT_STATES,
  PortAbility,
  type PortFlags,
  type PortState,
  type PortTable,
} from './port-table';
import type { Rooms } from './rooms';
import { ShutPorts } from './shut-ports';
import type { Stations } from './stations';
import type { StormControl, StormLimits } from './storm';
import type { VlanFiltering } from './vlan-filtering';
import type { VlanTable } from './vlan-table';

const { MirrorTarget, Secured, Storm } = PortAbility;

export interface PortManagerParts {
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly counters: Counters;
  readonly fdb: Fdb;
  readonly mirrors: Mirrors;
  readonly storm: StormControl;
  readonly security: PortSecurity;
  readonly output: Output;
  readonly rooms: Rooms;
  readonly ageing: Ageing;
  readonly stations: Stations;
  readonly fastPorts: FastPorts;
  readonly vlanFiltering: VlanFiltering;
}

export class PortManager implements PortControl {
  private readonly shutPorts = new ShutPorts();

  constructor(private readonly parts: PortManagerParts) {}

  // Ports of the control plane -----------------------------------------------------------------

  /** @throws RangeError for an id that is out of range or in use. */
  add(port: number, settings: BridgePortSettings): void {
    const { counters, fastPorts, mirrors, output, ports, rooms, stations, vlans } = this.parts;
    ports.add(port, settings);
    vlans.setPort(port, settings.vlans ?? undefined);
    counters.clear(port);
    rooms.configurePort(port, settings);
    this.shutPorts.setLink(port, settings.isUp);
    // A mirror may have been told of before its target.
    ports.setGuard(port, MirrorTarget, mirrors.takesOver(port));
    output.impairing.settlePort(port);
    if (settings.isShut === true) this.setShut(port, true);
    else rooms.portChanged(port, settings.isUp);
    rooms.mcast.configurePort(port, settings);
    this.setGuards(port, settings);
    fastPorts.setLeg(port, settings.fastLeg);
    stations.setHost(port, settings.hostMac ?? null);
    stations.settlePlaced(port);
  }

  remove(port: number): void {
    const { parts } = this;
    parts.fastPorts.forgetPort(port);
    parts.burst.forgetDeferred(port);
    parts.stations.forgetPort(port);
    parts.rooms.portRemoved(port);
    parts.output.results.forget(port);
    parts.output.impairing.forgetPort(port);
    parts.mirrors.forgetPort(port);
    parts.storm.forget(port);
    parts.security.forget(port);
    this.shutPorts.forget(port);
    parts.ports.remove(port);
    parts.vlans.remove(port);
    this.settleMirrors();
  }

  /** Changes a port. What is left out stays as it is; a port keeps its name. */
  configure(port: number, settings: Partial<BridgePortSettings>): void {
    const { fastPorts, ports, rooms, stations, vlanFiltering } = this.parts;
    const { isUp, mtuBytes, takesOffloads, hearsRequests, hostMac, fastLeg } = settings;
    if (mtuBytes !== undefined) this.setMtu(port, mtuBytes);
    if (takesOffloads !== undefined) this.setOffloads(port, takesOffloads);
    if (hearsRequests !== undefined) ports.setHearsRequests(port, hearsRequests);
    rooms.configurePort(port, settings);
    if (hostMac !== undefined) stations.setHost(port, hostMac);
    if (settings.backup !== undefined) ports.setBackup(port, settings.backup);
    rooms.mcast.configurePort(port, settings);
    this.setFlags(port, settings);
    if (settings.vlans !== undefined) vlanFiltering.setPort(port, settings.vlans ?? undefined);
    this.setGuards(port, settings);
    if (settings.isShut !== undefined) this.setShut(port, settings.isShut);
    if (isUp !== undefined) this.setUp(port, isUp);
    fastPorts.setLeg(port, fastLeg);
  }

  /** Sets the link of a port. A port that goes down takes what was learned there with it. */
  setUp(port: number, isUp: boolean): void {
    this.settleLink(port, this.shutPorts.setLink(port, isUp));
  }

  /** Shuts a port, which is down then whatever its link does, or opens it again. */
  setShut(port: number, isShut: boolean): void {
    if (isShut === this.shutPorts.isShut(port)) return;
    this.settleLink(port, this.shutPorts.setShut(port, isShut));
  }

  setMtu(port: number, mtuBytes: number): void {
    this.parts.ports.setMtu(port, mtuBytes);
    this.parts.fastPorts.settle(port);
  }

  setOffloads(port: number, takesOffloads: boolean): void {
    this.parts.output.results.forget(port);
    this.parts.ports.setOffloads(port, takesOffloads);
  }

  /** Sets the flags that are given. Without MAB, nobody waits for authorisation any more. */
  private setFlags(port: number, flags: Partial<PortFlags>): void {
    const { fdb, ports } = this.parts;
    const hadMab = ports.flagsOf(port).mab;
    ports.setFlags(port, flags);
    if (hadMab && !ports.flagsOf(port).mab) fdb.flushLocked(port);
  }

  private settleLink(port: number, isUp: boolean): void {
    const { fastPorts, fdb, ports, rooms } = this.parts;
    if (!isUp) fastPorts.goDown(port);
    if (!isUp) fdb.flushPort(port);
    ports.setUp(port, isUp);
    fastPorts.settle(port);
    rooms.portChanged(port, isUp);
  }

  /** Sets the storm limits and the port security that are given. */
  private setGuards(port: number, settings: Partial<StormLimits & SecuritySettings>): void {
    const { burst, ports, security, storm } = this.parts;
    storm.configure(port, settings, burst.nowMs);
    ports.setGuard(port, Storm, storm.limitsPort(port));
    security.configure(port, settings);
    ports.setGuard(port, Secured, security.secures(port));
  }

  // Mirrors ------------------------------------------------------------------------------------

  /**
   * Adds a mirror, or replaces the one of the same name.
   * @returns false, and changes nothing, where there are too many
   */
  addMirror(settings: MirrorSettings): boolean {
    const isAdded = this.parts.mirrors.add(settings);
    this.settleMirrors();
    return isAdded;
  }

  /** @returns whether there was such a mirror */
  removeMirror(name: string): boolean {
    const wasThere = this.parts.mirrors.remove(name);
    this.settleMirrors();
    return wasThere;
  }

  /** A port that becomes a target takes what was learned there with it. */
  private settleMirrors(): void {
    const { fastPorts, fdb, mirrors, output, ports, rooms } = this.parts;
    output.settleObservers();
    for (const port of ports.ids()) {
      const didLearn = ports.learns(port);
      ports.setGuard(port, MirrorTarget, mirrors.takesOver(port));
      fastPorts.settle(port);
      if (!didLearn || ports.learns(port)) continue;
      fdb.flushPort(port);
      rooms.flushNeighbours(port);
    }
  }

  // What rooms may do to ports (PortControl) ---------------------------------------------------

  /**
   * Sets what the active topology lets a port do. A port that stops learning takes what was learned
   * there with it, as one that goes down does: fdbFlush of IEEE 802.1Q-2022 13.29.14. From forwarding
   * to learning nothing is forgotten, for the stations are still there. Unlike this, br0 forgets
   * only what was learned on a port that is disabled, and lets the rest age sooner.
   */
  setState(port: number, state: PortStateWord): void {
    const { fastPorts, fdb, ports, rooms } = this.parts;
    const didLearn = ports.learns(port);
    ports.setState(port, PORT_STATES.indexOf(state) as PortState);
    fastPorts.settle(port);
    if (!didLearn || ports.learns(port)) return;
    fdb.flushPort(port);
    rooms.flushNeighbours(port);
    rooms.mcast.flushPort(port);
  }

  forgetStations(port: number): void {
    const { burst, fdb, ports, rooms } = this.parts;
    fdb.flushPort(port);
    rooms.flushNeighbours(port);
    rooms.mcast.forgetPort(port);
    // A port that has no stations any more tells nothing of the others.
    if (ports.learns(port)) rooms.mcast.topologyChanged(burst.nowMs);
  }

  topologyChanged(): void {
    const { burst, rooms } = this.parts;
    rooms.mcast.topologyChanged(burst.nowMs);
  }

  limitAgeing(limitMs: number): void {
    const { ageing, burst, rooms } = this.parts;
    ageing.limit(limitMs);
    if (limitMs !== Infinity) rooms.mcast.limitAgeing(limitMs, burst.nowMs);
  }
}
