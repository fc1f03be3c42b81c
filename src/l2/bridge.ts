/**
 * The bridge: `forwardFrame` is the trip of a frame, top to bottom. Everything else here is what
 * that trip needs at hand, or what the control plane may ask.
 *
 * A plain object that knows no thread, no device and no clock. Whoever drives it puts frames and
 * the time into `burst`, calls `handleBurst`, and from time to time `tick()` and `flush()`. All of
 * it runs on one thread.
 *
 * While somebody traces, the bridge tells its reporter of each decision (`trace-steps.ts` has the
 * words). It has one on a twin of the bridge only (`trace.ts`).
 *
 * Nothing here allocates per frame. Behaviour follows IEEE 802.1Q-2022 clause 8 and, where that
 * leaves a choice, the Linux bridge (net/bridge/br_input.c, br_forward.c).
 */

import { NO_PORT } from '../frame/port-id';
import {
  canFinish,
  isOrdinaryOffload,
  segmentBytes,
  segmentCount,
  segmentTo,
} from '../frame/segment';
import { AS_IT_IS, STRIP, shiftOf } from '../frame/tag-operation';
import { Burst, type BurstSize, FrameFlag, isPlain, tagsOf } from '../frame/burst';
import { classify } from '../frame/classify';
import { Counter, Counters } from './counters';
import { DropReason } from './drop-reason';
import { Egress } from './egress';
import { EventKind, EventLog } from './event-log';
import type { FastPath } from './fast/fast-path';
import type { FastLeg } from './fast/leg';
import { FastObstacle } from './fast/obstacle';
import type { FdbEntry } from './fdb/entry';
import { Fdb, LearnResult } from './fdb/table';
import { FlapDetector } from './flap-detector';
import { type MacWords, formatMac, parseMac } from '../wire/mac';
import { OffloadPauses } from './offload-pauses';
import type { Outbox } from '../frame/outbox';
import type { TraceReporter } from '../frame/trace-reporter';
import { type BridgePortSettings, PortAbility, type PortState, PortTable } from './port-table';
import { PortSecurity, type SecuritySettings } from './port-security';
import { ROOM_LIST, type RoomNews } from './room-list';
import { type RoomOptions, Rooms } from './rooms';
import type { BridgeSettings } from './settings';
import { ShutPorts } from './shut-ports';
import { StormClass, StormControl, type StormLimits } from './storm';
import { toTicks } from '../frame/time';
import {
  tellArrival,
  tellDrop,
  tellFlood,
  tellLearning,
  tellLeaving,
  tellOwnWords,
  tellSegmenting,
} from './trace-steps';
import { Errno, type Transmitter } from '../frame/transmitter';
import { CONSUMED, PASS } from '../frame/verdict';
import { NO_VLAN } from '../wire/vlan';
import {
  DESTINATION,
  SOURCE,
  VLAN_TAG_BYTES,
  isGroup,
  macHi16,
  macLo32,
  reservedNibble,
} from '../wire/ethernet';

const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_FDB_MAX = 65_536;
const DEFAULT_MAX_PORTS = 1_024;
/** 02:00:00:00:00:00 is nobody's: it serves a bridge in a test that has no use for a MAC. */
const DEFAULT_MAC: MacWords = { hi16: 0x0002, lo32: 0 };

/** Slots that one tick sweeps for entries past their time: few enough to delay no burst. */
const SWEEP_SLOTS = 8_192;
/** What could be said for each frame is said at most this often. */
const REPORT_INTERVAL_MS = 1_000;

/**
 * Work of one port's frames in one burst, as `Burst.work` counts it, after which its other frames
 * wait for the next burst: half a millisecond. 64 frames to one port each, or to seven, stay below.
 */
const WORK_PER_TURN = 512;
/**
 * Frames that one super-frame may become for each port, however many ports there are: 64 KiB in
 * segments of 1024 bytes, and as many datagrams as Linux before 6.9 takes in one call
 * (UDP_MAX_SEGMENTS, linux/udp.h). For few ports it is as many as a turn allows: 512 for one, which
 * is 64 KiB in segments of 128 bytes. What is refused costs next to nothing, so that a queue full
 * of it is gone at once.
 */
const SEGMENTS_TO_EACH = 64;

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Broadcast, Group, Offloaded, Reserved, Short, Tagged, ToSwitch } = FrameFlag;
const { Forward, Learn, Link, Locked, Secured, Storm } = PortAbility;
/** Abilities of a port that forwards and has no flag, as most do: it is asked for first. */
const PLAIN_PORT = Link | Learn | Forward;
const RESERVED_STP = 0;
const RESERVED_PAUSE = 1;

/** Class of a flood → the reason for which a storm limit drops it. */
const STORM_REASONS = {
  [StormClass.Unknown]: DropReason.StormUnknown,
  [StormClass.Multicast]: DropReason.StormMulticast,
  [StormClass.Broadcast]: DropReason.StormBroadcast,
} as const;

