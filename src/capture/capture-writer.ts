/**
 * One capture, on the side of the frames: chooses those that are wanted and writes each as a block of
 * pcapng into the capture's ring. Frames for which there is no room are lost, and counted.
 */

import type { Burst } from '../l2/burst';
import { type Filter, matches } from './filter';
import { Direction, enhancedPacketBytes, interfaceDescription, writePacketHead } from './pcapng';
import { RingWriter } from './ring';

/** What a capture wants. */
export interface CaptureSetup {
  readonly ring: SharedArrayBuffer;
  /** Ids of ports; all of them unless given. */
  readonly ports?: readonly number[];
  readonly directions: readonly Direction[];
  /** Bytes of a frame that are kept at most. */
  readonly snapBytes: number;
  readonly filter: Filter;
  /** Frames after which the capture is complete. */
  readonly count?: number;
  /** The time since 1970 at which the clock of the bursts stood at zero, nanoseconds. */
  readonly epochNs: bigint;
}

/** What came of one interface of a capture, in all. */
export interface InterfaceCounts {
  readonly id: number;
  readonly received: number;
  readonly lost: number;
}

const NS_PER_MS = 1e6;
/** Up to here a loop over words is faster than a view of the bytes, which is an object. */
const COPY_BY_WORDS_BYTES = 256;

/** A port, as an interface of the capture. */
class Interface {
  /** Counts the interfaces that stand in the stream; -1 until this one does. */
  id = -1;
  received = 0;
  lost = 0;
  /** Of them, those since the last frame that was written. */
  lostSince = 0;
}

export class CaptureWriter {
  private readonly ring: RingWriter;
  private readonly ports: ReadonlySet<number> | undefined;
  /** Of the ports that are there, by port. */
  private readonly interfaces: (Interface | undefined)[] = [];
  /** Every one that stands in the stream, also of ports that are no more. */
  private readonly described: Interface[] = [];
  private remaining: number;
  private readonly frameWords: Int32Array;
  /** Of the frame that is being written: one object, for there are hundreds of thousands a second. */
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

  /** @param nameOf name of a port */
  constructor(
    private readonly setup: CaptureSetup,
    private readonly burst: Burst,
    private readonly nameOf: (port: number) => string,
  ) {
    this.ring = new RingWriter(setup.ring);
    this.ports = setup.ports === undefined ? undefined : new Set(setup.ports);
    this.remaining = setup.count ?? Number.POSITIVE_INFINITY;
    this.frameWords = new Int32Array(burst.arena);
  }

  /** Whether as many frames were written as were asked for. */
  get isComplete(): boolean {
    return this.remaining === 0;
  }

  counts(): InterfaceCounts[] {
    return this.described.map(({ id, received, lost }) => ({ id, received, lost }));
  }

  wants(direction: Direction): boolean {
    return this.setup.directions.includes(direction);
  }

  /** @returns whether the reader has to be told that there is something to read. */
  shouldTell(): boolean {
    return this.ring.shouldTell();
  }

  /** The port is no more; whoever has its id next is another interface. */
  forget(port: number): void {
    this.interfaces[port] = undefined;
  }

  /**
   * Writes a frame of the burst, if it is one of those that are wanted.
   * @returns whether something was written
   */
  show(frame: number, port: number, direction: Direction): boolean {
    const { burst, ports, setup } = this;
    if (this.remaining === 0 || (ports !== undefined && !ports.has(port))) return false;
    if (setup.filter.kind !== 'all' && !matches(setup.filter, burst.bytes(frame))) return false;
    const on = (this.interfaces[port] ??= new Interface());
    on.received++;
    if (this.isDescribed(on, port) && this.write(frame, on, direction)) {
      on.lostSince = 0;
      this.remaining--;
      return true;
    }
    on.lost++;
    on.lostSince++;
    return false;
  }

  private write(frame: number, { id, lostSince }: Interface, direction: Direction): boolean {
    const { burst, head, ring, setup } = this;
    const lengthBytes = burst.length[frame] as number;
    const keptBytes = Math.min(lengthBytes, setup.snapBytes);
    const blockBytes = enhancedPacketBytes(keptBytes, lostSince);
    const at = ring.reserve(blockBytes);
    if (at < 0) return false;
    this.stamp();
    head.interfaceId = id;
    head.direction = direction;
    head.lengthBytes = lengthBytes;
    head.keptBytes = keptBytes;
    head.lostCount = lostSince;
    this.copy(burst.offset[frame] as number, keptBytes, writePacketHead(ring.words, at, head));
    ring.commit(blockBytes);
    return true;
  }

  /** @param from where the frame begins, a multiple of four like `to` */
  private copy(from: number, sizeBytes: number, to: number): void {
    const { burst, frameWords, ring } = this;
    if (sizeBytes > COPY_BY_WORDS_BYTES) {
      ring.bytes.set(burst.u8.subarray(from, from + sizeBytes), to);
      return;
    }
    let done = 0;
    for (; done + 4 <= sizeBytes; done += 4) {
      ring.words[(to + done) >> 2] = frameWords[(from + done) >> 2] as number;
    }
    for (; done < sizeBytes; done++) ring.bytes[to + done] = burst.u8[from + done] as number;
  }

  /** Describes an interface in front of its first frame. @returns false where there is no room */
  private isDescribed(on: Interface, port: number): boolean {
    if (on.id >= 0) return true;
    const block = interfaceDescription(this.nameOf(port), this.setup.snapBytes);
    const at = this.ring.reserve(block.length);
    if (at < 0) return false;
    this.ring.bytes.set(block, at);
    this.ring.commit(block.length);
    on.id = this.described.length;
    this.described.push(on);
    return true;
  }

  /** All frames of a burst have one stamp. */
  private stamp(): void {
    const nowMs = this.burst.clock[0] as number;
    if (nowMs === this.stampMs) return;
    this.stampMs = nowMs;
    const stampNs = this.setup.epochNs + BigInt(Math.round(nowMs * NS_PER_MS));
    this.head.timeHigh = Number(BigInt.asIntN(32, stampNs >> 32n));
    this.head.timeLow = Number(BigInt.asIntN(32, stampNs));
  }
}
