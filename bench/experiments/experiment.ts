/**
 * An experiment: one procedure that gives one or several readings of one device under test.
 */

import type { Dut } from '../duts/dut';
import type { Instance } from '../instance';
import type { Shape } from '../lab';

/** Metric id → reading, in the units of metrics.ts. */
export type Readings = Record<string, number>;

/** How long things last: short in a quick run. */
export interface Pace {
  frameTrialMs: number;
  streamSeconds: number;
  pings: number;
  idleMs: number;
  /** Take only the readings that the targets need, and not those in between. */
  isQuick: boolean;
}

export interface Subject {
  dut: Dut;
  pace: Pace;
  /** An instance of the experiment's shape, shared with the experiments before and after. */
  shared: () => Promise<Instance>;
  /** What `open` makes the first time stays for the other turns of the same repeat. */
  kept: <T extends Closable>(open: () => Promise<T>) => Promise<T>;
}

export interface Closable {
  stop(): void | Promise<void>;
}

/** How often an experiment is repeated, where that is not left to the command line. */
export interface RepeatLimits {
  /** At least so often in a full run: it tells how seldom something happens. */
  least?: number;
  /** At least so often in a quick run. */
  leastQuick?: number;
  /** At most so often: it takes long, and what it counts hardly varies. */
  most?: number;
}

/** Short turns, many in a repeat. */
export interface ShortTurns {
  count: number;
  /** Makes one reading of those of all turns. */
  combine(readings: readonly number[]): number;
}

export interface Experiment {
  /** As in --only. */
  id: string;
  /** Who takes part in a quick run: all, ours (the target is about ours alone), or nobody. */
  quickRun: 'all' | 'ours' | 'none';
  /** The largest shape that it needs; a device that cannot have it is left out. */
  shape: Shape;
  /** It takes long, and is in a run only if it is named. */
  isOptional?: boolean;
  repeats?: RepeatLimits;
  /** One turn in a repeat where this is not given. */
  turns?: ShortTurns;
  /** It runs in a process of its own, without ports: it needs no root. */
  needsNoDevices?: boolean;
  /** It is about options that only ours has. */
  isAboutOurs?: boolean;
  /** It looks at the switch's own process. */
  needsProcess?: boolean;
  /** Names of devices that are left out for the sake of time. */
  skips?: readonly string[];
  /** It is about learning. */
  needsLearning?: boolean;
  /** Offloads have no part in it, so that variants without them would say the same again. */
  skipsVariants?: boolean;
  run(subject: Subject): Promise<Readings>;
}

export const PAIR: Shape = { ports: 2, mtu: 1500 };
export const QUAD: Shape = { ports: 4, mtu: 1500 };