export interface BridgeOptions extends RoomOptions {
  /** The switch's own MAC. */
  readonly mac?: MacWords;
  /** 0: a hub, nothing is learned. */
  readonly ageingMs?: number;
  /** Learned entries at most. */
  readonly fdbMax?: number;
  /** Learned entries on one port at most. */
  readonly fdbMaxPerPort?: number;
  /** What happens to 01-80-C2-00-00-0X: as on a Linux bridge without STP, or all dropped. */
  readonly reserved?: 'br0' | 'strict';
  /** Seed of the FDB's hash. Use a random one where hosts are not trusted. */
  readonly seed?: number;
  readonly maxPorts?: number;
  readonly burst?: BurstSize;
  /** Memory for the counters, where another thread is to read them. */
  readonly counterMemory?: SharedArrayBuffer;
  /** Memory for the number of stations, if another thread reads it. */
  readonly fdbTotalsMemory?: SharedArrayBuffer;
}

export class Bridge implements Outbox {
  readonly burst: Burst;
  readonly fdb: Fdb;
  readonly ports: PortTable;
  readonly counters: Counters;
  readonly events = new EventLog();
  readonly rooms: Rooms;
  /** Told of each decision. Absent while nobody traces. */
  reporter: TraceReporter | undefined = undefined;
  /** Absent while no port has had a leg for it. No frame of a burst asks for it. */
  private fast: FastPath | undefined = undefined;
  /** Ports whose every frame must come to the bridge. */
  private readonly watched = new Set<number>();
  private readonly egress: Egress;
  private readonly flaps = new FlapDetector();
  private readonly offloadPauses = new OffloadPauses();
  private readonly storm: StormControl;
  private readonly security: PortSecurity;
  private readonly shutPorts = new ShutPorts();
  private readonly news: (news: RoomNews) => void;
  /** Port → the MAC that is behind it for good. */
  private readonly hostMacs = new Map<number, MacWords>();
  private readonly mac: MacWords;
  private readonly forwardsStp: boolean;
  /** Bit X: frames to 01-80-C2-00-00-0X that no room wants travel on. */
  private groupForwardMask = 0;
  private transmitter: Transmitter | undefined;
  private nowTicks = 0;
  /** What the kernel refused in this burst for its offload: frame, port and tag operation. */
  private readonly refused: [frame: number, port: number, tag: number][] = [];
  private ownSourceQuietUntil = Number.NEGATIVE_INFINITY;
  private limitQuietUntil = Number.NEGATIVE_INFINITY;
  /** `crowdedCount` of the FDB when the bridge last read it. */
  private crowdedCount = 0;
  /** Work that the frames of a port made in this burst, by port; all zero between two bursts. */
  private readonly charges: Int32Array;

  constructor(options: BridgeOptions = {}) {
    const maxPorts = options.maxPorts ?? DEFAULT_MAX_PORTS;
    // A copy: V8 would compile anew for an object that came from another thread.
    const { hi16, lo32 } = options.mac ?? DEFAULT_MAC;
    this.mac = { hi16, lo32 };
    this.forwardsStp = options.reserved !== 'strict';
    this.burst = new Burst(options.burst);
    this.ports = new PortTable(maxPorts);
    this.egress = new Egress(this.burst, this.ports);
    this.charges = new Int32Array(maxPorts);
    this.storm = new StormControl(maxPorts);
    const roomList = { ...ROOM_LIST, ...options.extraRooms };
    this.counters = new Counters(maxPorts, options.counterMemory, roomList);
    this.fdb = new Fdb({
      ageingMs: options.ageingMs ?? DEFAULT_AGEING_MS,
      maxDynamic: options.fdbMax ?? DEFAULT_FDB_MAX,
      maxDynamicPerPort: options.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
      maxPorts,
      seed: options.seed ?? 0,
      ...(options.fdbTotalsMemory !== undefined && { totalsMemory: options.fdbTotalsMemory }),
    });
    this.security = new PortSecurity(this.fdb, options.fdbMaxPerPort ?? Infinity, maxPorts);
    this.news = options.news ?? ((): void => undefined);
    this.rooms = new Rooms(options, {
      mac: this.mac,
      counters: this.counters,
      topology: {
        portOf: (hi16, lo32, vlan) => this.fdb.peek(hi16, lo32, vlan, this.nowTicks),
        joins: (ingress, egress) =>
          this.ports.forwards(ingress) &&
          this.ports.forwards(egress) &&
          !this.ports.areApart(ingress, egress),
        placementOf: (hi16, lo32, vlan) => this.fdb.placementOf(hi16, lo32, vlan),
        audience: () => this.ports.beganCount,
        requestListeners: () => this.ports.requestListeners,
      },
      maxPorts,
      seed: options.seed ?? 0,
    });
  }

  /** Sets the transmitter, which sends the answers. Call this once before the first burst. */
  connect(transmitter: Transmitter): void {
    this.transmitter = transmitter;
  }

  // The trip of a frame ------------------------------------------------------------------------

  /** Forwards a burst that `receive` has just filled with `receivedCount` frames. */
  handleBurst(receivedCount: number): void {
    this.burst.begin(receivedCount);
    this.forward();
    this.finish();
    while (this.burst.deferredCount > 0) {
      this.burst.carryOver();
      this.forward();
      this.finish();
    }
  }

