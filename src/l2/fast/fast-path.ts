/**
 * The fast path, on the bridge's side. The bridge keeps a copy of its forwarding database and of its port
 * table in memory that a program in the kernel reads (`layout.ts`). The kernel then redirects frames as the
 * bridge has decided, and these frames do not come to the bridge.
 *
 * Only the bridge decides. A frame whose stations are not in the memory comes to the bridge.
 *
 * Order. The program redirects a frame only if the bridge has answered every earlier frame from the same
 * station to the same other station. So no frame overtakes another when a pair of stations begins to use the fast path.
 *
 * Threads. The thread of the bridge writes the memory, with two exceptions: the program writes times and counters,
 * and the control plane writes which interfaces the programs of a port join. Other threads may read.
 */

import { TICK_MS } from '../../frame/time';
import { f64At, i32At } from '../../wire/read';
import { Counter, type Counters } from '../counters';
import type { FdbMirror } from '../fdb/mirror';
import type { FastLeg } from './leg';
import { FastObstacle } from './obstacle';
import {
  BUCKETS,
  BUCKET_BYTES,
  BUCKET_STATIONS,
  CLOCK_SHIFT,
  COUNT_BYTES,
  CountField,
  FAST_PORTS,
  Part,
  PortField,
  PortFlag,
  STATION_BYTES,
  StationField,
  hashOf,
  wordOf,
} from './layout';

const NO_STATION = -1;
const WORD_BYTES = 4;
const BUCKET_MASK = BUCKETS - 1;
/** Offsets in a station, in words. */
const LO32 = StationField.LO32 / WORD_BYTES;
const HI16_PORT = StationField.HI16_PORT / WORD_BYTES;
const HEARD = StationField.HEARD / WORD_BYTES;
const USED = StationField.USED / WORD_BYTES;
const STATION_WORDS = STATION_BYTES / WORD_BYTES;
const FIRST_STATION = Part.STATIONS / WORD_BYTES;
const BUCKET_WORDS = BUCKET_BYTES / WORD_BYTES;

const MS_PER_UNIT = 2 ** CLOCK_SHIFT / 1e6;
const TICKS_PER_UNIT = MS_PER_UNIT / TICK_MS;
const TWO_POW_32 = 2 ** 32;

/** Counter of the bridge for each of the four counters in the memory. */
const COUNTERS: readonly (readonly [number, Counter])[] = [
  [CountField.RX_FRAMES, Counter.RxFrames],
  [CountField.RX_BYTES, Counter.RxBytes],
  [CountField.TX_FRAMES, Counter.TxFrames],
  [CountField.TX_BYTES, Counter.TxBytes],
];

export interface FastPathOptions {
  /** Memory of `memoryBytes` bytes. */
  readonly memory: ArrayBuffer;
  /** Number of processors that have counters in it. */
  readonly processors: number;
  readonly seed: number;
  /** [0]: the present time, monotonic milliseconds. */
  readonly clock: Float64Array;
}

export class FastPath implements FdbMirror {
  private readonly words: Int32Array;
  private readonly processors: number;
  private readonly seed: number;
  private readonly clock: Float64Array;
  /** Port → 1 if it has a leg. */
  private readonly legs = new Uint8Array(FAST_PORTS);
  /** Port → VLAN of its stations: see `PortField.VLAN`. */
  private readonly vlans = new Uint16Array(FAST_PORTS);
  /** Value of each counter at the last collection, by port and counter. */
  private readonly collected = new Float64Array(FAST_PORTS * COUNTERS.length);

  constructor({ memory, processors, seed, clock }: FastPathOptions) {
    this.words = new Int32Array(memory);
    this.processors = processors;
    this.seed = seed;
    this.clock = clock;
  }

  // Ports ---------------------------------------------------------------------------------------

