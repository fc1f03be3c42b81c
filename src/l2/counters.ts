/**
 * The counters of a port: doubles in memory that another thread may read while they grow. One
 * thread writes. A double counts exactly up to 2^53: 285 years at a million frames per second.
 */

import type { CounterText, RoomSink } from '../frame/room';
import { f64At } from '../wire/read';
import { DROP_REASONS, type DropReason } from './drop-reason';
import { ROOM_LIST, type RoomList, countersOf, dropsOf } from './room-list';

export const Counter = {
  RxFrames: 0,
  RxBytes: 1,
  RxMulticast: 2,
  RxBroadcast: 3,
  /** Frames from this port that went to every other port. */
  RxFlooded: 4,
  TxFrames: 5,
  TxBytes: 6,
  /** Stations that were learned here. */
  Learned: 7,
  /** Stations that moved here from another port. */
  MovedHere: 8,
  /** Frames that an impairment of the port held. */
  Held: 9,
  /** Frames of them that went on. */
  Released: 10,
  /** The frame I/O counts it. */
  TxCoalesced: 11,
} as const;
export type Counter = (typeof Counter)[keyof typeof Counter];

const OWN_COUNTERS: readonly CounterText[] = [
  { name: 'rx-frames', meaning: 'Frames received from the port.' },
  {
    name: 'rx-bytes',
    meaning: 'Bytes of the received frames, from destination address to the end.',
  },
  { name: 'rx-multicast', meaning: 'Received frames to a group, without broadcasts.' },
  { name: 'rx-broadcast', meaning: 'Received broadcasts.' },
  { name: 'rx-flooded', meaning: 'Received frames that went to every other port.' },
  { name: 'tx-frames', meaning: 'Frames that the port took.' },
  { name: 'tx-bytes', meaning: 'Bytes of the frames that the port took.' },
  { name: 'learned', meaning: 'Stations learned on the port.' },
  { name: 'moved-here', meaning: 'Stations that moved to the port from another.' },
  { name: 'held', meaning: 'Frames that an impairment of the port held for a time.' },
  {
    name: 'released',
    meaning: 'Frames that an impairment of the port has held, and that went on.',
  },
  {
    name: 'tx-coalesced',
    meaning: 'Frames among those that the port took which left as parts of a super-frame.',
  },
];

/** Every counter that is not a drop reason, in the order of a port's memory. */
export const COUNTERS: readonly CounterText[] = [...OWN_COUNTERS, ...countersOf(ROOM_LIST)];

/** Every drop reason: the bridge's own, then those of the rooms. */
export const DROPS: readonly CounterText[] = [...DROP_REASONS, ...dropsOf(ROOM_LIST)];

/** Number of counters of one port: those above, then one for each drop reason. */
export const COUNTERS_PER_PORT = COUNTERS.length + DROPS.length;

/** The counters of one port, as numbers with names. */
export interface PortCounters {
  readonly counters: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
}

export class Counters {
  /** Values of all ports, `perPort` each: counters of the bridge, of the rooms, and then the drops of both. */
  readonly values: Float64Array;
  private readonly counterTexts: readonly CounterText[];
  private readonly dropTexts: readonly CounterText[];
  /** Values of one port. */
  readonly perPort: number;
  private readonly firstDrop: number;

  /**
   * @param memory of an earlier `Counters`, to read it from another thread. Untouched memory costs nothing,
   * so there may be room for far more ports than there are.
   * @param rooms rooms whose counters and drop reasons there are; by default, those of every bridge
   */
  constructor(
    maxPorts: number,
    memory?: SharedArrayBuffer,
    private readonly rooms: RoomList = ROOM_LIST,
  ) {
    this.counterTexts = [...OWN_COUNTERS, ...countersOf(rooms)];
    this.dropTexts = [...DROP_REASONS, ...dropsOf(rooms)];
    this.firstDrop = this.counterTexts.length;
    this.perPort = this.firstDrop + this.dropTexts.length;
    const sizeBytes = maxPorts * this.perPort * Float64Array.BYTES_PER_ELEMENT;
    this.values = new Float64Array(memory ?? new SharedArrayBuffer(sizeBytes));
  }

  get memory(): SharedArrayBuffer {
    return this.values.buffer as SharedArrayBuffer;
  }

  add(port: number, counter: Counter, amount: number): void {
    const at = port * this.perPort + counter;
    this.values[at] = (this.values[at] as number) + amount;
  }

  /**
   * Counts frames and their bytes, once for each run of frames with the same port. A negative port is not
   * counted.
   * @param from the first frame
   * @param count one more than the last
   * @param frames the counter of frames
   * @param bytes the counter of bytes
   */
  addRuns(
    from: number,
    count: number,
    ports: Int32Array,
    lengths: Int32Array,
    frames: Counter,
    bytes: Counter,
  ): void {
    let start = from;
    while (start < count) {
      const port = ports[start] as number;
      let sumBytes = 0;
      let end = start;
      while (end < count && ports[end] === port) sumBytes += lengths[end++] as number;
      if (port >= 0) {
        this.add(port, frames, end - start);
        this.add(port, bytes, sumBytes);
      }
      start = end;
    }
  }

  drop(port: number, reason: DropReason): void {
    this.increment(port, this.firstDrop + reason);
  }

  /** Makes the sink of the room with this name. */
  sinkOf(name: string): RoomSink {
    const before: RoomList = Object.fromEntries(
      Object.entries(this.rooms).slice(0, Object.keys(this.rooms).indexOf(name)),
    );
    const firstCounter = OWN_COUNTERS.length + countersOf(before).length;
    const firstDrop = this.firstDrop + DROP_REASONS.length + dropsOf(before).length;
    return {
      count: (counter, port) => this.increment(port, firstCounter + counter),
      drop: (reason, port) => this.increment(port, firstDrop + reason),
    };
  }

  get(port: number, counter: Counter): number {
    return this.values[port * this.perPort + counter] as number;
  }

  getDrops(port: number, reason: DropReason): number {
    return this.values[port * this.perPort + this.firstDrop + reason] as number;
  }

  /** Clears the counts of a removed port, because its id will be reused. */
  clear(port: number): void {
    this.values.fill(0, port * this.perPort, (port + 1) * this.perPort);
  }

  read(port: number): PortCounters {
    const at = port * this.perPort;
    const named = (
      texts: readonly { readonly name: string }[],
      from: number,
    ): Record<string, number> =>
      Object.fromEntries(
        texts.map(({ name }, index) => [name, this.values[from + index] as number]),
      );
    return {
      counters: named(this.counterTexts, at),
      drops: named(this.dropTexts, at + this.firstDrop),
    };
  }

  private increment(port: number, index: number): void {
    const at = port * this.perPort + index;
    this.values[at] = f64At(this.values, at) + 1;
  }
}
