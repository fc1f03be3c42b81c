/**
 * The bridge: `forwardFrame` is the trip of a frame, top to bottom. Each step has a file of its own. The rest of
 * this file is the interface for the data plane, the rooms and tests.
 *
 *     check ──▶ VLAN, lock, ──▶ learn ──▶ hooks, ──▶ look up ──▶ egress ──▶ answer
 *               security                                        or flood
 *               admission.ts    learning  hooking,  fdb/table   flooding.ts, egress.ts, output.ts
 *                                         rooms.ts
 *
 * A bridge is a plain object without a thread, a device or a clock. Its driver puts frames and the time into `burst`,
 * calls `handleBurst`, and from time to time `tick()` and `flush()`. All of it runs on one thread.
 *
 * During a trace, each step reports its decisions to the reporter (`trace-steps.ts` has the words). Only a
 * twin of the bridge has a reporter (`trace.ts`).
 *
 * Nothing here allocates per frame. Behaviour follows IEEE 802.1Q-2022 clause 8 and, where that
 * leaves a choice, the Linux bridge (net/bridge/br_input.c, br_forward.c).
 */

import { type Burst, FrameFlag } from '../frame/burst';
import { classify } from '../frame/classify';
import type { Outbox } from '../frame/outbox';
import type { PortStateWord } from '../frame/port-control';
import { NO_PORT } from '../frame/port-id';
import { canFinish } from '../frame/segment';
import type { TraceReporter } from '../frame/trace-reporter';
import type { Transmitter } from '../frame/transmitter';
import { CONSUMED, PASS } from '../frame/verdict';
import type { Hooks } from '../hooks/hooks';
import type { HookProgram } from '../hooks/loaded-hook';
import type { ImpairmentCounts } from '../impair/impairment';
import type { ImpairmentSettings } from '../impair/settings';
import { isGroup, macHi16, macLo32 } from '../wire/ethernet';
import type { MacWords } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import type { Admission } from './admission';
import type { Ageing } from './ageing';
import { Counter, type Counters } from './counters';
import { DropReason } from './drop-reason';
import type { EventLog } from './event-log';
import type { FastPath } from './fast/fast-path';
import type { FastPorts } from './fast/fast-ports';
import type { FdbEntry } from './fdb/entry';
import type { Fdb } from './fdb/table';
import type { Flooding } from './flooding';
import { Hooking } from './hooking';
import type { Learning } from './learning';
import type { MirrorCounts, MirrorSettings, Mirrors } from './mirrors';
import type { BridgeOptions } from './options';
import type { Output } from './output';
import type { OwnSource } from './own-source';
import { BridgeParts } from './parts';
import type { PortManager } from './port-manager';
import {
  type BridgePortSettings,
  PORT_STATES,
  PortAbility,
  type PortState,
  type PortTable,
} from './port-table';
import type { ReservedGroups } from './reserved-groups';
import type { Rooms } from './rooms';
import type { BridgeSettings } from './settings';
import type { Stations } from './stations';
import { tellArrival } from './trace-steps';
import { WORK_PER_TURN } from './turn';
import type { VlanFiltering } from './vlan-filtering';
import { refusalIn } from './vlan-ingress';
import type { PortVlan, VlanTable } from './vlan-table';

export type { BridgeOptions };

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Broadcast, Group, Offloaded, Reserved, Short, ToSwitch, Unhooked } = FrameFlag;
const { FiltersVlans, Forward, Impaired, Learn, Link } = PortAbility;
/** Abilities of a port that forwards and has no flag. Most ports are like this, so it is checked first. */
const PLAIN_PORT = Link | Learn | Forward;
const TURN = WORK_PER_TURN;

export class Bridge implements Outbox {
  readonly burst: Burst;
  readonly fdb: Fdb;
  readonly ports: PortTable;
  readonly counters: Counters;
  readonly events: EventLog;
  readonly rooms: Rooms;
  readonly vlans: VlanTable;
  private readonly output: Output;
  private readonly admission: Admission;
  private readonly ownSource: OwnSource;
  private readonly reservedGroups: ReservedGroups;
  private readonly learning: Learning;
  private readonly flooding: Flooding;
  private readonly hooks: Hooks;
  private readonly hooking: Hooking;
  private readonly mac: MacWords;
  /** Work that the frames of a port made in this burst, by port; all zero between two bursts. */
  private readonly charges: Int32Array;
  private readonly mirrors: Mirrors;
  private readonly ageing: Ageing;
  private readonly stationTable: Stations;
  private readonly fastPorts: FastPorts;
  private readonly vlanFiltering: VlanFiltering;
  private readonly portManager: PortManager;