  /**
   * Notes the interface of a port, and shuts the port: nothing is redirected from or to it.
   * @param leg `undefined` if the port has no fast path
   * @returns whether there is room for the port
   */
  setLeg(port: number, leg: FastLeg | undefined): boolean {
    if (port >= FAST_PORTS) return false;
    this.shut(port, FastObstacle.Down);
    this.legs[port] = leg === undefined ? 0 : 1;
    if (leg === undefined) return true;
    this.write(port, PortField.INDEX, leg.index);
    this.write(port, PortField.DOMAIN, leg.domain);
    const { hi16, lo32 } = leg.farEnd ?? { hi16: 0, lo32: 0 };
    // The key in the form that the program compares: the address in the upper 48 bits of a u64.
    this.write(port, PortField.FAR_END, lo32 << 16);
    this.write(port, PortField.FAR_END + WORD_BYTES, (hi16 << 16) | (lo32 >>> 16));
    return true;
  }

  hasLeg(port: number): boolean {
    return this.legs[port] === 1;
  }

  /**
   * Sets the VLANs of ports. A port whose VLAN changes is shut, and has no stations afterwards.
   * @param vlanOf VLAN of a port: see `PortField.VLAN`
   * @returns whether there was a change
   */
  setVlans(ports: readonly number[], vlanOf: (port: number) => number): boolean {
    const changed = new Set<number>();
    for (const port of ports) {
      if (port >= FAST_PORTS || vlanOf(port) === this.vlans[port]) continue;
      this.write(port, PortField.FLAGS, 0);
      changed.add(port);
    }
    if (changed.size === 0) return false;
    this.clearWhere((port) => changed.has(port));
    for (const port of changed) {
      this.vlans[port] = vlanOf(port);
      this.write(port, PortField.VLAN, vlanOf(port));
    }
    return true;
  }

  /** @param longest length of the longest frame that may leave by the port, bytes */
  setLongest(port: number, longest: number): void {
    if (port < FAST_PORTS) this.write(port, PortField.LONGEST, longest);
  }

  /** Opens a port that has a leg: frames from and to it may take the fast path. */
  open(port: number, isIsolated: boolean): void {
    if (port >= FAST_PORTS || !this.hasLeg(port)) return;
    this.write(port, PortField.OBSTACLE, FastObstacle.None);
    this.write(port, PortField.FLAGS, PortFlag.OPEN | (isIsolated ? PortFlag.ISOLATED : 0));
  }

  /** Shuts a port: every frame comes to the bridge from now on. */
  shut(port: number, why: FastObstacle): void {
    if (port >= FAST_PORTS) return;
    this.write(port, PortField.FLAGS, 0);
    this.write(port, PortField.OBSTACLE, why);
  }

  // Stations (FdbMirror) ------------------------------------------------------------------------

  placed(hi16: number, lo32: number, vlan: number, port: number): void {
    const { words } = this;
    const at = this.find(hi16, lo32, vlan);
    if (this.legs[port] !== 1 || this.vlans[port] !== vlan) {
      if (at !== NO_STATION) this.clear(at);
      return;
    }
    const keyed = hi16 | ((port + 1) << 16);
    if (at !== NO_STATION) {
      Atomics.store(words, at + HI16_PORT, keyed);
      return;
    }
    // In a full bucket, the station has no fast path: its frames come to the bridge.
    const free = this.findFree(hi16, lo32, vlan);
    if (free === NO_STATION) return;
    const now = this.nowUnits();
    words[free + HEARD] = now;
    words[free + USED] = now;
    Atomics.store(words, free + LO32, lo32);
    Atomics.store(words, free + HI16_PORT, keyed);
  }

  removed(hi16: number, lo32: number, vlan: number): void {
    const at = this.find(hi16, lo32, vlan);
    if (at !== NO_STATION) this.clear(at);
  }

  heardTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined {
    return this.ticksOf(HEARD, hi16, lo32, vlan, nowTicks);
  }

