/**
 * Impairing: what impairments do to the frames of the bridge. `Impairments` decides the fates and holds frames.
 * This file asks it, counts and explains what came of it, and sends held frames on.
 *
 * Nothing here is called for a port without impairments: frames from it show that by their port's abilities
 * (`PortAbility.Impaired`), and frames to it by their length (`PortTable.unaskedBytes`).
 */

import { Impairments, type ImpairmentSink } from '../impair/impairments';
import { type ImpairmentSettings, losesAll } from '../impair/settings';
import type { Burst } from '../frame/burst';
import type { TraceReporter } from '../frame/trace-reporter';
import { i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';
import { Counter, type Counters } from './counters';
import { DropReason } from './drop-reason';
import type { FastPorts } from './fast/fast-ports';
import type { Output, OutputParts } from './output';
import { PortAbility, type PortTable } from './port-table';
import { tellImpairment } from './trace-steps';
import type { VlanTable } from './vlan-table';

/** Which frames of the burst were held until now. */
const Release = { None: 0, In: 1, Out: 2 } as const;
type Release = (typeof Release)[keyof typeof Release];

export class Impairing {
  readonly impairments: Impairments;
  private readonly burst: Burst;
  private readonly ports: PortTable;
  private readonly vlans: VlanTable;
  private readonly counters: Counters;
  private releasing: Release = Release.None;

  constructor(
    { burst, ports, vlans, counters, news }: OutputParts,
    private readonly output: Output,
  ) {
    this.burst = burst;
    this.ports = ports;
    this.vlans = vlans;
    this.counters = counters;
    this.impairments = new Impairments(burst, this.makeSink(news), this.makeUnseen);
  }

  // Frames --------------------------------------------------------------------------------------

  /** Whether an impairment of the ingress port has lost a frame, or holds it. */
  takesIn(frame: number, ingress: number): boolean {
    if (this.releasing === Release.In || !this.ports.isUp(ingress)) return false;
    const { reporter } = this.output;
    if (reporter !== undefined) return this.explain(reporter, frame, ingress, true);
    return !this.impairments.passesIn(frame, ingress);
  }

  /** Whether an impairment of the egress port has. Copies of mirrors and segments are not impaired. */
  takesOut(frame: number, port: number, tag: number): boolean {
    const { mirroring, reporter } = this.output;
    if (this.releasing === Release.Out || mirroring.isCopying) return false;
    if (reporter !== undefined) return this.explain(reporter, frame, port, false);
    return !this.impairments.passesOut(frame, port, tag);
  }

  /** Tells of the impairments that may take a frame. @returns whether it is lost for sure */
  private explain(reporter: TraceReporter, frame: number, port: number, isIn: boolean): boolean {
    const candidates = this.impairments.candidates(frame, port, isIn);
    for (const { words } of candidates) tellImpairment(reporter, port, isIn, words);
    const [only] = candidates;
    if (candidates.length !== 1 || only === undefined || !losesAll(only)) return false;
    this.output.drop(port, isIn ? DropReason.ImpairedIn : DropReason.ImpairedOut);
    return true;
  }

  private makeSink(news: OutputParts['news']): ImpairmentSink {
    return {
      lost: (port, isIn, frames) =>
        this.drop(port, isIn ? DropReason.ImpairedIn : DropReason.ImpairedOut, frames),
      full: (port, isIn, frames) =>
        this.drop(port, isIn ? DropReason.HeldFullIn : DropReason.HeldFullOut, frames),
      held: (port) => this.counters.add(port, Counter.Held, 1),
      released: (port) => this.counters.add(port, Counter.Released, 1),
      news,
    };
  }

  private drop(port: number, reason: DropReason, frames: number): void {
    for (let frame = 0; frame < frames; frame++) this.output.drop(port, reason);
  }

  /** Reserves a frame of which no mirror is told. */
  private readonly makeUnseen = (lengthBytes: number): number => {
    const { mirroring } = this.output;
    const wasCopying = mirroring.isCopying;
    mirroring.isCopying = true;
    const made = this.output.make(lengthBytes);
    mirroring.isCopying = wasCopying;
    return made;
  };

  // Held frames ---------------------------------------------------------------------------------

  /**
   * Begins a burst with held frames that are due. The last burst must be finished.
   * @returns whether they came from their ports, and are to be forwarded; the others were sent
   */
  beginRelease(): boolean {
    const { burst, impairments } = this;
    const count = impairments.takeDue();
    burst.begin(count);
    if (impairments.isBatchIn || !this.vlans.isFiltering) {
      burst.vlan.fill(NO_VLAN, 0, count);
      burst.priority.fill(0, 0, count);
    }
    this.releasing = impairments.isBatchIn ? Release.In : Release.Out;
    // They were counted and mirrored when they came.
    if (impairments.isBatchIn) burst.carriedCount = count;
    else this.sendOn(count);
    return impairments.isBatchIn;
  }

  endRelease(): void {
    this.releasing = Release.None;
  }

  private sendOn(count: number): void {
    const { output } = this;
    const { batchPort, batchTag } = this.impairments;
    output.settleObservers();
    if (output.isObserved) output.mirroring.begin();
    for (let frame = 0; frame < count; frame++) {
      output.sendHeld(frame, i32At(batchPort, frame), i32At(batchTag, frame));
    }
    output.finish();
  }

  // Orders --------------------------------------------------------------------------------------

  /** See `Impairments.add`. */
  add(settings: ImpairmentSettings, fastPorts: FastPorts): boolean {
    const isAdded = this.impairments.add(settings);
    this.settle(fastPorts);
    return isAdded;
  }

  /** See `Impairments.remove`. */
  remove(name: string, fastPorts: FastPorts): boolean {
    const wasThere = this.impairments.remove(name);
    this.settle(fastPorts);
    return wasThere;
  }

  /** Forgets a port that is removed. */
  forgetPort(port: number): void {
    this.impairments.forgetPort(port);
    this.ports.setImpairedOut(port, false);
  }

  /** Ends impairments whose time is over. @returns whether any ended */
  tick(fastPorts: FastPorts): boolean {
    const hasEnded = this.impairments.tick();
    if (hasEnded) this.settle(fastPorts);
    return hasEnded;
  }

  /** Has frames of the ports ask for their impairments. */
  private settle(fastPorts: FastPorts): void {
    for (const port of this.ports.ids()) {
      this.settlePort(port);
      fastPorts.settle(port);
    }
  }

  /** Has frames of a port ask for its impairments, which may have come before the port. */
  settlePort(port: number): void {
    const { impairments, ports } = this;
    ports.setGuard(port, PortAbility.Impaired, impairments.has(port, true));
    ports.setImpairedOut(port, impairments.has(port, false));
  }
}