  /**
   * Decides for the received frames of the burst. The answer is in the burst: `flush` it. A port
   * whose frames make more work than its turn allows has the rest of them wait: the caller calls
   * `Burst.carryOver` before he receives more.
   */
  forward(): void {
    this.nowTicks = toTicks(this.nowMs);
    const { burst, charges } = this;
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
    // Frames of one port come in runs: its work is counted here as long as a run lasts.
    let port = 0;
    let charged = 0;
    for (let frame = 0; frame < receivedCount; frame++) {
      if (ingress[frame] !== port) {
        charges[port] = charged;
        port = ingress[frame] as number;
        charged = charges[port] as number;
      }
      if (charged >= WORK_PER_TURN) {
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
    if (this.reporter !== undefined) tellArrival(this.reporter, this.burst, frame);
    const { u16 } = this.burst;
    const words = (this.burst.offset[frame] as number) >> 1;
    const ingress = this.burst.ingress[frame] as number;
    const kind = this.burst.kind[frame] as number;

    // Check: a frame that is not admitted teaches nothing.
    if ((kind & Short) !== 0) return this.drop(ingress, DropReason.TooShort);
    if ((kind & Offloaded) !== 0 && !canFinish(this.burst, frame)) {
      return this.drop(ingress, DropReason.MalformedOffload);
    }
    // Reads without `macHi16` and `macLo32`: inlined, they cost the room in which V8 inlines egress.
    const toHi16 = u16[words] as number;
    const toLo32 = (u16[words + 1] as number) | ((u16[words + 2] as number) << 16);
    const fromHi16 = u16[words + 3] as number;
    const fromLo32 = (u16[words + 4] as number) | ((u16[words + 5] as number) << 16);
    if ((kind & Group) !== 0) this.countGroup(ingress, kind);
    const abilities = this.ports.abilities(ingress);
    if ((abilities & Link) === 0) return this.drop(ingress, DropReason.IngressDown);
    if (isGroup(fromHi16)) return this.drop(ingress, DropReason.SourceGroup);
    if (fromLo32 === 0 && fromHi16 === 0) return this.drop(ingress, DropReason.SourceZero);
    if (fromLo32 === toLo32 && fromHi16 === toHi16) {
      return this.drop(ingress, DropReason.SourceIsDestination);
    }
    if ((kind & Reserved) !== 0 && this.endsHere(frame, ingress, fromHi16, fromLo32)) return;
    if (this.isOwnMac(fromHi16, fromLo32)) return this.dropOwnSource(ingress);

    // Learn, unless that is done.
    if (abilities !== PLAIN_PORT) {
      if (!this.admits(ingress, abilities, kind, fromHi16, fromLo32)) return;
    } else if ((kind & Reserved) === 0) {
      this.learn(fromHi16, fromLo32, ingress);
    }

    // Protocol rooms.
    const verdict = this.rooms.ask(frame, this);
    if (verdict === CONSUMED) return;
    if ((kind & ToSwitch) !== 0) return this.drop(ingress, DropReason.ToSwitch);

    // Look up, and send.
    if (verdict !== PASS) return this.sendTo(frame, verdict);
    if ((kind & Group) !== 0) return this.flood(frame, ingress);
    const port = this.fdb.lookup(toHi16, toLo32, NO_VLAN, this.nowTicks);
    if (port === NO_PORT) return this.flood(frame, ingress);
    this.sendTo(frame, port);
  }

  /**
   * Deals with a frame to a reserved address, which is for this bridge or its neighbours alone. The
   * rooms are asked whatever the state of the port, and also where the source is the switch's own
   * address: a BPDU of the switch that comes back tells of a loop. A frame teaches as any other does.
   * @returns whether its trip ends here; a frame that no room wants travels on if its address is in the
   *   mask of forwarded groups, or, as on a Linux bridge without STP, if it is the address of STP
   */
  private endsHere(frame: number, ingress: number, fromHi16: number, fromLo32: number): boolean {
    const { burst } = this;
    const at = (burst.offset[frame] as number) + DESTINATION;
    const address = reservedNibble(macLo32(burst.u16, at));
    const isOwn = this.isOwnMac(fromHi16, fromLo32);
    // PAUSE belongs to one link: a bridge does not even learn from it.
    const mayTeach = !isOwn && address !== RESERVED_PAUSE && this.ports.learns(ingress);
    const teaches = mayTeach && this.isAdmitted(ingress, fromHi16, fromLo32);
    if (teaches) this.learn(fromHi16, fromLo32, ingress);
    const verdict = this.rooms.askReserved(frame, address, this);
    if (verdict === PASS && this.forwardsReserved(address)) return false;
    if (verdict >= 0) this.sendTo(frame, verdict);
    else if (verdict === PASS && isOwn) this.dropOwnSource(ingress);
    else if (verdict === PASS) this.drop(ingress, DropReason.Reserved);
    return true;
  }

  /** @param address X of 01-80-C2-00-00-0X */
  private forwardsReserved(address: number): boolean {
    if (((this.groupForwardMask >> address) & 1) === 1) return true;
    return address === RESERVED_STP && this.forwardsStp;
  }

  /** Learns from a port that has flags or is not forwarding. @returns whether the frame's trip goes on */
  private admits(
    ingress: number,
    abilities: number,
    kind: number,
    fromHi16: number,
    fromLo32: number,
  ): boolean {
    if ((abilities & Locked) !== 0 && !this.isKnownAt(ingress, fromHi16, fromLo32)) {
      this.drop(ingress, DropReason.Locked);
      return false;
    }
    if ((abilities & Secured) !== 0 && !this.isSecure(ingress, fromHi16, fromLo32)) {
      this.dropViolation(ingress, fromHi16, fromLo32);
      return false;
    }
    if ((kind & Reserved) === 0 && (abilities & Learn) !== 0) {
      this.learn(fromHi16, fromLo32, ingress);
    }
    // A port that is learning does no more.
    if ((abilities & Forward) !== 0) return true;
    this.drop(ingress, DropReason.IngressDiscarding);
    return false;
  }

  /** Whether a lock and port security let a station send from the port. */
  private isAdmitted(port: number, hi16: number, lo32: number): boolean {
    const abilities = this.ports.abilities(port);
    if ((abilities & Locked) !== 0 && !this.isKnownAt(port, hi16, lo32)) return false;
    return (abilities & Secured) === 0 || this.isSecure(port, hi16, lo32);
  }

  private isSecure(port: number, hi16: number, lo32: number): boolean {
    return this.security.admits(port, hi16, lo32, NO_VLAN, this.nowTicks, this.nowMs);
  }

  private dropViolation(port: number, hi16: number, lo32: number): void {
    const { nowMs, security } = this;
    this.drop(port, DropReason.PortSecurity);
    if (security.reports(port, nowMs, REPORT_INTERVAL_MS)) {
      this.events.add(EventKind.Violation, port, NO_PORT, hi16, lo32, NO_VLAN, nowMs);
    }
    if (!security.shuts(port)) return;
    this.setPortShut(port, true);
    this.news({ event: 'port-shut', port, why: 'port-security', mac: formatMac(hi16, lo32) });
  }

  private countGroup(ingress: number, kind: number): void {
    const counter = (kind & Broadcast) !== 0 ? Counter.RxBroadcast : Counter.RxMulticast;
    this.counters.add(ingress, counter, 1);
  }

  private learn(hi16: number, lo32: number, port: number): void {
    const result = this.fdb.learn(hi16, lo32, NO_VLAN, port, this.nowTicks);
    if (this.reporter !== undefined) this.reportLearning(this.reporter, result, hi16, lo32, port);
    if (result === LearnResult.Refreshed) return;
    if (result === LearnResult.Learned) {
      this.counters.add(port, Counter.Learned, 1);
      this.events.add(EventKind.Learn, port, NO_PORT, hi16, lo32, NO_VLAN, this.nowMs);
    } else if (result === LearnResult.Moved) {
      const from = this.fdb.movedFrom;
      this.counters.add(port, Counter.MovedHere, 1);
      this.events.add(EventKind.Move, port, from, hi16, lo32, NO_VLAN, this.nowMs);
      if (this.flaps.moved(hi16, lo32, this.nowMs)) {
        this.events.add(EventKind.Flapping, port, from, hi16, lo32, NO_VLAN, this.nowMs);
      }
    }
    if (this.fdb.crowdedCount > this.crowdedCount) this.noteLimit(hi16, lo32, port);
  }

  private reportLearning(
    reporter: TraceReporter,
    result: LearnResult,
    hi16: number,
    lo32: number,
    port: number,
  ): void {
    const { fdb } = this;
    const knownPort = fdb.peek(hi16, lo32, NO_VLAN, this.nowTicks);
    tellLearning(reporter, fdb, result, formatMac(hi16, lo32), port, knownPort);
  }

  private noteLimit(hi16: number, lo32: number, port: number): void {
    this.crowdedCount = this.fdb.crowdedCount;
    if (this.nowMs < this.limitQuietUntil) return;
    this.limitQuietUntil = this.nowMs + REPORT_INTERVAL_MS;
    this.events.add(EventKind.Limit, port, NO_PORT, hi16, lo32, NO_VLAN, this.nowMs);
  }

  private flood(frame: number, ingress: number): void {
    const takers = this.takersOf(frame, this.burst.kind[frame] as number);
    if ((this.ports.abilities(ingress) & Storm) !== 0) {
      if (!this.isRegistered(takers) && this.isStorm(frame, ingress)) return;
    }
    if (this.reporter !== undefined) this.reportFlood(this.reporter, frame, takers);
    const segmentsMax = Math.max(SEGMENTS_TO_EACH, (WORK_PER_TURN / takers.length) | 0);
    let copies = 0;
    for (let index = 0; index < takers.length; index++) {
      const port = takers[index] as number;
      if (!this.egress.mayLeave(port, frame)) continue;
      this.deliver(frame, port, AS_IT_IS, segmentsMax);
      copies++;
    }
    if (copies === 0) return this.drop(ingress, this.whyUntaken(takers));
    this.counters.add(ingress, Counter.RxFlooded, 1);
  }

  /** Drops a frame that is beyond a limit of its port. @returns whether it did */
  private isStorm(frame: number, ingress: number): boolean {
    const { burst, storm, nowMs } = this;
    const kind = burst.kind[frame] as number;
    const frames = (kind & Offloaded) === 0 ? 1 : segmentCount(burst, frame);
    const group = (kind & Broadcast) !== 0 ? StormClass.Broadcast : StormClass.Multicast;
    const index = (kind & Group) === 0 ? StormClass.Unknown : group;
    if (storm.admits(ingress, index, frames, nowMs)) return false;
    this.drop(ingress, STORM_REASONS[index]);
    if (storm.reports(ingress, nowMs, REPORT_INTERVAL_MS)) {
      const { u16, offset } = burst;
      const at = (offset[frame] as number) + SOURCE;
      const [hi16, lo32] = [macHi16(u16, at), macLo32(u16, at)];
      this.events.add(EventKind.Storm, ingress, NO_PORT, hi16, lo32, NO_VLAN, nowMs);
    }
    return true;
  }

  private reportFlood(reporter: TraceReporter, frame: number, takers: Int32Array): void {
    // Snooping has told of its own lists.
    if (this.isSnooped(takers)) return;
    const spared = this.ports.forwarding.filter((port) => !takers.includes(port));
    tellFlood(reporter, this.burst, frame, spared);
  }

  /** The ports to which a frame of this kind goes that no station gets alone. */
  private takersOf(frame: number, kind: number): Int32Array {
    const { floodTo } = this.ports;
    if ((kind & Group) === 0) return floodTo.unknown;
    if ((kind & Broadcast) !== 0) return floodTo.broadcast;
    const { mcast } = this.rooms;
    return mcast.isOn ? mcast.delivery.takersOf(frame, floodTo.multicast, this) : floodTo.multicast;
  }

  /** Whether a list of ports is one of snooping, and none of a flood. */
  private isSnooped(takers: Int32Array): boolean {
    const { unknown, multicast, broadcast } = this.ports.floodTo;
    return takers !== unknown && takers !== multicast && takers !== broadcast;
  }

  /** Whether a list of ports is that of a group which somebody has joined. */
  private isRegistered(takers: Int32Array): boolean {
    return this.isSnooped(takers) && this.rooms.mcast.delivery.isRegistered;
  }

  private whyUntaken(takers: Int32Array): DropReason {
    return this.isSnooped(takers) ? DropReason.NoMember : DropReason.NoOtherPort;
  }

  private isKnownAt(port: number, hi16: number, lo32: number): boolean {
    return this.fdb.peek(hi16, lo32, NO_VLAN, this.nowTicks) === port;
  }

  /** @param tag what happens to the outer tag of the frame: see `tag-operation.ts` */
  private sendTo(frame: number, port: number, tag = AS_IT_IS): void {
    if (!this.egress.mayLeave(port, frame)) return this.refuse(frame, port);
    this.deliver(frame, port, tag, WORK_PER_TURN);
  }

  private refuse(frame: number, port: number): void {
    this.drop(port, this.egress.reasonAgainst(port, frame));
  }

  /**
   * Whether the port can take the frame, and in which shape.
   * @param segmentsMax frames that a super-frame may become
   */
  private deliver(frame: number, port: number, tag: number, segmentsMax: number): void {
    const { burst, ports } = this;
    const shiftBytes = tag === AS_IT_IS ? 0 : shiftOf(tag);
    if ((burst.length[frame] as number) + shiftBytes > ports.longestFrame(port)) {
      if (!this.fitsOtherwise(frame, port, tag)) return;
    }
    if (((burst.kind[frame] as number) & Offloaded) !== 0 && !ports.takesOffloads(port)) {
      this.segment(frame, port, tag, segmentsMax);
      return;
    }
    if (this.reporter !== undefined) tellLeaving(this.reporter, burst, frame, port);
    if (!burst.hasTxRoom(1)) this.flush();
    burst.send(frame, port, tag);
  }

  /**
   * Whether a frame that is too long as it is fits all the same: as segments, or without its outer
   * tag, which Linux holds apart from the frame and does not count (`is_skb_forwardable`).
   */
  private fitsOtherwise(frame: number, port: number, tag: number): boolean {
    const leavingBytes = segmentBytes(this.burst, frame) + shiftOf(tag);
    const countedBytes = leavingBytes - this.outerTagBytes(frame, tag);
    const fits = countedBytes <= this.ports.longestFrame(port);
    if (!fits) this.drop(port, DropReason.TooLong);
    return fits;
  }

  /** Bytes of the outer tag of a frame as it leaves. */
  private outerTagBytes(frame: number, tag: number): number {
    const { burst } = this;
    const isTagged = ((burst.kind[frame] as number) & Tagged) !== 0;
    const staysTagged = tag === STRIP ? tagsOf(burst, frame) > 1 : isTagged || tag !== AS_IT_IS;
    return staysTagged ? VLAN_TAG_BYTES : 0;
  }

  private segment(frame: number, port: number, tag: number, segmentsMax: number): boolean {
    if (segmentCount(this.burst, frame) > segmentsMax) {
      this.drop(port, DropReason.TooManySegments);
      return false;
    }
    const isSent =
      this.reporter === undefined
        ? segmentTo(frame, port, this, tag)
        : this.segmentReported(this.reporter, frame, port, tag);
    // A frame that was admitted can always be segmented.
    if (!isSent) this.drop(port, DropReason.WriteFailed);
    return isSent;
  }

  /** The segments are frames of the switch's making, and yet the received frame: told of as that. */
  private segmentReported(
    reporter: TraceReporter,
    frame: number,
    port: number,
    tag: number,
  ): boolean {
    tellSegmenting(reporter, segmentCount(this.burst, frame), port);
    this.reporter = undefined;
    const isSent = segmentTo(frame, port, this, tag);
    this.reporter = reporter;
    if (isSent) tellLeaving(reporter, this.burst, frame, port);
    return isSent;
  }

  // Frames of the switch itself (Outbox) -------------------------------------------------------

  make(lengthBytes: number): number {
    const frame = this.burst.make(lengthBytes);
    if (frame >= 0) return frame;
    // What waits to be sent holds the room. Once it is sent, there is room for any frame.
    this.flush();
    this.burst.releaseMade();
    return this.burst.make(lengthBytes);
  }

  toPort(frame: number, port: number, tag = AS_IT_IS): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    this.sendTo(frame, port, tag);
  }

  toLink(frame: number, port: number): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    if (this.ports.isUp(port)) this.deliver(frame, port, AS_IT_IS, WORK_PER_TURN);
    else this.drop(port, DropReason.EgressDown);
  }

