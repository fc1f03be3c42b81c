/**
 * The counters of a port: doubles in memory that another thread may read while they grow. One
 * thread writes. A double counts exactly up to 2^53: 285 years at a million frames per second.
 */

import { ARP_COUNTERS, type ArpCounter } from '../arp/counters';
import { ICMP_COUNTERS, type IcmpCounter } from '../icmp/counters';
import { ND_COUNTERS, type NdCounter } from '../nd/counters';
import { REFUSAL_REASONS, type RefusalReason } from '../hosts/refusal-reason';
import { DROP_REASONS, type DropReason } from './drop-reason';

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
} as const;
export type Counter = (typeof Counter)[keyof typeof Counter];

interface CounterText {
  /** As it stands in `stats` and in metrics. */
  readonly name: string;
  readonly meaning: string;
}

const OWN_COUNTERS: readonly CounterText[] = [
  { name: 'rx-frames', meaning: 'Frames received from the port.' },
  { name: 'rx-bytes', meaning: 'Their bytes, from destination address to the end.' },
  { name: 'rx-multicast', meaning: 'Of them, to a group.' },
  { name: 'rx-broadcast', meaning: 'Of them, to all.' },
  { name: 'rx-flooded', meaning: 'Of them, sent to every other port.' },
  { name: 'tx-frames', meaning: 'Frames that the port took.' },
  { name: 'tx-bytes', meaning: 'Their bytes.' },
  { name: 'learned', meaning: 'Stations learned on the port.' },
  { name: 'moved-here', meaning: 'Stations that moved to the port from another.' },
];

const FIRST_ARP = OWN_COUNTERS.length;
const FIRST_ND = FIRST_ARP + ARP_COUNTERS.length;
const FIRST_ICMP = FIRST_ND + ND_COUNTERS.length;

/** Every counter that is not a drop, in the order in which a port's lie in memory. */
export const COUNTERS: readonly CounterText[] = [
  ...OWN_COUNTERS,
  ...ARP_COUNTERS,
  ...ND_COUNTERS,
  ...ICMP_COUNTERS,
];

/** Every reason why a frame goes no further: the bridge's own, then those of inspection. */
export const DROPS: readonly CounterText[] = [...DROP_REASONS, ...REFUSAL_REASONS];

const FIRST_DROP = COUNTERS.length;
const FIRST_REFUSAL = FIRST_DROP + DROP_REASONS.length;
/** Counters of one port: those above, then one for each drop reason. */
export const COUNTERS_PER_PORT = FIRST_DROP + DROPS.length;

/** The counters of one port, as numbers with names. */
export interface PortCounters {
  readonly counters: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
}

export class Counters {
  /** Port after port, `COUNTERS_PER_PORT` each. */
  readonly values: Float64Array;

  /**
   * @param memory of an earlier `Counters`, to read it from another thread. Memory that is
   * never touched costs nothing, so there may be room for far more ports than there are.
   */
  constructor(maxPorts: number, memory?: SharedArrayBuffer) {
    const sizeBytes = maxPorts * COUNTERS_PER_PORT * Float64Array.BYTES_PER_ELEMENT;
    this.values = new Float64Array(memory ?? new SharedArrayBuffer(sizeBytes));
  }

  get memory(): SharedArrayBuffer {
    return this.values.buffer as SharedArrayBuffer;
  }

  add(port: number, counter: Counter, amount: number): void {
    const at = port * COUNTERS_PER_PORT + counter;
    this.values[at] = (this.values[at] as number) + amount;
  }

  /**
   * Counts frames and their bytes, once for each run of frames with the same port. A negative port
   * is not counted.
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
    this.increment(port, FIRST_DROP + reason);
  }

  countArp(counter: ArpCounter, port: number): void {
    this.increment(port, FIRST_ARP + counter);
  }

  countNd(counter: NdCounter, port: number): void {
    this.increment(port, FIRST_ND + counter);
  }

  /** A frame that inspection refused goes no further, like any that is dropped. */
  countRefusal(reason: RefusalReason, port: number): void {
    this.increment(port, FIRST_REFUSAL + reason);
  }

  countIcmp(counter: IcmpCounter, port: number): void {
    this.increment(port, FIRST_ICMP + counter);
  }

  get(port: number, counter: Counter): number {
    return this.values[port * COUNTERS_PER_PORT + counter] as number;
  }

  getDrops(port: number, reason: DropReason): number {
    return this.values[port * COUNTERS_PER_PORT + FIRST_DROP + reason] as number;
  }

  /** Forgets the counts of a port whose id is given away again. */
  clear(port: number): void {
    this.values.fill(0, port * COUNTERS_PER_PORT, (port + 1) * COUNTERS_PER_PORT);
  }

  read(port: number): PortCounters {
    const at = port * COUNTERS_PER_PORT;
    const named = (
      texts: readonly { readonly name: string }[],
      from: number,
    ): Record<string, number> =>
      Object.fromEntries(
        texts.map(({ name }, index) => [name, this.values[from + index] as number]),
      );
    return {
      counters: named(COUNTERS, at),
      drops: named(DROPS, at + FIRST_DROP),
    };
  }

  private increment(port: number, index: number): void {
    const at = port * COUNTERS_PER_PORT + index;
    this.values[at] = (this.values[at] as number) + 1;
  }
}
