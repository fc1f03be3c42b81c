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
import type { HookProgram } from '../hooks/loaded-hook';
import { type MacWords, formatMac, parseMac } from '../wire/mac';
import { type Mirror, type MirrorCounts, type MirrorSettings, Mirrors, outerVid } from './mirrors';
import { OffloadPauses } from './offload-pauses';
import { PlacedStations } from './placed-stations';
import type { Outbox } from '../frame/outbox';
import type { PortControl, PortStateWord } from '../frame/port-control';
import type { TraceReporter } from '../frame/trace-reporter';
import {
  type BridgePortSettings,
  PORT_STATES,
  type FloodClass,
  PortAbility,
  type PortState,
  PortTable,
} from './port-table';
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
  tellMirroring,
  tellOwnWords,
  tellSegmenting,
  tellVlan,
} from './trace-steps';
import { Errno, type Transmitter } from '../frame/transmitter';
import { CONSUMED, PASS } from '../frame/verdict';
import { MAX_VID, NO_VLAN, TPID_CUSTOMER, TPID_SERVICE } from '../wire/vlan';
import { VlanEgress } from './vlan-egress';
import { VlanIngress, refusalIn } from './vlan-ingress';
import { type PortVlan, VlanTable } from './vlan-table';
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
/** VID of untagged frames by default, as on a Linux bridge. */
const DEFAULT_PVID = 1;
/** 02:00:00:00:00:00: MAC of a bridge in a test that needs none. */
const DEFAULT_MAC: MacWords = { hi16: 0x0002, lo32: 0 };

