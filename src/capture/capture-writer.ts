/**
 * One capture, on the data-plane thread. It selects frames and writes each of them as a block of
 * pcapng into the capture ring. Frames for which there is no room are lost and counted.
 *
 * Blocks reach the reader with `commit`, and until `keep` they can be taken back. So a frame is
 * written before the port has taken it: once the result is known, the frame may be gone from the
 * burst.
 */

import type { Burst } from '../frame/burst';
import { ACCEPT, type FilterProgram, isAccepted } from './filter-program';
import { FrameFields } from './frame-fields';
import {
  Direction,
  enhancedPacketBytes,
  interfaceDescription,
  writePacketHead,
} from '../wire/pcapng';
import { AS_IT_IS, shiftOf, writeAsItLeaves } from '../frame/tag-operation';
import { VNET_HEADER_BYTES } from '../wire/virtio';
import { RingWriter } from '../frame/ring';
import { f64At, i32At, u8At } from '../wire/read';

/** Settings of a capture. */
export interface CaptureSetup {
  readonly ring: SharedArrayBuffer;
  /** Ids of the captured ports; all ports unless given. */
  readonly ports?: readonly number[];
  readonly directions: readonly Direction[];
  /** Most bytes of a frame that are kept. */
  readonly snapBytes: number;
  readonly filter: FilterProgram;
  /** Frames after which the capture is complete. */
  readonly count?: number;
  /** Time since 1970 at which the bursts' clock was zero, nanoseconds. */
  readonly epochNs: bigint;
}

/** Totals of one interface of a capture, in frames. */
export interface InterfaceCounts {
  readonly id: number;
  readonly received: number;
  readonly lost: number;
}

const NS_PER_MS = 1e6;
const WORD = 2 ** 32;
/** Verdicts of the filter about a frame. */
const UNKNOWN = 0;
const WANTED = 1;
const UNWANTED = 2;
/** Size up to which a loop over words is faster than a view of the bytes, which is an object. */
const COPY_BY_WORDS_BYTES = 256;

/** A port, as an interface of the capture. */
class Interface {
  /** Number of the interface in the stream, from zero; -1 until the stream describes it. */
  id = -1;
  received = 0;
  lost = 0;
  /** Frames lost since the last one that was written. */
  lostSince = 0;
  /** Whether the fields have changed since the last `keep`; `old` has their values of then. */
  hasChanged = false;
  private readonly old = { id: -1, received: 0, lost: 0, lostSince: 0 };

  keep(): void {
    this.hasChanged = true;
    const { old } = this;
    old.id = this.id;
    old.received = this.received;
    old.lost = this.lost;
    old.lostSince = this.lostSince;
  }

  rollBack(): void {
    Object.assign(this, this.old);
  }
}

export class CaptureWriter {
  readonly wantsIn: boolean;
  readonly wantsOut: boolean;
  private readonly ring: RingWriter;
  private readonly ports: ReadonlySet<number> | undefined;
  /** Interfaces of the present ports, by port id. */
  private readonly interfaces: (Interface | undefined)[] = [];
  /** Interfaces that the stream describes, also of ports that were removed. */
  private readonly described: Interface[] = [];
  /** Interfaces changed since the last `keep`: the first `changedCount` entries. */
  private readonly changed: Interface[] = [];
  private changedCount = 0;
  private oldRemaining: number;
  private oldDescribedCount = 0;
  private remaining: number;
  private readonly frameWords: Int32Array;
  private readonly fields = new FrameFields();
  /** Verdict of the filter by frame of the burst; `UNKNOWN` where the filter has not run. */
  private readonly verdicts: Uint8Array;
  /** Head of the frame that is being written. It is reused: there are hundreds of thousands a second. */
  private readonly head = {
    interfaceId: 0,
    direction: Direction.In as Direction,
    timeHigh: 0,
    timeLow: 0,
    lengthBytes: 0,
    keptBytes: 0,
    lostCount: 0,
  };
  private stampMs = Number.NaN;
  private readonly epochHigh: number;
  private readonly epochLow: number;

