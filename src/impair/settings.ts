/**
 * What an impairment does to the frames of a port, in the words of tc-netem(8) as numbers. An impairment
 * is of one port and one direction: `in` is what the port gives the switch, `out` what the switch gives the
 * port.
 */

import type { Burst } from '../frame/burst';

export type Direction = 'in' | 'out';

/** Something that happens to some frames. */
export interface Chance {
  /** Part of the frames, 0 to 1. */
  readonly probability: number;
  /** Probability, 0 to 1, that a frame shares the fate of the frame before it. */
  readonly correlation: number;
}

/** Model of the losses: independent ones, a model of two states, or one of four. */
export type LossModel =
  | ({ readonly kind: 'random' } & Chance)
  | {
      /** Gilbert-Elliott. A line is in a good state or a bad one. All are probabilities, 0 to 1. */
      readonly kind: 'gemodel';
      /** From the good state to the bad one. */
      readonly toBad: number;
      /** From the bad state to the good one. */
      readonly toGood: number;
      readonly lossInBad: number;
      readonly lossInGood: number;
    }
  | {
      /**
       * Four states: received in a gap (1), received in a burst (2), lost in a burst (3), lost alone (4).
       * Each is the probability, 0 to 1, of a change from one to another.
       */
      readonly kind: 'state';
      readonly p13: number;
      readonly p31: number;
      readonly p32: number;
      readonly p23: number;
      readonly p14: number;
    };

export const DISTRIBUTIONS = ['uniform', 'normal', 'pareto', 'paretonormal'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

export interface Delay {
  readonly ms: number;
  /** Standard deviation of the delay; with `uniform`, the most that it differs from `ms`. */
  readonly jitterMs: number;
  /** Probability, 0 to 1, that a frame has the delay of the frame before it. */
  readonly correlation: number;
  readonly distribution: Distribution;
}

export interface Effects {
  readonly delay?: Delay;
  readonly loss?: LossModel;
  readonly duplicate?: Chance;
  readonly corrupt?: Chance;
  /** Frames that leave at once, in front of those that are held. */
  readonly reorder?: Chance & {
    /** Only each frame of this number may leave at once. */
    readonly gap: number;
  };
  /** Bits a second. */
  readonly rate?: number;
  /** Frames that are held at most; a super-frame counts as its segments. */
  readonly limit: number;
}

/** Frames held at most by one impairment, unless it says otherwise: the default of tc-netem. */
export const DEFAULT_LIMIT = 1_000;

export interface ImpairmentSettings extends Effects {
  /** Text that no other impairment of the switch has. */
  readonly name: string;
  /** Words that made it, for a trace. */
  readonly words: string;
  /** Id of the port. */
  readonly port: number;
  readonly direction: Direction;
  /** Whether a frame of the burst is one that the impairment takes; without it, each is. */
  readonly accepts?: (burst: Burst, frame: number) => boolean;
  /** The one frame, counted from 1, that is impaired of those that match. */
  readonly nth?: number;
  /** Each frame of this number is impaired of those that match. */
  readonly every?: number;
  /** Milliseconds after which it begins. */
  readonly atMs: number;
  /** Milliseconds after which it ends; `Infinity` for never. */
  readonly forMs: number;
  /** Seed of its fates, 32 bits. */
  readonly seed: number;
}

/** Whether an impairment loses every frame that it may take. */
export function losesAll({ every, loss, nth }: ImpairmentSettings): boolean {
  return (
    every === undefined && nth === undefined && loss?.kind === 'random' && loss.probability === 1
  );
}