/** Slots that one tick sweeps for entries past their time: few enough to delay no burst. */
const SWEEP_SLOTS = 8_192;
/** Least interval between two reports of one kind. */
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
const { FiltersVlans, Forward, Learn, Link, Locked, MirrorTarget, Secured, Storm } = PortAbility;
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
  readonly vlans: VlanTable;
  /** Reporter of decisions. Absent while nobody traces. */
  reporter: TraceReporter | undefined = undefined;
  /** Absent while no port has had a leg for it. No frame of a burst asks for it. */
  private fast: FastPath | undefined = undefined;
  /** Ports whose every frame must come to the bridge. */
  private readonly watched = new Set<number>();
  private readonly egress: Egress;
  private readonly vlanIngress: VlanIngress;
  private readonly vlanEgress: VlanEgress;
  private filtersVlans = false;
  private readonly flaps = new FlapDetector();
  private readonly offloadPauses = new OffloadPauses();
  private readonly storm: StormControl;
  private readonly security: PortSecurity;
  private readonly shutPorts = new ShutPorts();
  private readonly mirrors = new Mirrors();
  /** Whether a hook was on when the fast path was last settled. */
  private isHooked = false;
  /** Whether a reporter or a mirror wants to know of the frames of this burst. */
  private isObserved = false;
  /** Whether what leaves at this moment is a copy, or part of a frame of which mirrors know. */
  private isCopying = false;
  private readonly news: (news: RoomNews) => void;
  /** Port → the MAC that is behind it for good, and the VLANs of its entries. */
  private readonly hosts = new Map<number, { mac: MacWords; vlans: readonly number[] }>();
  private readonly placed: PlacedStations;
  private readonly mac: MacWords;
  private readonly forwardsStp: boolean;
  /** Bit X: frames to 01-80-C2-00-00-0X that no room wants travel on. */
  private groupForwardMask = 0;
  /** Milliseconds after which a silent station is forgotten, and an upper limit that a room has set. */
  private ageingMs: number;
  private ageingLimitMs = Infinity;
  private transmitter: Transmitter | undefined;
  private nowTicks = 0;
  /** Pairs of this burst that the kernel refused for an offload: frame, port and tag operation. */
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
    this.vlans = new VlanTable(maxPorts, DEFAULT_PVID);
    this.vlanIngress = new VlanIngress(this.burst, this.vlans, this.mac);
    this.vlanEgress = new VlanEgress(this.burst, this.ports, this.vlans);
    this.setVlanProtocol('802.1Q');
    this.egress = new Egress(this.burst, this.ports, this.vlans);
    this.charges = new Int32Array(maxPorts);
    this.storm = new StormControl(maxPorts);
    const roomList = { ...ROOM_LIST, ...options.extraRooms };
    this.counters = new Counters(maxPorts, options.counterMemory, roomList);
    this.ageingMs = options.ageingMs ?? DEFAULT_AGEING_MS;
    this.fdb = new Fdb({
      ageingMs: this.ageingMs,
      maxDynamic: options.fdbMax ?? DEFAULT_FDB_MAX,
      maxDynamicPerPort: options.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
      maxPorts,
      seed: options.seed ?? 0,
      ...(options.fdbTotalsMemory !== undefined && { totalsMemory: options.fdbTotalsMemory }),
    });
    this.placed = new PlacedStations(this.fdb, (port) => this.entryVlans(port));
    this.security = new PortSecurity(this.fdb, options.fdbMaxPerPort ?? Infinity, maxPorts);
    this.news = options.news ?? ((): void => undefined);
    this.rooms = new Rooms(options, {
      burst: this.burst,
      mac: this.mac,
      counters: this.counters,
      topology: {
        portOf: (hi16, lo32, vlan) => this.fdb.peek(hi16, lo32, vlan, this.nowTicks),
        joins: (ingress, egress, vlan) =>
          this.ports.forwards(ingress) &&
          this.ports.forwards(egress) &&
          (!this.filtersVlans || this.vlans.isMember(egress, vlan)) &&
          !this.ports.areApart(ingress, egress),
        placementOf: (hi16, lo32, vlan) => this.fdb.placementOf(hi16, lo32, vlan),
        audience: () => this.ports.beganCount,
        requestListeners: () => this.ports.requestListeners,
      },
      ports: this.portControl,
      portName: (port) => this.ports.name(port),
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
   * `Burst.carryOver` before it receives more.
   */
  forward(): void {
    this.nowTicks = toTicks(this.nowMs);
    const { burst } = this;
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
    this.isObserved = this.reporter !== undefined || !this.mirrors.isEmpty;
    if (this.isObserved) this.mirrorReceived(carriedCount);
    this.forwardFrom(0);
    if (this.rooms.hooks.hasSends) this.sendOfHooks();
  }

  /** Decides for the received frames from this one on. */
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

  private forwardFrame(received: number): void {
    let frame = received;
    if (this.reporter !== undefined) tellArrival(this.reporter, this.burst, frame);
    const { u16 } = this.burst;
    let words = (this.burst.offset[frame] as number) >> 1;
    const ingress = this.burst.ingress[frame] as number;
    let kind = this.burst.kind[frame] as number;

    // Check: a frame that is not admitted teaches nothing.
    if ((kind & Short) !== 0) return this.drop(ingress, DropReason.TooShort);
    if ((kind & Offloaded) !== 0 && !canFinish(this.burst, frame)) {
      return this.drop(ingress, DropReason.MalformedOffload);
    }
    // Reads without `macHi16` and `macLo32`: inlined, they cost the room in which V8 inlines egress.
    let toHi16 = u16[words] as number;
    let toLo32 = (u16[words + 1] as number) | ((u16[words + 2] as number) << 16);
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
    let vlan = NO_VLAN;
    if ((abilities & FiltersVlans) !== 0) vlan = this.decideVlan(frame, ingress);
    if ((kind & Reserved) !== 0 && this.endsHere(frame, ingress, fromHi16, fromLo32, vlan)) return;
    if (vlan < 0) return this.drop(ingress, refusalIn(vlan));
    if (this.isOwnMac(fromHi16, fromLo32)) return this.takeOwn(frame, ingress);

    // Learn, unless that is done.
    if (abilities !== PLAIN_PORT) {
      if (!this.admits(ingress, abilities, kind, fromHi16, fromLo32, vlan)) return;
    } else if ((kind & Reserved) === 0) {
      this.learn(fromHi16, fromLo32, vlan, ingress);
    }

    // Hooks, which may change the frame.
    if (this.rooms.hooks.isActive) {
      if (!this.passesHooks(frame)) return;
      frame = this.rooms.hooks.travelling;
      kind = this.burst.kind[frame] as number;
      words = (this.burst.offset[frame] as number) >> 1;
      toHi16 = u16[words] as number;
      toLo32 = (u16[words + 1] as number) | ((u16[words + 2] as number) << 16);
    }

    // Protocol rooms.
    const verdict = this.rooms.ask(frame, this);
    if (verdict === CONSUMED) return;
    if ((kind & ToSwitch) !== 0) return this.drop(ingress, DropReason.ToSwitch);

    // Look up, and send.
    if (verdict !== PASS) return this.sendTo(frame, verdict);
    if ((kind & Group) !== 0) return this.flood(frame, ingress);
    const port = this.fdb.lookup(toHi16, toLo32, vlan, this.nowTicks);
    if (port === NO_PORT) return this.flood(frame, ingress);
    this.sendTo(frame, port);
  }

  /**
   * Deals with a frame to a reserved address, which is for this bridge or its neighbours alone. The
   * rooms are asked whatever the state of the port, and also where the source is the switch's own
   * address: a BPDU of the switch that comes back tells of a loop. A frame teaches as any other does.
   * @param vlan VID of the frame; below 0 where its VLAN does not admit it, which no room needs
   * @returns whether its trip ends here; a frame that no room wants travels on if its address is in the
   *   mask of forwarded groups, or, as on a Linux bridge without STP, if it is the address of STP
   */
  private endsHere(
    frame: number,
    ingress: number,
    fromHi16: number,
    fromLo32: number,
    vlan: number,
  ): boolean {
    const { burst } = this;
    const at = (burst.offset[frame] as number) + DESTINATION;
    const address = reservedNibble(macLo32(burst.u16, at));
    const isOwn = this.isOwnMac(fromHi16, fromLo32);
    // PAUSE belongs to one link: a bridge does not even learn from it.
    // A BPDU comes from a port of a neighbour, which may have the MAC of a station that is elsewhere.
    const isOfLink =
      address === RESERVED_PAUSE || (address === this.rooms.stp.group && this.rooms.stp.isOn);
    const mayTeach = !isOwn && !isOfLink && this.ports.learns(ingress) && vlan >= 0;
    const teaches = mayTeach && this.isAdmitted(ingress, fromHi16, fromLo32, vlan);
    if (teaches) this.learn(fromHi16, fromLo32, vlan, ingress);
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
    vlan: number,
  ): boolean {
    if ((abilities & Locked) !== 0 && !this.isKnownAt(ingress, fromHi16, fromLo32, vlan)) {
      this.drop(ingress, DropReason.Locked);
      return false;
    }
    if ((abilities & Secured) !== 0 && !this.isSecure(ingress, fromHi16, fromLo32, vlan)) {
      this.dropViolation(ingress, fromHi16, fromLo32, vlan);
      return false;
    }
    if ((kind & Reserved) === 0 && (abilities & Learn) !== 0) {
      this.learn(fromHi16, fromLo32, vlan, ingress);
    }
    // A port that is learning does no more.
    if ((abilities & Forward) !== 0) return true;
    this.drop(ingress, DropReason.IngressDiscarding);
    return false;
  }

  /** @returns the VID of the frame, or what `refusalIn` reads */
  private decideVlan(frame: number, ingress: number): number {
    const vlan = this.vlanIngress.decide(frame, ingress);
    if (this.reporter !== undefined && vlan >= 0) tellVlan(this.reporter, vlan);
    return vlan;
  }

  /** Whether a lock and port security let a station send from the port. */
  private isAdmitted(port: number, hi16: number, lo32: number, vlan: number): boolean {
    const abilities = this.ports.abilities(port);
    if ((abilities & Locked) !== 0 && !this.isKnownAt(port, hi16, lo32, vlan)) return false;
    return (abilities & Secured) === 0 || this.isSecure(port, hi16, lo32, vlan);
  }

  private isSecure(port: number, hi16: number, lo32: number, vlan: number): boolean {
    return this.security.admits(port, hi16, lo32, vlan, this.nowTicks, this.nowMs);
  }

  private dropViolation(port: number, hi16: number, lo32: number, vlan: number): void {
    const { nowMs, security } = this;
    this.drop(port, DropReason.PortSecurity);
    if (security.reports(port, nowMs, REPORT_INTERVAL_MS)) {
      this.events.add(EventKind.Violation, port, NO_PORT, hi16, lo32, vlan, nowMs);
    }
    if (!security.shuts(port)) return;
    this.setPortShut(port, true);
    this.news({ event: 'port-shut', port, why: 'port-security', mac: formatMac(hi16, lo32) });
  }

  private countGroup(ingress: number, kind: number): void {
    const counter = (kind & Broadcast) !== 0 ? Counter.RxBroadcast : Counter.RxMulticast;
    this.counters.add(ingress, counter, 1);
  }

  private learn(hi16: number, lo32: number, vlan: number, port: number): void {
    const result = this.fdb.learn(hi16, lo32, vlan, port, this.nowTicks);
    if (this.reporter !== undefined) {
      const knownPort = this.fdb.peek(hi16, lo32, vlan, this.nowTicks);
      tellLearning(this.reporter, this.fdb, result, formatMac(hi16, lo32), port, knownPort);
    }
    if (result === LearnResult.Refreshed) return;
    if (result === LearnResult.Learned) {
      this.counters.add(port, Counter.Learned, 1);
      this.events.add(EventKind.Learn, port, NO_PORT, hi16, lo32, vlan, this.nowMs);
    } else if (result === LearnResult.Moved) {
      const from = this.fdb.movedFrom;
      this.counters.add(port, Counter.MovedHere, 1);
      this.rooms.loop.noteMove(from, port);
      this.events.add(EventKind.Move, port, from, hi16, lo32, vlan, this.nowMs);
      if (this.flaps.moved(hi16, lo32, this.nowMs, vlan)) {
        this.events.add(EventKind.Flapping, port, from, hi16, lo32, vlan, this.nowMs);
      }
    }
    if (this.fdb.crowdedCount > this.crowdedCount) this.noteLimit(hi16, lo32, vlan, port);
  }

  private noteLimit(hi16: number, lo32: number, vlan: number, port: number): void {
    this.crowdedCount = this.fdb.crowdedCount;
    if (this.nowMs < this.limitQuietUntil) return;
    this.limitQuietUntil = this.nowMs + REPORT_INTERVAL_MS;
    this.events.add(EventKind.Limit, port, NO_PORT, hi16, lo32, vlan, this.nowMs);
  }

  private flood(frame: number, ingress: number): void {
    const takers = this.takersOf(frame);
    if ((this.ports.abilities(ingress) & Storm) !== 0) {
      if (!this.isRegistered(frame) && this.isStorm(frame, ingress)) return;
    }
    if (this.reporter !== undefined) this.reportFlood(this.reporter, frame, takers);
    const segmentsMax = Math.max(SEGMENTS_TO_EACH, (WORK_PER_TURN / takers.length) | 0);
    let copies = 0;
    for (let index = 0; index < takers.length; index++) {
      const port = takers[index] as number;
      if (!this.egress.mayLeave(port, frame)) continue;
      this.deliver(frame, port, this.tagFor(frame, port), segmentsMax);
      copies++;
    }
    if (copies === 0) return this.drop(ingress, this.whyUntaken(frame));
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
    if (this.isSnooped(frame)) return;
    const vid = this.filtersVlans ? (this.burst.vlan[frame] as number) : NO_VLAN;
    const inVlan = this.ports.forwarding.filter(
      (port) => vid === NO_VLAN || this.vlans.isMember(port, vid),
    );
    const spared = inVlan.filter((port) => !takers.includes(port));
    const closed = [...this.portStates()]
      .filter(([port]) => this.ports.isUp(port) && !this.ports.forwards(port))
      .map(([port, state]) => ({ port, state }));
    tellFlood(reporter, this.burst, frame, vid, spared, closed);
  }

  /** The ports to which a frame goes that no station gets alone. */
  private takersOf(frame: number): Int32Array {
    const kind = this.burst.kind[frame] as number;
    const all = this.filtersVlans
      ? this.vlanEgress.floodTo(floodClassOf(kind), this.burst.vlan[frame] as number)
      : this.ports.floodTo[floodClassOf(kind)];
    const { mcast } = this.rooms;
    if (!mcast.isOn || (kind & (Group | Broadcast)) !== Group) return all;
    return mcast.delivery.takersOf(frame, all, this);
  }

  /** Whether the ports that get a frame are those of its group, and not those of a flood. */
  private isSnooped(frame: number): boolean {
    const { mcast } = this.rooms;
    const kind = this.burst.kind[frame] as number;
    return mcast.isOn && (kind & (Group | Broadcast)) === Group && mcast.delivery.isPruned;
  }

  /** Whether somebody has joined the group of a frame. */
  private isRegistered(frame: number): boolean {
    return this.isSnooped(frame) && this.rooms.mcast.delivery.isRegistered;
  }

  private whyUntaken(frame: number): DropReason {
    return this.isSnooped(frame) ? DropReason.NoMember : DropReason.NoOtherPort;
  }

  private isKnownAt(port: number, hi16: number, lo32: number, vlan: number): boolean {
    return this.fdb.peek(hi16, lo32, vlan, this.nowTicks) === port;
  }

  /** @param tag what happens to the outer tag of the frame: see `tag-operation.ts` */
  private sendTo(frame: number, port: number, tag = AS_IT_IS): void {
    if (!this.egress.mayLeave(port, frame)) return this.refuse(frame, port);
    const operation = tag === AS_IT_IS ? this.tagFor(frame, port) : tag;
    this.deliver(frame, port, operation, WORK_PER_TURN);
  }

  /** Tag operation for a frame that may leave from a port. */
  private tagFor(frame: number, port: number): number {
    return this.filtersVlans ? this.vlanEgress.tagFor(frame, port) : AS_IT_IS;
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
      if (this.isObserved) this.mirrorSent(frame, port, tag);
      this.segment(frame, port, tag, segmentsMax);
      return;
    }
    if (this.isObserved) this.observeLeaving(frame, port, tag);
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
    // Mirrors have copied the frame as a whole.
    const wasCopying = this.isCopying;
    this.isCopying = true;
    const isSent =
      this.reporter === undefined
        ? segmentTo(frame, port, this, tag)
        : this.segmentReported(this.reporter, frame, port, tag);
    this.isCopying = wasCopying;
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

  // Hooks ---------------------------------------------------------------------------------------

  /** @returns whether the trip of a frame goes on */
  private passesHooks(frame: number): boolean {
    this.reserve();
    return this.rooms.askHooks(frame, this) === PASS;
  }

  /** Makes room for a frame that the switch makes and that lasts until its trip has ended. */
  private reserve(): void {
    if (this.burst.hasRoomToMake) return;
    this.flush();
    this.burst.releaseMade();
  }

  /** Sends the frames that hooks have made. They pass no hook. */
  private sendOfHooks(): void {
    const { burst } = this;
    const { hooks } = this.rooms;
    const { isActive } = hooks;
    hooks.isActive = false;
    for (const { bytes, to, from, vlan } of hooks.takeSends()) {
      this.reserve();
      const frame = this.make(bytes.length);
      burst.u8.set(bytes, burst.offset[frame]);
      classify(burst, this.mac, frame, frame + 1);
      if (from !== NO_PORT) {
        burst.ingress[frame] = from;
        this.forwardFrame(frame);
      }
      for (const port of to) {
        if (this.filtersVlans) burst.vlan[frame] = vlan === NO_VLAN ? this.vlans.pvid(port) : vlan;
        this.toPort(frame, port);
      }
    }
    hooks.isActive = isActive;
  }

  /** Loads a hook, in place of the one of the same name. @throws Error: see `Hooks.load` */
  loadHook(program: HookProgram): void {
    this.rooms.hooks.load(program);
    this.settleHooks();
  }

  /** @returns whether there was such a hook */
  removeHook(name: string): boolean {
    const wasThere = this.rooms.hooks.remove(name);
    this.settleHooks();
    return wasThere;
  }

  /**
   * Switches off the hook whose call was ended from outside, and goes on with the frames of the burst behind the
   * one that it was asked about, which is dropped.
   */
  resumeWithoutHook(why: string): void {
    const frame = this.rooms.endHook(why, this);
    if (frame >= 0) this.forwardFrom(frame + 1);
    this.settleHooks();
  }

  /** Shuts the fast path while a hook is on. */
  private settleHooks(): void {
    const { isActive } = this.rooms.hooks;
    if (isActive === this.isHooked) return;
    this.isHooked = isActive;
    for (const port of this.ports.ids()) this.settleFastPath(port);
  }

  // Mirrors -------------------------------------------------------------------------------------

  /** Copies received frames as they came in. @param from the first frame that was not seen before */
  private mirrorReceived(from: number): void {
    const { burst, mirrors, ports } = this;
    mirrors.begin();
    if (mirrors.isEmpty) return;
    for (let frame = from; frame < burst.receivedCount; frame++) {
      const kind = burst.kind[frame] as number;
      if ((kind & Short) !== 0 || !ports.isUp(burst.ingress[frame] as number)) continue;
      if ((kind & Offloaded) !== 0 && !canFinish(burst, frame)) continue;
      const ingress = burst.ingress[frame] as number;
      const vid = this.filtersVlans
        ? this.vlanIngress.vidOf(frame, ingress)
        : outerVid(burst, frame);
      for (const mirror of mirrors.all) {
        if (mirror.takesReceived(burst, frame, vid)) this.copy(mirror, frame, AS_IT_IS);
      }
    }
    // The copies leave with the tags that VLAN filtering takes off the frames.
    if (this.filtersVlans) this.flush();
  }

  private observeLeaving(frame: number, port: number, tag: number): void {
    if (this.reporter !== undefined) tellLeaving(this.reporter, this.burst, frame, port);
    this.mirrorSent(frame, port, tag);
  }

  /** Copies a frame as it leaves from a port. */
  private mirrorSent(frame: number, port: number, tag: number): void {
    if (this.isCopying) return;
    const { burst, mirrors } = this;
    if (mirrors.isEmpty) return;
    const vid = this.filtersVlans ? (burst.vlan[frame] as number) : outerVid(burst, frame);
    for (const mirror of mirrors.all) {
      if (mirror.takesSent(burst, frame, port, vid)) this.copy(mirror, frame, tag);
    }
  }

  private copy(mirror: Mirror, frame: number, tag: number): void {
    const { name, target } = mirror.settings;
    if (!this.ports.isUp(target)) {
      mirror.lost++;
      return;
    }
    mirror.copies++;
    if (this.reporter !== undefined) tellMirroring(this.reporter, name);
    this.isCopying = true;
    this.deliver(frame, target, tag, SEGMENTS_TO_EACH);
    this.isCopying = false;
  }

  /**
   * Adds a mirror, or replaces the one of the same name.
   * @returns false, and changes nothing, where there are too many
   */
  addMirror(settings: MirrorSettings): boolean {
    const isAdded = this.mirrors.add(settings);
    this.settleMirrors();
    return isAdded;
  }

  /** @returns whether there was such a mirror */
  removeMirror(name: string): boolean {
    const wasThere = this.mirrors.remove(name);
    this.settleMirrors();
    return wasThere;
  }

  mirrorCounts(): MirrorCounts[] {
    return this.mirrors.counts();
  }

  /** A port that becomes a target takes what was learned there with it. */
  private settleMirrors(): void {
    const { mirrors, ports } = this;
    this.isObserved = this.reporter !== undefined || !mirrors.isEmpty;
    for (const port of ports.ids()) {
      const didLearn = ports.learns(port);
      ports.setGuard(port, MirrorTarget, mirrors.takesOver(port));
      this.settleFastPath(port);
      if (!didLearn || ports.learns(port)) continue;
      this.fdb.flushPort(port);
      this.rooms.flushNeighbours(port);
    }
  }

  // Frames of the switch itself (Outbox) -------------------------------------------------------

  make(lengthBytes: number): number {
    if (this.isObserved && !this.isCopying) this.mirrors.begin();
    const frame = this.burst.make(lengthBytes);
    if (frame >= 0) return frame;
    // Waiting frames hold the room. Once they are sent, there is room for any frame.
    this.flush();
    this.burst.releaseMade();
    return this.burst.make(lengthBytes);
  }

  toPort(frame: number, port: number, tag = AS_IT_IS): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    // A segment of a frame that may leave; the target of a mirror forwards nothing else.
    if (this.isCopying) this.deliver(frame, port, tag, WORK_PER_TURN);
    else this.sendTo(frame, port, tag);
  }

  toLink(frame: number, port: number): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    if (this.ports.isUp(port)) this.deliver(frame, port, AS_IT_IS, WORK_PER_TURN);
    else this.drop(port, DropReason.EgressDown);
  }

  toAll(frame: number, except = NO_PORT): void {
    const vid = this.burst.vlan[frame] as number;
    for (const port of this.ports.forwarding) {
      if (port === except || (this.filtersVlans && !this.vlans.isMember(port, vid))) continue;
      this.toPort(frame, port);
    }
  }

  // Results of sending -------------------------------------------------------------------------

  /** Sends what is left of the answer to a burst. */
  finish(): void {
    this.flush();
    if (this.refused.length > 0) this.sendRefused();
  }

  /**
   * Replaces `finish` for a caller that has sent the answer itself.
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

  /** Takes a frame of the switch itself that came back: a probe for loops, or a sign of one. */
  private takeOwn(frame: number, ingress: number): void {
    if (this.rooms.loop.receive(frame, this) === CONSUMED) return;
    this.dropOwnSource(ingress);
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
    if (this.rooms.hooks.hasSends) this.sendOfHooks();
    this.settleHooks();
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
    this.vlans.setPort(port, settings.vlans ?? undefined);
    this.counters.clear(port);
    this.rooms.configurePort(port, settings);
    this.shutPorts.setLink(port, settings.isUp);
    // A mirror may have been told of before its target.
    this.ports.setGuard(port, MirrorTarget, this.mirrors.takesOver(port));
    if (settings.isShut === true) this.setPortShut(port, true);
    else this.rooms.portChanged(port, settings.isUp);
    this.rooms.mcast.configurePort(port, settings);
    this.setGuards(port, settings);
    this.setFastLeg(port, settings.fastLeg);
    this.setPortHostMac(port, settings.hostMac ?? null);
    this.settlePlaced(port);
  }

  removePort(port: number): void {
    this.fast?.setLeg(port, undefined);
    this.fast?.collect(port, this.counters);
    this.watched.delete(port);
    this.burst.forgetDeferred(port);
    this.fdb.forgetPort(port);
    this.hosts.delete(port);
    this.placed.forgetPort(port, toTicks(this.nowMs));
    this.rooms.portRemoved(port);
    this.offloadPauses.forget(port);
    this.mirrors.forgetPort(port);
    this.storm.forget(port);
    this.security.forget(port);
    this.shutPorts.forget(port);
    this.ports.remove(port);
    this.vlans.remove(port);
    this.settleMirrors();
  }

  /** Changes a port while frames flow. What is left out stays as it is; a port keeps its name. */
  configurePort(port: number, settings: Partial<BridgePortSettings>): void {
    const { isUp, mtuBytes, takesOffloads, hearsRequests, hostMac, fastLeg } = settings;
    if (mtuBytes !== undefined) this.setPortMtu(port, mtuBytes);
    if (takesOffloads !== undefined) this.setPortOffloads(port, takesOffloads);
    if (hearsRequests !== undefined) this.setPortHearsRequests(port, hearsRequests);
    this.rooms.configurePort(port, settings);
    if (hostMac !== undefined) this.setPortHostMac(port, hostMac);
    this.rooms.mcast.configurePort(port, settings);
    this.ports.setFlags(port, settings);
    if (settings.vlans !== undefined) this.setPortVlans(port, settings.vlans ?? undefined);
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

  /** @returns port id → state */
  portStates(): Map<number, PortStateWord> {
    const { ports } = this;
    const stateOf = (port: number): PortStateWord => PORT_STATES[ports.state(port)] ?? 'disabled';
    return new Map(ports.ids().map((port) => [port, stateOf(port)]));
  }

  /** What rooms may do to the ports. */
  private readonly portControl: PortControl = {
    setState: (port: number, state: PortStateWord) =>
      this.setPortState(port, PORT_STATES.indexOf(state) as PortState),
    forgetStations: (port: number) => {
      this.fdb.flushPort(port);
      this.rooms.flushNeighbours(port);
      this.rooms.mcast.forgetPort(port);
      // A port that has no stations any more tells nothing of the others.
      if (this.ports.learns(port)) this.rooms.mcast.topologyChanged(this.nowMs);
    },
    topologyChanged: () => this.rooms.mcast.topologyChanged(this.nowMs),
    limitAgeing: (limitMs: number) => {
      this.ageingLimitMs = limitMs;
      this.settleAgeing();
      if (limitMs !== Infinity) this.rooms.mcast.limitAgeing(limitMs, this.nowMs);
    },
  };

  /**
   * Sets the VLANs of a port. What was learned there in a VLAN that it leaves is forgotten, as
   * `nbp_vlan_delete` does.
   * @param vlans `undefined`: that of the default PVID
   */
  setPortVlans(port: number, vlans: readonly PortVlan[] | undefined): void {
    this.forgetVlans(port, this.vlans.setPort(port, vlans));
  }

  private readonly forgetVlans = (port: number, vids: readonly number[]): void => {
    this.settleHost(port);
    this.settlePlaced(port);
    if (vids.length === 0) return;
    const left = new Set(vids);
    this.fdb.flushPort(port, (vlan) => left.has(vlan));
    this.rooms.flushNeighbours(port);
    this.rooms.mcast.flushPort(port, (vlan) => left.has(vlan));
  };

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
    this.removeHost(port);
    const mac = hostMac === null ? undefined : parseMac(hostMac);
    if (mac !== undefined) this.placeHost(port, mac);
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
      this.fdb.addStatic(mac.hi16, mac.lo32, vlan, port, toTicks(this.nowMs)),
    );
    this.hosts.set(port, { mac, vlans: placed });
  }

  /** Makes these entries anew after a change of VLANs. */
  private settleHost(port: number): void {
    const host = this.hosts.get(port);
    if (host === undefined) return;
    this.removeHost(port);
    this.placeHost(port, host.mac);
  }

  /** VLANs in which a station behind a port has an entry, if it is placed there without a VLAN. */
  private entryVlans(port: number): readonly number[] {
    return this.filtersVlans ? this.vlans.vidsOf(port) : [NO_VLAN];
  }

  /** Makes the entries without a VLAN follow the VLANs of their port. */
  private settlePlaced(port: number): void {
    const homeless = this.placed.settle(port, toTicks(this.nowMs));
    if (homeless === undefined) return;
    const { hi16, lo32 } = homeless;
    this.events.add(EventKind.Limit, port, NO_PORT, hi16, lo32, NO_VLAN, this.nowMs);
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

  /** Whether frames belong to VLANs. */
  get filtersByVlan(): boolean {
    return this.filtersVlans;
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
    if (this.filtersVlans) return FastObstacle.VlanFiltering;
    if (this.mirrors.watches(port)) return FastObstacle.Mirrored;
    if (this.isHooked) return FastObstacle.Hooked;
    return this.watched.has(port) ? FastObstacle.Watched : FastObstacle.None;
  }

  /**
   * The forwarding database, for tests and small tables; see `Fdb.beginCopy` for large ones.
   * @param nowMs monotonic; unless given, when the last burst came or the last tick was
   */
  stations(nowMs = this.nowMs): FdbEntry[] {
    return this.fdb.entries(toTicks(nowMs));
  }

  /**
   * Places a station behind a port. An entry without a VLAN is in each VLAN of the port while the bridge
   * filters, as `br_fdb_add` makes it, and follows when these change.
   * @returns false if the table has no room for another static entry
   */
  addStation(hi16: number, lo32: number, vlan: number, port: number, isStatic: boolean): boolean {
    const { placed } = this;
    const ticks = toTicks(this.nowMs);
    if (vlan === NO_VLAN) return placed.place(hi16, lo32, port, isStatic, ticks);
    return placed.placeIn(vlan, hi16, lo32, port, isStatic, ticks);
  }

  /**
   * Removes the entry of a station; without a VLAN, what was placed without one, or else its entry in each.
   * @returns whether there was one
   */
  removeStation(hi16: number, lo32: number, vlan: number): boolean {
    const ticks = toTicks(this.nowMs);
    if (vlan !== NO_VLAN) return this.placed.removeIn(vlan, hi16, lo32, ticks);
    if (this.placed.withdraw(hi16, lo32, ticks)) return true;
    if (!this.filtersVlans) return this.fdb.remove(hi16, lo32, NO_VLAN);
    let isRemoved = false;
    for (let vid = NO_VLAN; vid <= MAX_VID; vid++) {
      if (this.placed.removeIn(vid, hi16, lo32, ticks)) isRemoved = true;
    }
    return isRemoved;
  }

  /** Forgets the learned stations of one port and one VLAN, or of all. @returns how many */
  flushStations(port: number | undefined, vlan: number | undefined): number {
    const isMeant = vlan === undefined ? undefined : (vid: number) => vid === vlan;
    return port === undefined ? this.fdb.flush(isMeant) : this.fdb.flushPort(port, isMeant);
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. Settings that are left out stay as they are. */
  configure(settings: Partial<BridgeSettings>): void {
    this.ageingMs = settings.ageingMs ?? this.ageingMs;
    this.settleAgeing();
    if (settings.groupForwardMask !== undefined) this.groupForwardMask = settings.groupForwardMask;
    const { vlanFiltering, vlanProtocol, vlanDefaultPvid } = settings;
    if (vlanProtocol !== undefined) this.setVlanProtocol(vlanProtocol);
    if (vlanDefaultPvid !== undefined) {
      this.vlans.setDefaultPvid(vlanDefaultPvid, this.forgetVlans);
    }
    if (vlanFiltering !== undefined) this.setVlanFiltering(vlanFiltering);
    this.rooms.setVlans(this.filtersVlans, this.vlans.defaultPvid);
    this.rooms.configure(settings);
  }

  private settleAgeing(): void {
    const ageingMs = Math.min(this.ageingMs, this.ageingLimitMs);
    if (ageingMs !== this.fdb.ageingMs) this.fdb.setAgeing(ageingMs);
  }

  private setVlanProtocol(protocol: BridgeSettings['vlanProtocol']): void {
    const tpid = protocol === '802.1ad' ? TPID_SERVICE : TPID_CUSTOMER;
    this.vlanIngress.setProtocol(tpid);
    this.vlanEgress.setProtocol(tpid);
  }

  /**
   * Switches filtering by VLAN on or off, and keeps the VLANs of all ports. What was learned before is
   * not found any more, because it belongs to other VLANs, and ages out.
   */
  private setVlanFiltering(isFiltering: boolean): void {
    if (isFiltering === this.filtersVlans) return;
    this.filtersVlans = isFiltering;
    this.burst.vlan.fill(NO_VLAN);
    this.burst.priority.fill(0);
    this.ports.setVlanFiltering(isFiltering);
    for (const port of this.ports.ids()) {
      this.settleFastPath(port);
      this.settleHost(port);
      this.settlePlaced(port);
    }
    this.rooms.flushNeighbours();
  }
}

function floodClassOf(kind: number): FloodClass {
  if ((kind & Group) === 0) return 'unknown';
  return (kind & Broadcast) !== 0 ? 'broadcast' : 'multicast';
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
