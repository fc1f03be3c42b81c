/**
 * A cutter: takes the segments of a super-frame one by one, or the one frame whose checksum was completed. It
 * is the outbox to which `segmentTo` sends.
 */

import type { Burst } from '../frame/burst';
import type { SegmentOutbox } from '../frame/segment';
import type { Impairment } from './impairment';

export class Cutter implements SegmentOutbox {
  /** Whether the next frame must be cut. */
  isCutting = false;
  private impairment: Impairment | undefined;
  private segment = 0;

  /** @param take gets each segment with its number */
  constructor(
    readonly burst: Burst,
    readonly make: SegmentOutbox['make'],
    private readonly take: (made: number, segment: number, impairment: Impairment) => void,
  ) {}

  /** Begins with a frame of an impairment. */
  begin(impairment: Impairment): void {
    this.impairment = impairment;
    this.segment = 0;
  }

  toPort(made: number): void {
    if (this.impairment === undefined) return;
    this.take(made, this.segment++, this.impairment);
  }
}