  toAll(frame: number, except = NO_PORT): void {
    for (const port of this.ports.forwarding) if (port !== except) this.toPort(frame, port);
  }

  // What became of it ---------------------------------------------------------------------------

  /** Sends what is left of the answer to a burst. */
  finish(): void {
    this.flush();
    if (this.refused.length > 0) this.sendRefused();
  }

  /**
   * In place of `finish`, for a caller who has sent the answer himself.
   * @param failed how many pairs failed, as `Burst.txStatus` says
   */
  sent(failed: number): void {
    this.settle(failed);
    if (this.refused.length > 0) this.sendRefused();
  }

  /** Sends what has been decided so far, and counts what came of it. */
  flush(): void {
    if (this.burst.txCount === 0) return;
    if (this.transmitter === undefined) throw new Error('the bridge is connected to no ports');
    this.settle(this.transmitter.transmit());
  }

  private settle(failed: number): void {
    const { burst } = this;
    const count = burst.txCount;
    if (failed > 0) this.countFailures(count);
    const { txPort, txLength } = burst;
    this.counters.addRuns(0, count, txPort, txLength, Counter.TxFrames, Counter.TxBytes);
    burst.clearAnswer();
  }

  /** Takes the pairs that failed out of the answer. */
  private countFailures(count: number): void {
    const { txFrame, txPort, txStatus, txTag } = this.burst;
    for (let entry = 0; entry < count; entry++) {
      const errno = txStatus[entry] as number;
      if (errno === 0) continue;
      const frame = txFrame[entry] as number;
      const port = txPort[entry] as number;
      txPort[entry] = NO_PORT;
      if (errno === Errno.EINVAL && this.showsRefusal(frame)) {
        this.refused.push([frame, port, txTag[entry] as number]);
      } else {
        this.drop(port, dropReasonFor(errno));
      }
    }
  }