  usedTicks(hi16: number, lo32: number, vlan: number, nowTicks: number): number | undefined {
    return this.ticksOf(USED, hi16, lo32, vlan, nowTicks);
  }

  private ticksOf(
    field: number,
    hi16: number,
    lo32: number,
    vlan: number,
    nowTicks: number,
  ): number | undefined {
    const at = this.find(hi16, lo32, vlan);
    if (at === NO_STATION) return undefined;
    // The program may have written the time after the clock was read.
    const agoUnits = Math.max(0, (this.nowUnits() - Atomics.load(this.words, at + field)) | 0);
    return (nowTicks - Math.round(agoUnits * TICKS_PER_UNIT)) | 0;
  }

  private find(hi16: number, lo32: number, vlan: number): number {
    const { words } = this;
    let at = this.bucketOf(hi16, lo32, vlan);
    for (let index = 0; index < BUCKET_STATIONS; index++) {
      const keyed = i32At(words, at + HI16_PORT);
      const isHere = keyed >>> 16 !== 0 && this.vlans[(keyed >>> 16) - 1] === vlan;
      if (isHere && (keyed & 0xffff) === hi16 && words[at + LO32] === lo32) return at;
      at += STATION_WORDS;
    }
    return NO_STATION;
  }

  private findFree(hi16: number, lo32: number, vlan: number): number {
    let at = this.bucketOf(hi16, lo32, vlan);
    for (let index = 0; index < BUCKET_STATIONS; index++) {
      if (this.words[at + HI16_PORT] === 0) return at;
      at += STATION_WORDS;
    }
    return NO_STATION;
  }

  private bucketOf(hi16: number, lo32: number, vlan: number): number {
    return FIRST_STATION + ((hashOf(hi16, lo32, this.seed) ^ vlan) & BUCKET_MASK) * BUCKET_WORDS;
  }

  private clearWhere(isMeant: (port: number) => boolean): void {
    const end = FIRST_STATION + BUCKETS * BUCKET_WORDS;
    for (let at = FIRST_STATION; at < end; at += STATION_WORDS) {
      const keyed = i32At(this.words, at + HI16_PORT);
      if (keyed !== 0 && isMeant((keyed >>> 16) - 1)) this.clear(at);
    }
  }

  private clear(at: number): void {
    Atomics.store(this.words, at + HI16_PORT, 0);
  }

  private nowUnits(): number {
    return Math.floor((f64At(this.clock, 0) / MS_PER_UNIT) % TWO_POW_32) | 0;
  }

  // Counters ------------------------------------------------------------------------------------

  /** Adds the frames that the kernel has redirected since the last call to the bridge's counters of a port. */
  collect(port: number, counters: Counters): void {
    if (port >= FAST_PORTS) return;
    for (let index = 0; index < COUNTERS.length; index++) {
      const [offset, counter] = COUNTERS[index] as (typeof COUNTERS)[number];
      const total = this.total(port, offset);
      const slot = port * COUNTERS.length + index;
      const before = f64At(this.collected, slot);
      if (total !== before) counters.add(port, counter, total - before);
      this.collected[slot] = total;
    }
  }

  private total(port: number, offset: number): number {
    let sum = 0;
    for (let processor = 0; processor < this.processors; processor++) {
      const at = Part.COUNTERS + (processor * FAST_PORTS + port) * COUNT_BYTES + offset;
      sum += this.u64(at / WORD_BYTES);
    }
    return sum;
  }

  /** Reads a counter that the program may be increasing now. */
  private u64(word: number): number {
    const { words } = this;
    for (;;) {
      const high = Atomics.load(words, word + 1) >>> 0;
      const low = Atomics.load(words, word) >>> 0;
      if (Atomics.load(words, word + 1) >>> 0 === high) return high * TWO_POW_32 + low;
    }
  }

  private write(port: number, field: number, value: number): void {
    Atomics.store(this.words, wordOf(port, field), value);
  }
}
