/**
 * How many bursts of each size there were: a switch that is asleep most of the time sees ones, one
 * that cannot keep up sees full ones. Classes are powers of two; the memory is shared, one thread
 * writes.
 */

import { f64At } from '../wire/read';

/** Up to 2^15 frames in one burst, which is more than any burst has room for. */
const CLASSES = 16;
const SIZE_BYTES = CLASSES * Float64Array.BYTES_PER_ELEMENT;

export interface BurstClass {
  /** Frames, both ends included. */
  readonly from: number;
  readonly to: number;
  readonly bursts: number;
}

export class BurstSizes {
  private readonly counts: Float64Array;

  /** @param memory of another `BurstSizes`, to read it from another thread */
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(SIZE_BYTES)) {
    this.counts = new Float64Array(memory);
  }

  /** Counts a burst. @param frames 1 or more */
  note(frames: number): void {
    const index = 31 - Math.clz32(frames);
    this.counts[index] = f64At(this.counts, index) + 1;
  }

  /** The classes up to the greatest that ever came. */
  read(): BurstClass[] {
    const last = this.counts.findLastIndex((count) => count > 0);
    return [...this.counts.subarray(0, last + 1)].map((bursts, index) => ({
      from: 2 ** index,
      to: 2 ** (index + 1) - 1,
      bursts,
    }));
  }
}
