/** Options of a bridge, which hold for its life. `settings.ts` has those that can change. */

import type { BurstSize } from '../frame/burst';
import type { MacWords } from '../wire/mac';
import type { RoomOptions } from './rooms';

export interface BridgeOptions extends RoomOptions {
  /** The switch's own MAC. */
  readonly mac?: MacWords;
  /** 0: a hub, nothing is learned. */
  readonly ageingMs?: number;
  /** Learned entries at most. */
  readonly fdbMax?: number;
  /** Learned entries on one port at most. */
  readonly fdbMaxPerPort?: number;
  /** What happens to a new station where the FDB is full: it takes another's place, or is not learned. */
  readonly fdbEviction?: 'fair' | 'none';
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