  constructor(options: BridgeOptions = {}) {
    const parts = new BridgeParts(options);
    this.burst = parts.burst;
    this.fdb = parts.fdb;
    this.ports = parts.ports;
    this.counters = parts.counters;
    this.events = parts.events;
    this.rooms = parts.rooms;
    this.vlans = parts.vlans;
    this.output = parts.output;
    this.admission = parts.admission;
    this.ownSource = parts.ownSource;
    this.reservedGroups = parts.reservedGroups;
    this.learning = parts.learning;
    this.flooding = parts.flooding;
    this.mac = parts.mac;
    this.charges = new Int32Array(parts.maxPorts);
    this.mirrors = parts.mirrors;
    this.ageing = parts.ageing;
    this.stationTable = parts.stations;
    this.fastPorts = parts.fastPorts;
    this.vlanFiltering = parts.vlanFiltering;
    this.portManager = parts.portManager;
    this.hooks = parts.rooms.hooks;
    this.hooking = new Hooking(parts, (frame) => this.forwardFrame(frame));
  }

  /** Sets the transmitter, which sends the answers. Call this once before the first burst. */
  connect(transmitter: Transmitter): void {
    this.output.connect(transmitter);
  }

  // The trip of a frame ------------------------------------------------------------------------

  /** Forwards a burst that `receive` has just filled with `receivedCount` frames. */
  handleBurst(receivedCount: number): void {
    this.burst.begin(receivedCount);
    this.forward();
    this.finish();
    this.forwardDeferred();
    this.releaseAll();
  }

  /** Forwards the frames that wait for the next burst. */
  private forwardDeferred(): void {
    while (this.burst.deferredCount > 0) {
      this.burst.carryOver();
      this.forward();
      this.finish();
    }
  }

  /**
   * Decides for the received frames of the burst. The answer is in the burst: `flush` it. A port
   * whose frames make more work than its turn allows has the rest of them wait: the caller calls
   * `Burst.carryOver` before it receives more.
   */
  forward(): void {
    const { burst, output } = this;
    burst.takeTime();
    const { carriedCount, receivedCount, ingress, length } = burst;
    this.counters.addRuns(
      carriedCount,
      receivedCount,
      ingress,
      length,
      Counter.RxFrames,
      Counter.RxBytes,
    );
    burst.carriedCount = 0;
    classify(burst, this.mac, 0, receivedCount);
    // Where frames belong to VLANs, the VLAN is known later.
    if (!this.vlans.isFiltering) this.fdb.preload(burst.u16, burst.offset, receivedCount);
    output.settleObservers();
    if (output.isObserved) {
      output.mirroring.received(carriedCount);
      // The copies leave before a hook writes to the frames.
      if (this.hooks.isActive) output.flush();
    }
    if (this.hooks.isActive) this.hooks.note(burst, receivedCount);
    this.forwardFrom(0);
    if (this.hooks.hasSends) this.hooking.sendMade();
  }

  /** Decides for the received frames from `first` on. */
  private forwardFrom(first: number): void {
    const { burst, charges } = this;
    const { receivedCount, ingress } = burst;
    // Frames of one port come in runs: its work is counted here as long as a run lasts.
    let port = 0;
    let charged = 0;
    for (let frame = first; frame < receivedCount; frame++) {
      if (ingress[frame] !== port) {
        charges[port] = charged;
        port = ingress[frame] as number;
        charged = charges[port] as number;
      }
      if (charged >= TURN) {
        burst.defer(frame);
        continue;
      }
      const before = burst.work;
      this.forwardFrame(frame);
      charged += burst.work - before;
    }
    this.settleCharges(port);
  }

  /** Forgets the work of the burst. @param port the last one that was charged, received or not */
  private settleCharges(port: number): void {
    const { charges } = this;
    const { ingress, receivedCount } = this.burst;
    let settled = port;
    charges[settled] = 0;
    for (let frame = 0; frame < receivedCount; frame++) {
      if (ingress[frame] === settled) continue;
      settled = ingress[frame] as number;
      charges[settled] = 0;
    }
  }

