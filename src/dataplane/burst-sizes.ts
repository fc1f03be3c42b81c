/**
 * Number of bursts by size. An idle switch sees bursts of one frame, an overloaded one sees full bursts.
 * The sizes are classed by powers of two. The memory is shared between threads, and one of them writes.
 */

import { f64At } from '../wire/read';

/** Number of classes: up to 2^16 - 1 frames in one burst, which is more than a burst has room for. */
const CLASSES = 16;
const SIZE_BYTES = CLASSES * Float64Array.BYTES_PER_ELEMENT;

export interface BurstClass {
  /** Least number of frames of the class. */
  readonly from: number;
  /** Greatest number of frames of the class. */
  readonly to: number;
  readonly bursts: number;
}

export class BurstSizes {
  private readonly counts: Float64Array;

  /** @param memory memory of another `BurstSizes`, to read its counts in another thread */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(SIZE_BYTES)) {
    this.counts = new Float64Array(memory);
  }

  /** Counts a burst. @param frames 1 or more */
  note(frames: number): void {
    const index = 31 - Math.clz32(frames);
    this.counts[index] = f64At(this.counts, index) + 1;
  }

  /** Classes, up to the last one with a count. */
  read(): BurstClass[] {
    const last = this.counts.findLastIndex((count) => count > 0);
    return [...this.counts.subarray(0, last + 1)].map((bursts, index) => ({
      from: 2 ** index,
      to: 2 ** (index + 1) - 1,
      bursts,
    }));
  }
}
