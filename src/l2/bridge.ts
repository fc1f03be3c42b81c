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
import { Burst, type BurstSize, isPlain } from '../frame/burst';
import { Counter, Counters } from './counters';
import { DropReason } from './drop-reason';
import { EventKind, EventLog } from './event-log';
import type { FdbEntry } from './fdb/entry';
import { Fdb, LearnResult } from './fdb/table';
import { FlapDetector } from './flap-detector';
import { type MacWords, formatMac } from '../wire/mac';
import { OffloadPauses } from './offload-pauses';
import type { Outbox } from '../frame/outbox';
import type { TraceReporter } from '../frame/trace-reporter';
import { PortTable, type BridgePortSettings } from './port-table';
import { type RoomOptions, Rooms } from './rooms';
import type { BridgeSettings } from './settings';
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
import { isPlainAt } from '../wire/virtio';
import { NO_VLAN } from '../wire/vlan';
import {
  DESTINATION,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  MIN_FRAME_BYTES,
  SOURCE,
  VLAN_TAG_BYTES,
  etherType,
  isBroadcast,
  isGroup,
  isReserved,
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

const RESERVED_STP = 0;
const RESERVED_PAUSE = 1;

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
  /** Of the FDB's hash. Give a random one where hosts are not trusted. */
  readonly seed?: number;
  readonly maxPorts?: number;
  readonly burst?: BurstSize;
  /** Memory for the counters, where another thread is to read them. */
  readonly counterMemory?: SharedArrayBuffer;
  /** The same of how many stations there are. */
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
  private readonly flaps = new FlapDetector();
  private readonly offloadPauses = new OffloadPauses();
  private readonly mac: MacWords;
  private readonly forwardsStp: boolean;
  private transmitter: Transmitter | undefined;
  private nowTicks = 0;
  /** Frame and port of what the kernel refused in this burst for its offload. */
  private readonly refused: [frame: number, port: number][] = [];
  private ownSourceQuietUntil = Number.NEGATIVE_INFINITY;
  private limitQuietUntil = Number.NEGATIVE_INFINITY;
  /** Of the FDB, when it was last looked at. */
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
    this.charges = new Int32Array(maxPorts);
    this.counters = new Counters(maxPorts, options.counterMemory);
    this.fdb = new Fdb({
      ageingMs: options.ageingMs ?? DEFAULT_AGEING_MS,
      maxDynamic: options.fdbMax ?? DEFAULT_FDB_MAX,
      maxDynamicPerPort: options.fdbMaxPerPort ?? Number.POSITIVE_INFINITY,
      maxPorts,
      seed: options.seed ?? 0,
      ...(options.fdbTotalsMemory !== undefined && { totalsMemory: options.fdbTotalsMemory }),
    });
    this.rooms = new Rooms(options, {
      mac: this.mac,
      counters: this.counters,
      topology: {
        portOf: (hi16, lo32, vlan) => this.fdb.peek(hi16, lo32, vlan, this.nowTicks),
        forwards: (ingress, egress) => this.ports.isUp(ingress) && this.ports.isUp(egress),
        placementOf: (hi16, lo32, vlan) => this.fdb.placementOf(hi16, lo32, vlan),
        audience: () => this.ports.upCount,
        requestListeners: () => this.ports.requestListeners,
      },
      maxPorts,
      seed: options.seed ?? 0,
    });
  }

  /** Who sends the answers. Must be called once before anything is forwarded. */
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
    for (let frame = 0; frame < receivedCount; frame++) {
      const port = ingress[frame] as number;
      const charged = charges[port] as number;
      if (charged >= WORK_PER_TURN) {
        burst.defer(frame);
        continue;
      }
      const before = burst.work;
      this.forwardFrame(frame);
      charges[port] = charged + burst.work - before;
    }
    for (let frame = 0; frame < receivedCount; frame++) charges[ingress[frame] as number] = 0;
  }

  private forwardFrame(frame: number): void {
    if (this.reporter !== undefined) tellArrival(this.reporter, this.burst, frame);
    const { u16 } = this.burst;
    const at = this.burst.offset[frame] as number;
    const ingress = this.burst.ingress[frame] as number;
    const lengthBytes = this.burst.length[frame] as number;

    // Check: a frame that is not admitted teaches nothing.
    if (lengthBytes < MIN_FRAME_BYTES) return this.drop(ingress, DropReason.TooShort);
    if (!isPlainAt(u16, at) && !canFinish(this.burst, frame)) {
      return this.drop(ingress, DropReason.MalformedOffload);
    }
    const toHi16 = macHi16(u16, at + DESTINATION);
    const toLo32 = macLo32(u16, at + DESTINATION);
    const fromHi16 = macHi16(u16, at + SOURCE);
    const fromLo32 = macLo32(u16, at + SOURCE);
    if (isGroup(toHi16)) this.countGroup(ingress, toHi16, toLo32);
    if (!this.ports.isUp(ingress)) return this.drop(ingress, DropReason.IngressDown);
    if (isGroup(fromHi16)) return this.drop(ingress, DropReason.SourceGroup);
    if (fromLo32 === 0 && fromHi16 === 0) return this.drop(ingress, DropReason.SourceZero);
    if (fromLo32 === toLo32 && fromHi16 === toHi16) {
      return this.drop(ingress, DropReason.SourceIsDestination);
    }
    if (this.isOwnMac(fromHi16, fromLo32)) return this.dropOwnSource(ingress);

    // Classify, and learn. PAUSE belongs to one link: a bridge does not even learn from it.
    const reserved = isReserved(toHi16, toLo32) ? reservedNibble(toLo32) : -1;
    if (reserved !== RESERVED_PAUSE) this.learn(fromHi16, fromLo32, ingress);
    if (reserved >= 0 && !(reserved === RESERVED_STP && this.forwardsStp)) {
      return this.drop(ingress, DropReason.Reserved);
    }

    // Protocol rooms.
    const toSwitch = this.isOwnMac(toHi16, toLo32);
    const verdict = this.rooms.ask(frame, etherType(u16, at), toSwitch, this);
    if (verdict === CONSUMED) return;
    if (toSwitch) return this.drop(ingress, DropReason.ToSwitch);

    // Look up, and send.
    if (verdict !== PASS) return this.egress(frame, verdict);
    if (isGroup(toHi16)) return this.flood(frame, ingress);
    const port = this.fdb.lookup(toHi16, toLo32, NO_VLAN, this.nowTicks);
    if (port === NO_PORT) return this.flood(frame, ingress);
    if (port === ingress) return this.drop(ingress, DropReason.SamePort);
    this.egress(frame, port);
  }

  private countGroup(ingress: number, toHi16: number, toLo32: number): void {
    const counter = isBroadcast(toHi16, toLo32) ? Counter.RxBroadcast : Counter.RxMulticast;
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
    if (this.reporter !== undefined) tellFlood(this.reporter, this.burst, frame);
    const { forwarding } = this.ports;
    const segmentsMax = Math.max(SEGMENTS_TO_EACH, (WORK_PER_TURN / forwarding.length) | 0);
    let copies = 0;
    for (let index = 0; index < forwarding.length; index++) {
      const port = forwarding[index] as number;
      if (port === ingress) continue;
      this.egress(frame, port, segmentsMax);
      copies++;
    }
    if (copies === 0) return this.drop(ingress, DropReason.NoOtherPort);
    this.counters.add(ingress, Counter.RxFlooded, 1);
  }

  /**
   * Whether the port can take the frame, and in which shape.
   * @param segmentsMax frames that a super-frame may become
   */
  private egress(frame: number, port: number, segmentsMax = WORK_PER_TURN): void {
    if ((this.burst.length[frame] as number) > this.ports.longestFrame(port)) {
      if (!this.fitsOtherwise(frame, port)) return;
    }
    if (this.ports.takesOffloads(port) || isPlain(this.burst, frame)) this.append(frame, port);
    else this.segment(frame, port, segmentsMax);
  }

  /**
   * Whether a frame that is too long as it is fits all the same: as segments, or without its outer
   * tag, which Linux holds apart from the frame and does not count (`is_skb_forwardable`).
   */
  private fitsOtherwise(frame: number, port: number): boolean {
    const { burst } = this;
    const isUp = this.ports.isUp(port);
    const countedBytes = segmentBytes(burst, frame) - this.outerTagBytes(frame);
    const fits = isUp && countedBytes <= this.ports.longestFrame(port);
    if (!fits) this.drop(port, isUp ? DropReason.TooLong : DropReason.EgressDown);
    return fits;
  }

  private outerTagBytes(frame: number): number {
    const type = etherType(this.burst.u16, this.burst.offset[frame] as number);
    return type === ETHER_TYPE_VLAN || type === ETHER_TYPE_SERVICE_VLAN ? VLAN_TAG_BYTES : 0;
  }

  private segment(frame: number, port: number, segmentsMax: number): boolean {
    if (segmentCount(this.burst, frame) > segmentsMax) {
      this.drop(port, DropReason.TooManySegments);
      return false;
    }
    const isSent =
      this.reporter === undefined
        ? segmentTo(frame, port, this)
        : this.segmentReported(this.reporter, frame, port);
    // Of a frame that was admitted, nothing keeps it from that.
    if (!isSent) this.drop(port, DropReason.WriteFailed);
    return isSent;
  }

  /** The segments are frames of the switch's making, and yet the received frame: told of as that. */
  private segmentReported(reporter: TraceReporter, frame: number, port: number): boolean {
    tellSegmenting(reporter, segmentCount(this.burst, frame), port);
    this.reporter = undefined;
    const isSent = segmentTo(frame, port, this);
    this.reporter = reporter;
    if (isSent) tellLeaving(reporter, this.burst, frame, port);
    return isSent;
  }

  private append(frame: number, port: number): void {
    if (this.reporter !== undefined) tellLeaving(this.reporter, this.burst, frame, port);
    if (!this.burst.hasTxRoom(1)) this.flush();
    this.burst.send(frame, port);
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

  toPort(frame: number, port: number): void {
    if (this.reporter !== undefined) tellOwnWords(this.reporter, this.burst, frame, port);
    this.egress(frame, port);
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
    burst.txCount = 0;
    if (failed > 0) this.countFailures(count);
    const { txPort, txLength } = burst;
    this.counters.addRuns(0, count, txPort, txLength, Counter.TxFrames, Counter.TxBytes);
  }

  /** Takes the pairs that failed out of the answer. */
  private countFailures(count: number): void {
    const { txFrame, txPort, txStatus } = this.burst;
    for (let entry = 0; entry < count; entry++) {
      const errno = txStatus[entry] as number;
      if (errno === 0) continue;
      const frame = txFrame[entry] as number;
      const port = txPort[entry] as number;
      txPort[entry] = NO_PORT;
      if (errno === Errno.EINVAL && this.showsRefusal(frame)) this.refused.push([frame, port]);
      else this.drop(port, dropReasonFor(errno));
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
    for (const [frame, port] of this.refused.splice(0)) {
      if (!this.segment(frame, port, SEGMENTS_TO_EACH) || !this.ports.takesOffloads(port)) continue;
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
  }

  removePort(port: number): void {
    this.burst.forgetDeferred(port);
    this.fdb.forgetPort(port);
    this.rooms.forgetPort(port);
    this.offloadPauses.forget(port);
    this.ports.remove(port);
  }

  /** Changes a port while frames flow. What is left out stays as it is; a port keeps its name. */
  configurePort(port: number, settings: Partial<BridgePortSettings>): void {
    const { isUp, mtuBytes, takesOffloads, hearsRequests, isTrusted } = settings;
    if (mtuBytes !== undefined) this.setPortMtu(port, mtuBytes);
    if (takesOffloads !== undefined) this.setPortOffloads(port, takesOffloads);
    if (hearsRequests !== undefined) this.setPortHearsRequests(port, hearsRequests);
    if (isTrusted !== undefined) this.rooms.setTrusted(port, isTrusted);
    if (isUp !== undefined) this.setPortUp(port, isUp);
  }

  /** A port that goes down takes what was learned there with it. */
  setPortUp(port: number, isUp: boolean): void {
    if (!isUp) {
      this.fdb.flushPort(port);
      this.rooms.flushPort(port);
    }
    this.ports.setUp(port, isUp);
  }

  setPortMtu(port: number, mtuBytes: number): void {
    this.ports.setMtu(port, mtuBytes);
  }

  /** Sets whether the port hears every ARP and ND request, also one that the switch answers. */
  setPortHearsRequests(port: number, hearsRequests: boolean): void {
    this.ports.setHearsRequests(port, hearsRequests);
  }

  setPortOffloads(port: number, takesOffloads: boolean): void {
    this.offloadPauses.forget(port);
    this.ports.setOffloads(port, takesOffloads);
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
    this.rooms.configure(settings);
  }
}

function dropReasonFor(errno: number): DropReason {
  switch (errno) {
    case Errno.EIO:
      return DropReason.EgressDown;
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