  private forwardFrame(frame: number): void {
    const { burst, output } = this;
    if (output.reporter !== undefined) tellArrival(output.reporter, burst, frame);
    const { u16 } = burst;
    const words = (burst.offset[frame] as number) >> 1;
    const ingress = burst.ingress[frame] as number;
    const kind = burst.kind[frame] as number;

    // Check: no station is learned from a frame that is not admitted.
    if ((kind & Short) !== 0) return output.drop(ingress, DropReason.TooShort);
    if ((kind & Offloaded) !== 0 && !canFinish(burst, frame)) {
      return output.drop(ingress, DropReason.MalformedOffload);
    }
    // The words are read without `macHi16` and `macLo32`: inlined, these would leave V8 no budget to inline egress.
    const toHi16 = u16[words] as number;
    const toLo32 = (u16[words + 1] as number) | ((u16[words + 2] as number) << 16);
    const fromHi16 = u16[words + 3] as number;
    const fromLo32 = (u16[words + 4] as number) | ((u16[words + 5] as number) << 16);
    const abilities = this.ports.abilities(ingress);
    if ((abilities & Impaired) !== 0 && output.impairing.takesIn(frame, ingress)) return;
    if ((kind & Group) !== 0) this.countGroup(ingress, kind);
    if ((abilities & Link) === 0) return output.drop(ingress, DropReason.IngressDown);
    if (isGroup(fromHi16)) return output.drop(ingress, DropReason.SourceGroup);
    if (fromLo32 === 0 && fromHi16 === 0) return output.drop(ingress, DropReason.SourceZero);
    if (fromLo32 === toLo32 && fromHi16 === toHi16) {
      return output.drop(ingress, DropReason.SourceIsDestination);
    }
    let vlan = NO_VLAN;
    if ((abilities & FiltersVlans) !== 0) vlan = this.admission.decideVlan(frame, ingress);
    if ((kind & Reserved) !== 0) {
      if (this.reservedGroups.endsHere(frame, ingress, fromHi16, fromLo32, vlan)) return;
    }
    if (vlan < 0) return output.drop(ingress, refusalIn(vlan));
    if (this.ownSource.isOwn(fromHi16, fromLo32)) return this.ownSource.take(frame, ingress);

    // Learn the source. For a frame to a reserved address, `endsHere` has done so.
    if (abilities !== PLAIN_PORT) {
      if (!this.admission.admits(ingress, abilities, kind, fromHi16, fromLo32, vlan)) return;
    } else if ((kind & Reserved) === 0) {
      this.learning.learn(fromHi16, fromLo32, vlan, ingress);
    }

    // Hooks, which may change the frame. Its tag may be gone since `kind` was read.
    if (this.hooks.isActive && ((burst.kind[frame] as number) & Unhooked) === 0) {
      if (this.hooking.passes(frame)) this.routeHooked(ingress, vlan);
      return;
    }

    // Protocol rooms.
    const verdict = this.rooms.ask(frame, output);
    if (verdict === CONSUMED) return;
    if ((kind & ToSwitch) !== 0) return output.drop(ingress, DropReason.ToSwitch);

    // Look up, and send.
    if (verdict !== PASS) return output.sendTo(frame, verdict);
    if ((kind & Group) !== 0) return this.flooding.flood(frame, ingress);
    const port = this.fdb.lookup(toHi16, toLo32, vlan, burst.nowTicks);
    if (port === NO_PORT) return this.flooding.flood(frame, ingress);
    output.sendTo(frame, port);
  }

  /**
   * The rest of the trip of a frame that the hooks pass. These steps are written twice: a shared function, or
   * variables that a hook may set, would cost every frame 3 ns (`npm run bench -- --only decide`).
   */
  private routeHooked(ingress: number, vlan: number): void {
    const { burst, output } = this;
    const frame = this.hooks.travelling;
    const kind = burst.kind[frame] as number;
    const verdict = this.rooms.ask(frame, output);
    if (verdict === CONSUMED) return;
    if ((kind & ToSwitch) !== 0) return output.drop(ingress, DropReason.ToSwitch);
    if (verdict !== PASS) return output.sendTo(frame, verdict);
    if ((kind & Group) !== 0) return this.flooding.flood(frame, ingress);
    const { u16 } = burst;
    const at = burst.offset[frame] as number;
    const port = this.fdb.lookup(macHi16(u16, at), macLo32(u16, at), vlan, burst.nowTicks);
    if (port === NO_PORT) return this.flooding.flood(frame, ingress);
    output.sendTo(frame, port);
  }

  private countGroup(ingress: number, kind: number): void {
    const counter = (kind & Broadcast) !== 0 ? Counter.RxBroadcast : Counter.RxMulticast;
    this.counters.add(ingress, counter, 1);
  }