  /**
   * @param id chosen by the caller, who gets it back with every report
   * @param nameOf name of a port, by id
   */
  constructor(
    readonly id: number,
    private readonly setup: CaptureSetup,
    private readonly burst: Burst,
    private readonly nameOf: (port: number) => string,
  ) {
    this.ring = new RingWriter(setup.ring);
    this.ports = setup.ports === undefined ? undefined : new Set(setup.ports);
    this.remaining = setup.count ?? Number.POSITIVE_INFINITY;
    this.oldRemaining = this.remaining;
    this.frameWords = new Int32Array(burst.arena);
    this.verdicts = new Uint8Array(burst.offset.length);
    this.epochHigh = Number(setup.epochNs >> 32n);
    this.epochLow = Number(BigInt.asUintN(32, setup.epochNs));
    this.wantsIn = setup.directions.includes(Direction.In);
    this.wantsOut = setup.directions.includes(Direction.Out);
  }

  /** Whether it captures frames of the port. */
  wantsPort(port: number): boolean {
    return this.ports?.has(port) ?? true;
  }

  /** Whether `count` frames were written. */
  get isComplete(): boolean {
    return this.remaining === 0;
  }

  counts(): InterfaceCounts[] {
    return this.described.map(({ id, received, lost }) => ({ id, received, lost }));
  }

  /** @returns whether the reader must be woken, because it has read everything. */
  shouldTell(): boolean {
    return this.ring.shouldTell();
  }

  /** Forgets a removed port. The next port with this id is another interface. */
  forget(port: number): void {
    this.interfaces[port] = undefined;
  }

  /** Discards the verdicts from this frame on, because the burst holds other frames there now. */
  renew(frame: number): void {
    this.verdicts.fill(UNKNOWN, frame);
  }

  /**
   * Writes a frame of the burst, if it is one of those that are wanted.
   * @param tag what happens to its outer tag on the way out (`frame/tag-operation.ts`): the filter sees
   *   and the capture holds the frame as it leaves
   */
  show(frame: number, port: number, direction: Direction, tag = AS_IT_IS): void {
    const { ports, setup } = this;
    if (this.remaining === 0 || (ports !== undefined && !ports.has(port))) return;
    const leaving = tag === AS_IT_IS ? undefined : this.leaving(frame, tag);
    if (setup.filter.start !== ACCEPT && !this.isWanted(frame, leaving)) return;
    const on = (this.interfaces[port] ??= new Interface());
    if (!on.hasChanged) {
      on.keep();
      this.changed[this.changedCount++] = on;
    }
    on.received++;
    if (this.isDescribed(on, port) && this.write(frame, on, direction, leaving)) {
      on.lostSince = 0;
      this.remaining--;
    } else {
      on.lost++;
      on.lostSince++;
    }
  }

  /** Keeps the written blocks: `rollBack` no longer takes them back. */
  keep(): void {
    this.forgetChanges();
    this.ring.keep();
  }

  /** Keeps the written blocks and hands them over. @returns whether there were any */
  commit(): boolean {
    this.keep();
    return this.ring.commit();
  }

  /** Takes back the blocks written since the last `keep` or `commit`. */
  rollBack(): void {
    for (let index = 0; index < this.changedCount; index++) this.changed[index]?.rollBack();
    this.remaining = this.oldRemaining;
    this.described.length = this.oldDescribedCount;
    this.forgetChanges();
    this.ring.rollBack();
  }

  private forgetChanges(): void {
    for (let index = 0; index < this.changedCount; index++) {
      (this.changed[index] as Interface).hasChanged = false;
    }
    // Shortening the array would take as long as writing a frame.
    this.changedCount = 0;
    this.oldRemaining = this.remaining;
    this.oldDescribedCount = this.described.length;
  }

