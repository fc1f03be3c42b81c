/** The leg of a port in the fast path: facts about its interface. */

import type { MacWords } from '../../wire/mac';

/** The memory that all legs of one switch share. */
export interface FastMemory {
  readonly fd: number;
  readonly bytes: number;
  /** Number of processors that have counters in it. */
  readonly processors: number;
  /** Seed of its hash. */
  readonly seed: number;
}

/** An interface whose frames a program of the kernel may redirect. */
export interface FastLeg {
  readonly memory: FastMemory;
  /** Index of the interface in its namespace. */
  readonly index: number;
  /** Number of the namespace, the same for two interfaces in one. */
  readonly domain: number;
  /**
   * Address of the far end of a veth pair, if that is in another namespace. A frame to it enters the other
   * namespace at once, without a queue in between.
   */
  readonly farEnd?: MacWords;
}