  /**
   * Whether EINVAL for this frame tells of the kernel. For any but ordinary frames it tells of the
   * sender, and no guest may cost other ports their offloads.
   */
  private showsRefusal(frame: number): boolean {
    return !isPlain(this.burst, frame) && isOrdinaryOffload(this.burst, frame);
  }

  /**
   * A port whose kernel refuses an offload gets plain frames for a while, beginning with those that
   * it refused. They are received frames, and lie in the burst until the next one begins.
   */
  private sendRefused(): void {
    for (const [frame, port, tag] of this.refused.splice(0)) {
      if (!this.segment(frame, port, tag, SEGMENTS_TO_EACH) || !this.ports.takesOffloads(port)) {
        continue;
      }
      this.ports.setOffloads(port, false);
      this.offloadPauses.begin(port, this.nowMs);
      this.events.add(EventKind.OffloadRefused, port, NO_PORT, 0, 0, NO_VLAN, this.nowMs);
    }
    this.flush();
  }

  private drop(port: number, reason: DropReason): void {
    if (this.reporter !== undefined) tellDrop(this.reporter, port, reason);
    this.counters.drop(port, reason);
  }

  private dropOwnSource(ingress: number): void {
    this.drop(ingress, DropReason.SourceIsSwitch);
    if (this.nowMs < this.ownSourceQuietUntil) return;
    this.ownSourceQuietUntil = this.nowMs + REPORT_INTERVAL_MS;
    const { hi16, lo32 } = this.mac;
    this.events.add(EventKind.OwnSource, ingress, NO_PORT, hi16, lo32, NO_VLAN, this.nowMs);
  }