  // Sending ------------------------------------------------------------------------------------

  /** Sends the rest of the answer to a burst. */
  finish(): void {
    this.output.finish();
  }

  /**
   * Replaces `finish` for a caller that has sent the answer itself.
   * @param failed how many pairs failed, as `Burst.txStatus` says
   */
  sent(failed: number): void {
    this.output.sent(failed);
  }

  /** Sends the answer so far, and counts its results. */
  flush(): void {
    this.output.flush();
  }

  /** Reporter of decisions. Absent unless a trace runs. */
  get reporter(): TraceReporter | undefined {
    return this.output.reporter;
  }

  set reporter(reporter: TraceReporter | undefined) {
    this.output.reporter = reporter;
  }

  // Frames of the switch itself (Outbox) -------------------------------------------------------

  make(lengthBytes: number): number {
    return this.output.make(lengthBytes);
  }

  toPort(frame: number, port: number, tag?: number): void {
    this.output.toPort(frame, port, tag);
  }

  toLink(frame: number, port: number, vlan?: number): void {
    this.output.toLink(frame, port, vlan);
  }

  toAll(frame: number, except?: number): void {
    this.output.toAll(frame, except);
  }

  // Time ----------------------------------------------------------------------------------------

  /**
   * Ageing and protocol timers. Call it at `dueMs`, and soon after frames or changes, which do not move `dueMs`
   * at once: the data plane's loop does so within 250 ms, `MemoryIo.advance` every 100 ms.
   */
  tick(): void {
    const { burst, output } = this;
    burst.takeTime();
    this.rooms.tick(burst.nowMs, output);
    if (this.hooks.hasSends) this.hooking.sendMade();
    this.hooking.settle();
    output.results.tick();
    if (output.impairing.tick(this.fastPorts)) this.releaseAll();
    this.ageing.tick();
  }