  /** A copy of the frame as it leaves with a tag operation. Few frames have one. */
  private leaving(frame: number, tag: number): Uint8Array {
    const { u8, offset, length } = this.burst;
    const lengthBytes = i32At(length, frame);
    const out = new Uint8Array(VNET_HEADER_BYTES + lengthBytes + shiftOf(tag));
    writeAsItLeaves(u8, i32At(offset, frame), lengthBytes, tag, out, VNET_HEADER_BYTES);
    return out.subarray(VNET_HEADER_BYTES);
  }

  /**
   * Asks the filter once per frame, however many ports the frame leaves from as it lies in the burst.
   * @param leaving the frame as it leaves, where that differs
   */
  private isWanted(frame: number, leaving: Uint8Array | undefined): boolean {
    const { burst, fields, verdicts } = this;
    if (leaving !== undefined) {
      fields.read(leaving, 0, leaving.length, this.setup.filter.parts);
      return isAccepted(this.setup.filter, fields);
    }
    if (verdicts[frame] === UNKNOWN) {
      const { filter } = this.setup;
      const at = i32At(burst.offset, frame);
      fields.read(burst.u8, at, at + i32At(burst.length, frame), filter.parts);
      verdicts[frame] = isAccepted(filter, fields) ? WANTED : UNWANTED;
    }
    return verdicts[frame] === WANTED;
  }

  private write(
    frame: number,
    { id, lostSince }: Interface,
    direction: Direction,
    leaving: Uint8Array | undefined,
  ): boolean {
    const { burst, head, ring, setup } = this;
    const lengthBytes = leaving === undefined ? i32At(burst.length, frame) : leaving.length;
    const keptBytes = Math.min(lengthBytes, setup.snapBytes);
    const blockBytes = enhancedPacketBytes(keptBytes, lostSince);
    const at = ring.append(blockBytes);
    if (at < 0) return false;
    this.stamp();
    head.interfaceId = id;
    head.direction = direction;
    head.lengthBytes = lengthBytes;
    head.keptBytes = keptBytes;
    head.lostCount = lostSince;
    const to = writePacketHead(ring.words, at, head);
    if (leaving === undefined) this.copy(i32At(burst.offset, frame), keptBytes, to);
    else ring.bytes.set(leaving.subarray(0, keptBytes), to);
    return true;
  }

  /** @param from arena offset of the frame; like `to`, a multiple of four */
  private copy(from: number, sizeBytes: number, to: number): void {
    const { burst, frameWords, ring } = this;
    if (sizeBytes > COPY_BY_WORDS_BYTES) {
      ring.bytes.set(burst.u8.subarray(from, from + sizeBytes), to);
      return;
    }
    let done = 0;
    for (; done + 4 <= sizeBytes; done += 4) {
      ring.words[(to + done) >> 2] = i32At(frameWords, (from + done) >> 2);
    }
    for (; done < sizeBytes; done++) ring.bytes[to + done] = u8At(burst.u8, from + done);
  }

  /** Describes an interface in front of its first frame. @returns false if there is no room */
  private isDescribed(on: Interface, port: number): boolean {
    if (on.id >= 0) return true;
    const block = interfaceDescription(this.nameOf(port), this.setup.snapBytes);
    const at = this.ring.append(block.length);
    if (at < 0) return false;
    this.ring.bytes.set(block, at);
    on.id = this.described.length;
    this.described.push(on);
    return true;
  }

  /** Sets the timestamp, one for all frames of a burst. In numbers: a bigint is a heap object. */
  private stamp(): void {
    const nowMs = f64At(this.burst.clock, 0);
    if (nowMs === this.stampMs) return;
    this.stampMs = nowMs;
    const sinceEpochNs = Math.round(nowMs * NS_PER_MS);
    const low = this.epochLow + (sinceEpochNs % WORD);
    this.head.timeHigh =
      (this.epochHigh + Math.floor(sinceEpochNs / WORD) + (low < WORD ? 0 : 1)) | 0;
    this.head.timeLow = low | 0;
  }
}