  private isOwnMac(hi16: number, lo32: number): boolean {
    return lo32 === this.mac.lo32 && hi16 === this.mac.hi16;
  }

  // Time ----------------------------------------------------------------------------------------

  /**
   * Ageing and protocol timers. Call it at `dueMs`, and for ageing some times a second besides: the
   * data plane's loop does so every 250 ms, `MemoryIo.advance` every 100 ms.
   */
  tick(): void {
    this.nowTicks = toTicks(this.nowMs);
    this.rooms.tick(this.nowMs, this);
    this.offloadPauses.tick(this.nowMs, this.resumeOffloads);
    this.fdb.sweep(Math.min(SWEEP_SLOTS, this.fdb.slots), this.nowTicks, this.noteAged);
  }

  /** When a protocol timer is due; `Infinity` for never. */
  get dueMs(): number {
    return this.rooms.dueMs;
  }

  private readonly resumeOffloads = (port: number): void => {
    this.ports.setOffloads(port, true);
  };

  private readonly noteAged = (hi16: number, lo32: number, vlan: number, port: number): void => {
    this.events.add(EventKind.Age, port, NO_PORT, hi16, lo32, vlan, this.nowMs);
  };

  private get nowMs(): number {
    return this.burst.nowMs;
  }

  // Ports ---------------------------------------------------------------------------------------