  /** Time, in milliseconds, when a timer is due: of a room, of ageing, of a pause or an impairment; `Infinity` for never. */
  get dueMs(): number {
    const { impairing, results } = this.output;
    return Math.min(
      this.rooms.dueMs,
      this.ageing.dueMs,
      results.dueMs,
      impairing.impairments.endsMs,
    );
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. Settings that are left out stay as they are. */
  configure(settings: Partial<BridgeSettings>): void {
    const { ageingMs, groupForwardMask } = settings;
    if (ageingMs !== undefined) this.ageing.configure(ageingMs);
    if (groupForwardMask !== undefined) this.reservedGroups.forwardMask = groupForwardMask;
    this.vlanFiltering.configure(settings);
    this.rooms.configure(settings);
  }

  /** Whether frames belong to VLANs. */
  get filtersByVlan(): boolean {
    return this.vlans.isFiltering;
  }

  // Ports: see `PortManager` --------------------------------------------------------------------

  /** @throws RangeError for an id that is out of range or in use. */
  addPort(port: number, settings: BridgePortSettings): void {
    this.portManager.add(port, settings);
  }

  removePort(port: number): void {
    this.portManager.remove(port);
  }

  /** Changes a port while frames flow. What is left out stays as it is; a port keeps its name. */
  configurePort(port: number, settings: Partial<BridgePortSettings>): void {
    this.portManager.configure(port, settings);
  }

  setPortState(port: number, state: PortState): void {
    this.portManager.setState(port, PORT_STATES[state] as PortStateWord);
  }

  /** @returns port id → state */
  portStates(): Map<number, PortStateWord> {
    return this.ports.stateWords();
  }

  /** @param vlans `undefined`: that of the default PVID */
  setPortVlans(port: number, vlans: readonly PortVlan[] | undefined): void {
    this.vlanFiltering.setPort(port, vlans);
  }

  setPortUp(port: number, isUp: boolean): void {
    this.portManager.setUp(port, isUp);
  }

  setPortMtu(port: number, mtuBytes: number): void {
    this.portManager.setMtu(port, mtuBytes);
  }

  setPortOffloads(port: number, takesOffloads: boolean): void {
    this.portManager.setOffloads(port, takesOffloads);
  }

  // Mirrors: see `PortManager` and `Mirrors` ----------------------------------------------------

  /**
   * Adds a mirror, or replaces the one of the same name.
   * @returns false, and changes nothing, where there are too many
   */
  addMirror(settings: MirrorSettings): boolean {
    return this.portManager.addMirror(settings);
  }

  /** @returns whether there was such a mirror */
  removeMirror(name: string): boolean {
    return this.portManager.removeMirror(name);
  }

  mirrorCounts(): MirrorCounts[] {
    return this.mirrors.counts();
  }

  // Hooks: see `Hooking` and `Hooks` ------------------------------------------------------------

  /** Loads a hook, in place of the one of the same name. @returns its number @throws Error: see `Hooks.load` */
  loadHook(program: HookProgram): number {
    return this.hooking.load(program);
  }

  /** @returns whether there was such a hook */
  removeHook(name: string): boolean {
    return this.hooking.remove(name);
  }

  /**
   * Switches off the hook whose call was ended from outside, in the middle of a burst or of a tick. The frame that
   * it was asked about is dropped. Goes on with the frames behind it.
   */
  resumeWithoutHook(why: string): void {
    const frame = this.hooking.end(why);
    if (frame >= 0) this.forwardFrom(frame + 1);
    this.output.impairing.endRelease();
  }

  // Impairments: see `Impairing` ----------------------------------------------------------------

  /**
   * Adds an impairment, or replaces the one of the same name. Its time begins now.
   * @returns false, and changes nothing, where its port and direction have too many
   */
  addImpairment(settings: ImpairmentSettings): boolean {
    return this.output.impairing.add(settings, this.fastPorts);
  }

  /**
   * Removes an impairment. Its held frames are sent at once, so that no later frame overtakes them.
   * @returns whether there was such an impairment
   */
  removeImpairment(name: string): boolean {
    const wasThere = this.output.impairing.remove(name, this.fastPorts);
    this.releaseAll();
    return wasThere;
  }

  impairmentCounts(): ImpairmentCounts[] {
    return this.output.impairing.impairments.counts();
  }

  /**
   * Time when the next held frame of an impairment is due, milliseconds; `-Infinity` if one waits already,
   * `Infinity` if none is held.
   */
  get heldDueMs(): number {
    return this.output.impairing.impairments.heldDueMs;
  }

  /** Whether `release` has work. */
  get isReleaseDue(): boolean {
    return this.output.impairing.impairments.isDue;
  }

  /** Sends on held frames that are due: as many as fit into a burst, and go in one direction. */
  release(): void {
    const { impairing } = this.output;
    this.finish();
    this.forwardDeferred();
    if (impairing.beginRelease()) {
      this.forward();
      this.finish();
      this.forwardDeferred();
    }
    impairing.endRelease();
  }

  /** Sends on all held frames that are due. */
  releaseAll(): void {
    while (this.isReleaseDue) this.release();
  }

  // Fast path: see `FastPorts` ------------------------------------------------------------------

  /** Sets the fast path: the kernel carries out decisions of the bridge, for ports that get a leg from now on. */
  useFastPath(fast: FastPath): void {
    this.fastPorts.use(fast);
  }

  /** VLAN of the untagged frames of a port: see `PortField.VLAN`. */
  fastVlanOf(port: number): number {
    return this.fastPorts.vlanOf(port);
  }

  get hasFastPath(): boolean {
    return this.fastPorts.hasFastPath;
  }

  /** Sets whether every frame of a port must come to the bridge, because a capture needs it. */
  setPortWatched(port: number, isWatched: boolean): void {
    this.fastPorts.setWatched(port, isWatched);
  }

  /** Counts the frames that the kernel has carried until now. */
  collectCounters(): void {
    this.fastPorts.collectCounters();
  }

  // Stations: see `Stations` --------------------------------------------------------------------

  /**
   * The forwarding database, for tests and small tables; see `Fdb.beginCopy` for large ones.
   * @param nowMs monotonic time; that of the last burst or tick unless given
   */
  stations(nowMs = this.burst.nowMs): FdbEntry[] {
    return this.stationTable.list(nowMs);
  }

  /** @returns false if the table has no room for another static entry */
  addStation(hi16: number, lo32: number, vlan: number, port: number, isStatic: boolean): boolean {
    return this.stationTable.add(hi16, lo32, vlan, port, isStatic);
  }

  /** @returns whether there was such a station */
  removeStation(hi16: number, lo32: number, vlan: number): boolean {
    return this.stationTable.remove(hi16, lo32, vlan);
  }

  /** Forgets the learned stations of one port and one VLAN, or of all. @returns how many */
  flushStations(port: number | undefined, vlan: number | undefined): number {
    return this.stationTable.flush(port, vlan);
  }
}
