/** The memory of a fast path, read and written as the program in the kernel does. */

import type { Bridge } from '../../src/l2/bridge';
import { FastPath } from '../../src/l2/fast/fast-path';
import {
  BUCKETS,
  BUCKET_STATIONS,
  CLOCK_SHIFT,
  COUNT_BYTES,
  FAST_PORTS,
  PORT_RECORD_BYTES,
  Part,
  PortField,
  PortFlag,
  STATION_BYTES,
  StationField,
  memoryBytes,
} from '../../src/l2/fast/layout';
import type { FastLeg } from '../../src/l2/fast/leg';
import { type MacWords, formatMac } from '../../src/wire/mac';

export const PROCESSORS = 2;
export const SEED = 0x5eed;

export const LEG: FastLeg = {
  memory: { fd: -1, bytes: memoryBytes(PROCESSORS), processors: PROCESSORS, seed: SEED },
  index: 7,
  domain: 1,
};

export function stationName(mac: string, vlan: number): string {
  return vlan === 0 ? mac : `${mac} vlan ${vlan}`;
}

export class FastMemory {
  readonly memory = new ArrayBuffer(memoryBytes(PROCESSORS));
  private readonly words = new Uint32Array(this.memory);
  private readonly longs = new BigUint64Array(this.memory);

  fastPath(clock: Float64Array): FastPath {
    return new FastPath({ memory: this.memory, processors: PROCESSORS, seed: SEED, clock });
  }

  /** Has a bridge use it. */
  static of(bridge: Bridge): FastMemory {
    const memory = new FastMemory();
    bridge.useFastPath(memory.fastPath(bridge.burst.clock));
    return memory;
  }

  /** Every station that is in it, with its port. In a VLAN its name is `MAC vlan VID`. */
  stations(): Map<string, number> {
    const found = new Map<string, number>();
    for (let slot = 0; slot < BUCKETS * BUCKET_STATIONS; slot++) {
      const at = (Part.STATIONS + slot * STATION_BYTES) / 4;
      const keyed = this.words[at + StationField.HI16_PORT / 4] as number;
      if (keyed >>> 16 === 0) continue;
      const lo32 = (this.words[at + StationField.LO32 / 4] as number) | 0;
      const port = (keyed >>> 16) - 1;
      found.set(
        stationName(formatMac(keyed & 0xffff, lo32), this.port(port, PortField.VLAN)),
        port,
      );
    }
    return found;
  }

  /** Notes that a frame was redirected from a station to another. @param atMs monotonic */
  pass(from: MacWords, to: MacWords, atMs: number): void {
    const units = Number((BigInt(Math.round(atMs * 1e6)) >> BigInt(CLOCK_SHIFT)) & 0xffffffffn);
    this.words[this.stationAt(from) + StationField.HEARD / 4] = units;
    this.words[this.stationAt(to) + StationField.USED / 4] = units;
  }

  /** Counts what a processor has redirected. @param values frames and bytes received, and sent */
  count(processor: number, port: number, values: readonly bigint[]): void {
    const at = (Part.COUNTERS + (processor * FAST_PORTS + port) * COUNT_BYTES) / 8;
    values.forEach((value, index) => {
      this.longs[at + index] = (this.longs[at + index] as bigint) + value;
    });
  }

  isOpen(port: number): boolean {
    return (this.port(port, PortField.FLAGS) & PortFlag.OPEN) !== 0;
  }

  /** @param field of `PortField` */
  port(port: number, field: number): number {
    return this.words[(Part.PORTS + port * PORT_RECORD_BYTES + field) / 4] as number;
  }

  private stationAt({ hi16, lo32 }: MacWords): number {
    for (let slot = 0; slot < BUCKETS * BUCKET_STATIONS; slot++) {
      const at = (Part.STATIONS + slot * STATION_BYTES) / 4;
      const keyed = this.words[at + StationField.HI16_PORT / 4] as number;
      if (keyed >>> 16 === 0 || (keyed & 0xffff) !== hi16) continue;
      if ((this.words[at] as number) === lo32 >>> 0) return at;
    }
    throw new Error(`${formatMac(hi16, lo32)} is not there`);
  }
}