  /** @throws RangeError for an id that is out of range or in use. */
  addPort(port: number, settings: BridgePortSettings): void {
    this.ports.add(port, settings);
    this.counters.clear(port);
    if (settings.isTrusted !== undefined) this.rooms.setTrusted(port, settings.isTrusted);
    this.shutPorts.setLink(port, settings.isUp);
    if (settings.isShut === true) this.setPortShut(port, true);
    else this.rooms.portChanged(port, settings.isUp);
    this.rooms.mcast.configurePort(port, settings);
    this.setGuards(port, settings);
    this.setFastLeg(port, settings.fastLeg);
    this.setPortHostMac(port, settings.hostMac ?? null);
  }

  removePort(port: number): void {
    this.fast?.setLeg(port, undefined);
    this.fast?.collect(port, this.counters);
    this.watched.delete(port);
    this.burst.forgetDeferred(port);
    this.fdb.forgetPort(port);
    this.hostMacs.delete(port);
    this.rooms.portRemoved(port);
    this.offloadPauses.forget(port);
    this.storm.forget(port);
    this.security.forget(port);
    this.shutPorts.forget(port);
    this.ports.remove(port);
  }

  /** Changes a port while frames flow. What is left out stays as it is; a port keeps its name. */
  configurePort(port: number, settings: Partial<BridgePortSettings>): void {
    const { isUp, mtuBytes, takesOffloads, hearsRequests, isTrusted, hostMac, fastLeg } = settings;
    if (mtuBytes !== undefined) this.setPortMtu(port, mtuBytes);
    if (takesOffloads !== undefined) this.setPortOffloads(port, takesOffloads);
    if (hearsRequests !== undefined) this.setPortHearsRequests(port, hearsRequests);
    if (isTrusted !== undefined) this.rooms.setTrusted(port, isTrusted);
    if (hostMac !== undefined) this.setPortHostMac(port, hostMac);
    this.rooms.mcast.configurePort(port, settings);
    this.ports.setFlags(port, settings);
    this.setGuards(port, settings);
    if (settings.isShut !== undefined) this.setPortShut(port, settings.isShut);
    if (isUp !== undefined) this.setPortUp(port, isUp);
    this.setFastLeg(port, fastLeg);
    this.settleFastPath(port);
  }

  /**
   * Sets what the active topology lets a port do. A port that stops learning takes what was learned
   * there with it, as one that goes down does: fdbFlush of IEEE 802.1Q-2022 13.29.14. From forwarding
   * to learning nothing is forgotten, for the stations are still there. Unlike this, br0 forgets
   * only what was learned on a port that is disabled, and lets the rest age sooner.
   */
  setPortState(port: number, state: PortState): void {
    const didLearn = this.ports.learns(port);
    this.ports.setState(port, state);
    this.settleFastPath(port);
    if (!didLearn || this.ports.learns(port)) return;
    this.fdb.flushPort(port);
    this.rooms.flushNeighbours(port);
    this.rooms.mcast.flushPort(port);
  }

  /** A port that goes down takes what was learned there with it. */
  setPortUp(port: number, isUp: boolean): void {
    this.settleLink(port, this.shutPorts.setLink(port, isUp));
  }

  /** Shuts a port, which is down then whatever its link does, or opens it again. */
  setPortShut(port: number, isShut: boolean): void {
    if (isShut === this.shutPorts.isShut(port)) return;
    this.settleLink(port, this.shutPorts.setShut(port, isShut));
  }

  private settleLink(port: number, isUp: boolean): void {
    if (!isUp) this.fast?.shut(port, FastObstacle.Down);
    if (!isUp) this.fdb.flushPort(port);
    this.ports.setUp(port, isUp);
    this.settleFastPath(port);
    this.rooms.portChanged(port, isUp);
  }

