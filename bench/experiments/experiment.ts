/**
 * An experiment: one procedure that gives one or several readings of one device under test.
 */

import type { Dut } from '../duts/dut';
import type { Instance } from '../instance';
import type { Shape } from '../lab';

/** Readings by metric id, in the units of metrics.ts. */
export type Readings = Record<string, number>;

/** Durations and counts of trials: small in a quick run. */
export interface Pace {
  frameTrialMs: number;
  streamSeconds: number;
  pings: number;
  idleMs: number;
  /** Whether to take only the readings that the targets need. */
  isQuick: boolean;
}

export interface Subject {
  dut: Dut;
  pace: Pace;
  /** An instance of the experiment's shape, shared with the experiments before and after. */
  shared: () => Promise<Instance>;
  /** The result of the first `open`, which stays for the other turns of the same repeat. */
  kept: <T extends Closable>(open: () => Promise<T>) => Promise<T>;
}

export interface Closable {
  stop(): void | Promise<void>;
}

/** Limits on the repeats of an experiment; the command line chooses within them. */
export interface RepeatLimits {
  /** Fewest repeats in a full run, for rare events. */
  least?: number;
  /** Fewest repeats in a quick run. */
  leastQuick?: number;
  /** Most repeats of a long experiment with steady readings. */
  most?: number;
}

/** Short turns: a repeat has many of them. */
export interface ShortTurns {
  count: number;
  /** Combines the readings of all turns into one. */
  combine(readings: readonly number[]): number;
}

export interface Experiment {
  /** Name for --only. */
  id: string;
  /** Devices of a quick run: all, only ours (where the target is about it alone), or none. */
  quickRun: 'all' | 'ours' | 'none';
  /** Largest shape that it needs; a device that does not support the shape is left out. */
  shape: Shape;
  /** Whether it runs only if it is named, because it takes long. */
  isOptional?: boolean;
  repeats?: RepeatLimits;
  /** Turns of a repeat; one unless given. */
  turns?: ShortTurns;
  /** Whether it runs in a process of its own, without ports and without root. */
  needsNoDevices?: boolean;
  /** Whether it uses options that only tapswitch has. */
  isAboutOurs?: boolean;
  /** Whether it reads figures of the switch's process. */
  needsProcess?: boolean;
  /** Names of devices that are left out to save time. */
  skips?: readonly string[];
  /** Whether the device must learn addresses. */
  needsLearning?: boolean;
  /** Whether to leave out variants without offloads, because offloads do not matter here. */
  skipsVariants?: boolean;
  run(subject: Subject): Promise<Readings>;
}

export const PAIR: Shape = { ports: 2, mtu: 1500 };
export const QUAD: Shape = { ports: 4, mtu: 1500 };
