/**
 * Flooding: a frame that no station gets alone goes to every port that takes part in it: to all of its VLAN, or,
 * where multicast is snooped, to those of its group. Storm limits hold here.
 *
 * Source: IEEE 802.1Q-2022 8.8.10; `br_flood` and `br_multicast_flood` in net/bridge/br_forward.c.
 */

import { type Burst, FrameFlag } from '../frame/burst';
import { NO_PORT } from '../frame/port-id';
import { segmentCount } from '../frame/segment';
import type { TraceReporter } from '../frame/trace-reporter';
import type { Mcast } from '../mcast/mcast';
import { SOURCE, macHi16, macLo32 } from '../wire/ethernet';
import { NO_VLAN } from '../wire/vlan';
import { Counter, type Counters } from './counters';
import { DropReason } from './drop-reason';
import type { Egress } from './egress';
import { EventKind, type EventLog } from './event-log';
import type { Output } from './output';
import { type FloodClass, PortAbility, type PortTable } from './port-table';
import { StormClass, type StormControl } from './storm';
import { tellFlood } from './trace-steps';
import { REPORT_INTERVAL_MS, SEGMENTS_TO_EACH, WORK_PER_TURN } from './turn';
import type { VlanEgress } from './vlan-egress';
import type { VlanTable } from './vlan-table';

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Broadcast, Group, Offloaded } = FrameFlag;
const { Storm } = PortAbility;

/** Class of a flood → the reason for which a storm limit drops it. */
const STORM_REASONS = {
  [StormClass.Unknown]: DropReason.StormUnknown,
  [StormClass.Multicast]: DropReason.StormMulticast,
  [StormClass.Broadcast]: DropReason.StormBroadcast,
} as const;

export interface FloodingParts {
  readonly burst: Burst;
  readonly ports: PortTable;
  readonly vlans: VlanTable;
  readonly counters: Counters;
  readonly events: EventLog;
  readonly egress: Egress;
  readonly vlanEgress: VlanEgress;
  readonly storm: StormControl;
  readonly output: Output;
  readonly rooms: { readonly mcast: Mcast };
}

export class Flooding {
  private readonly burst: Burst;
  private readonly ports: PortTable;
  private readonly vlans: VlanTable;
  private readonly counters: Counters;
  private readonly events: EventLog;
  private readonly egress: Egress;
  private readonly vlanEgress: VlanEgress;
  private readonly storm: StormControl;
  private readonly output: Output;
  private readonly mcast: Mcast;

  constructor(parts: FloodingParts) {
    this.burst = parts.burst;
    this.ports = parts.ports;
    this.vlans = parts.vlans;
    this.counters = parts.counters;
    this.events = parts.events;
    this.egress = parts.egress;
    this.vlanEgress = parts.vlanEgress;
    this.storm = parts.storm;
    this.output = parts.output;
    this.mcast = parts.rooms.mcast;
  }

  flood(frame: number, ingress: number): void {
    const takers = this.takersOf(frame);
    if ((this.ports.abilities(ingress) & Storm) !== 0) {
      if (!this.isRegistered(frame) && this.isStorm(frame, ingress)) return;
    }
    const { egress, output } = this;
    if (output.reporter !== undefined) this.tell(output.reporter, frame, takers);
    const segmentsMax = Math.max(SEGMENTS_TO_EACH, (WORK_PER_TURN / takers.length) | 0);
    let copies = 0;
    for (let index = 0; index < takers.length; index++) {
      const port = takers[index] as number;
      if (!egress.mayLeave(port, frame)) continue;
      output.deliver(frame, port, output.tagFor(frame, port), segmentsMax);
      copies++;
    }
    if (copies === 0) return output.drop(ingress, this.whyUntaken(frame));
    this.counters.add(ingress, Counter.RxFlooded, 1);
  }

  /** Ports that take part in the flood of a frame, its ingress port included. */
  private takersOf(frame: number): Int32Array {
    const kind = this.burst.kind[frame] as number;
    const all = this.vlans.isFiltering
      ? this.vlanEgress.floodTo(floodClassOf(kind), this.burst.vlan[frame] as number)
      : this.ports.floodTo[floodClassOf(kind)];
    const { mcast } = this;
    if (!mcast.isOn || (kind & (Group | Broadcast)) !== Group) return all;
    return mcast.delivery.takersOf(frame, all, this.output);
  }

  /** Whether the ports that get a frame are those of its group, and not those of a flood. */
  private isSnooped(frame: number): boolean {
    const { mcast } = this;
    const kind = this.burst.kind[frame] as number;
    return mcast.isOn && (kind & (Group | Broadcast)) === Group && mcast.delivery.isPruned;
  }

  /** Whether a port has joined the group of a frame. */
  private isRegistered(frame: number): boolean {
    return this.isSnooped(frame) && this.mcast.delivery.isRegistered;
  }

  private whyUntaken(frame: number): DropReason {
    return this.isSnooped(frame) ? DropReason.NoMember : DropReason.NoOtherPort;
  }

  /** Drops a frame that exceeds a limit of its port. @returns whether it did */
  private isStorm(frame: number, ingress: number): boolean {
    const { burst, storm } = this;
    const { nowMs } = burst;
    const kind = burst.kind[frame] as number;
    const frames = (kind & Offloaded) === 0 ? 1 : segmentCount(burst, frame);
    const group = (kind & Broadcast) !== 0 ? StormClass.Broadcast : StormClass.Multicast;
    const index = (kind & Group) === 0 ? StormClass.Unknown : group;
    if (storm.admits(ingress, index, frames, nowMs)) return false;
    this.output.drop(ingress, STORM_REASONS[index]);
    if (storm.reports(ingress, nowMs, REPORT_INTERVAL_MS)) {
      const { u16, offset } = burst;
      const at = (offset[frame] as number) + SOURCE;
      const [hi16, lo32] = [macHi16(u16, at), macLo32(u16, at)];
      const vlan = burst.vlan[frame] as number;
      this.events.add(EventKind.Storm, ingress, NO_PORT, hi16, lo32, vlan, nowMs);
    }
    return true;
  }

  private tell(reporter: TraceReporter, frame: number, takers: Int32Array): void {
    // Snooping has told of its own lists.
    if (this.isSnooped(frame)) return;
    const { burst, ports, vlans } = this;
    const vid = vlans.isFiltering ? (burst.vlan[frame] as number) : NO_VLAN;
    const inVlan = ports.forwarding.filter((port) => vid === NO_VLAN || vlans.isMember(port, vid));
    const spared = inVlan.filter((port) => !takers.includes(port));
    const closed = [...ports.stateWords()]
      .filter(([port]) => ports.isUp(port) && !ports.forwards(port))
      .map(([port, state]) => ({ port, state }));
    tellFlood(reporter, burst, frame, vid, spared, closed);
  }
}

function floodClassOf(kind: number): FloodClass {
  if ((kind & Group) === 0) return 'unknown';
  return (kind & Broadcast) !== 0 ? 'broadcast' : 'multicast';
}