  setPortMtu(port: number, mtuBytes: number): void {
    this.ports.setMtu(port, mtuBytes);
    this.settleFastPath(port);
  }

  /** Sets whether the port hears every ARP and ND request, also one that the switch answers. */
  setPortHearsRequests(port: number, hearsRequests: boolean): void {
    this.ports.setHearsRequests(port, hearsRequests);
  }

  /**
   * Places the one station that is behind a port for good, in place of the last one: no other port can
   * claim its MAC. The Linux bridge has such entries for its own MACs (`br_fdb_add_local`).
   */
  setPortHostMac(port: number, hostMac: string | null): void {
    const before = this.hostMacs.get(port);
    if (before !== undefined) this.fdb.remove(before.hi16, before.lo32, NO_VLAN);
    this.hostMacs.delete(port);
    const mac = hostMac === null ? undefined : parseMac(hostMac);
    if (mac === undefined) return;
    this.hostMacs.set(port, mac);
    this.fdb.addStatic(mac.hi16, mac.lo32, NO_VLAN, port, toTicks(this.nowMs));
  }

  /** Sets the storm limits and the port security that are given. */
  private setGuards(port: number, settings: Partial<StormLimits & SecuritySettings>): void {
    this.storm.configure(port, settings, this.nowMs);
    this.ports.setGuard(port, Storm, this.storm.limitsPort(port));
    this.security.configure(port, settings);
    this.ports.setGuard(port, Secured, this.security.secures(port));
  }

  setPortOffloads(port: number, takesOffloads: boolean): void {
    this.offloadPauses.forget(port);
    this.ports.setOffloads(port, takesOffloads);
  }

  // Fast path -----------------------------------------------------------------------------------

  /** Has the kernel carry out what the bridge decides, for ports that get a leg from now on. */
  useFastPath(fast: FastPath): void {
    this.fast = fast;
    this.fdb.mirrorTo(fast);
  }

  get hasFastPath(): boolean {
    return this.fast !== undefined;
  }

  /** Sets whether every frame of a port must come to the bridge, because somebody watches it. */
  setPortWatched(port: number, isWatched: boolean): void {
    if (isWatched) this.watched.add(port);
    else this.watched.delete(port);
    this.settleFastPath(port);
  }

  /** Counts what the kernel has carried until now. */
  collectCounters(): void {
    const { fast, counters } = this;
    if (fast === undefined) return;
    for (const port of this.ports.ids()) fast.collect(port, counters);
  }

  /** @param leg `null` for none, `undefined` for what there is */
  private setFastLeg(port: number, leg: FastLeg | null | undefined): void {
    const { fast } = this;
    if (fast !== undefined && leg !== undefined) {
      fast.setLeg(port, leg ?? undefined);
      if (leg !== null) this.fdb.mirrorPort(port);
    }
    this.settleFastPath(port);
  }

  /** Opens the fast path of a port, or shuts it, as what became of the port demands. */
  private settleFastPath(port: number): void {
    const { fast, ports } = this;
    if (fast === undefined) return;
    fast.setLongest(port, ports.longestFrame(port));
    const obstacle = this.fastObstacle(port);
    if (obstacle === FastObstacle.None) fast.open(port, ports.flagsOf(port).isolated);
    else fast.shut(port, obstacle);
  }

  /** A further reason for which the bridge must see every frame of a port is one more line here. */
  private fastObstacle(port: number): FastObstacle {
    const { ports } = this;
    if (!ports.isUp(port)) return FastObstacle.Down;
    if (!ports.forwards(port)) return FastObstacle.Discarding;
    if (!ports.learns(port)) return FastObstacle.NotLearning;
    return this.watched.has(port) ? FastObstacle.Watched : FastObstacle.None;
  }

  /**
   * The forwarding database, for tests and small tables; see `Fdb.beginCopy` for large ones.
   * @param nowMs monotonic; unless given, when the last burst came or the last tick was
   */
  stations(nowMs = this.nowMs): FdbEntry[] {
    return this.fdb.entries(toTicks(nowMs));
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. What is left out stays as it is. */
  configure(settings: Partial<BridgeSettings>): void {
    if (settings.ageingMs !== undefined) this.fdb.setAgeing(settings.ageingMs);
    if (settings.groupForwardMask !== undefined) this.groupForwardMask = settings.groupForwardMask;
    this.rooms.configure(settings);
  }
}

function dropReasonFor(errno: number): DropReason {
  switch (errno) {
    case Errno.EIO:
    case Errno.ENXIO:
    case Errno.ENETDOWN:
    case Errno.ENOTCONN:
    case Errno.ECONNREFUSED:
    case Errno.ENETUNREACH:
    case Errno.EHOSTUNREACH:
      return DropReason.EgressDown;
    case Errno.EMSGSIZE:
      return DropReason.TooLong;
    case Errno.EBADFD:
      return DropReason.DeviceGone;
    case Errno.EAGAIN:
    case Errno.ENOBUFS:
    case Errno.ENOMEM:
      return DropReason.Congested;
    default:
      return DropReason.WriteFailed;
  }
}
