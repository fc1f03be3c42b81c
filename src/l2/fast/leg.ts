/** What the fast path must know of a port's interface, and why a port has none. */

import type { MacWords } from '../../wire/mac';

/** The memory that all legs of one switch share. */
export interface FastMemory {
  readonly fd: number;
  readonly bytes: number;
  /** Processors that have counters in it. */
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
   * Address of the far end of a veth pair, in another namespace: a frame to it is handed over there at once,
   * and not queued in between.
   */
  readonly farEnd?: MacWords;
}
