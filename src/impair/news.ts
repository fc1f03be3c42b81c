/** News of impairments for the operator. */

import type { Direction } from './settings';

export type ImpairmentNews =
  /** Frames are dropped, because too many are held. */
  | {
      readonly event: 'impairment-full';
      readonly port: number;
      readonly direction: Direction;
      readonly words: string;
    }
  /** The time of an impairment is over. */
  | {
      readonly event: 'impairment-ended';
      readonly port: number;
      readonly direction: Direction;
      readonly words: string;
    };
