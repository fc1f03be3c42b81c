/**
 * Captures, on the data plane's side: between the bridge and its ports while there is one, and not
 * there at all otherwise.
 */

import { type CaptureSetup, CaptureWriter, type InterfaceCounts } from '../capture/capture-writer';
import { Direction } from '../capture/pcapng';
import type { Burst } from '../l2/burst';
import type { Transmitter } from '../l2/transmitter';

export interface CaptureNews {
  /** There is something in the ring, for a reader who has read everything. */
  readonly ready: (id: number) => void;
  /** Nothing more comes. */
  readonly complete: (id: number, counts: InterfaceCounts[]) => void;
}

export class FrameTaps implements Transmitter {
  private readonly captures = new Map<number, CaptureWriter>();

  /**
   * @param io which the frames go to
   * @param nameOf name of a port
   */
  constructor(
    private readonly burst: Burst,
    private readonly io: Transmitter,
    private readonly nameOf: (port: number) => string,
    private readonly news: CaptureNews,
  ) {}

  get isEmpty(): boolean {
    return this.captures.size === 0;
  }

  add(id: number, setup: CaptureSetup): void {
    this.captures.set(id, new CaptureWriter(setup, this.burst, this.nameOf));
  }

  remove(id: number): void {
    this.captures.delete(id);
  }

  forgetPort(port: number): void {
    for (const capture of this.captures.values()) capture.forget(port);
  }

  /** Shows what `receive` has brought in. */
  received(count: number): void {
    const { ingress } = this.burst;
    for (const [id, capture] of this.captures) {
      if (!capture.wants(Direction.In)) continue;
      let isWritten = false;
      for (let frame = 0; frame < count; frame++) {
        isWritten = capture.show(frame, ingress[frame] as number, Direction.In) || isWritten;
      }
      if (isWritten) this.tell(id, capture);
    }
  }

  /** Sends, and shows what the ports took. */
  transmit(): number {
    const { burst, captures } = this;
    const failed = this.io.transmit();
    const { txFrame, txPort, txStatus, txCount } = burst;
    for (const [id, capture] of captures) {
      if (!capture.wants(Direction.Out)) continue;
      let isWritten = false;
      for (let entry = 0; entry < txCount; entry++) {
        if (failed > 0 && txStatus[entry] !== 0) continue;
        const frame = txFrame[entry] as number;
        isWritten = capture.show(frame, txPort[entry] as number, Direction.Out) || isWritten;
      }
      if (isWritten) this.tell(id, capture);
    }
    return failed;
  }

  private tell(id: number, capture: CaptureWriter): void {
    if (capture.isComplete) this.news.complete(id, capture.counts());
    else if (capture.shouldTell()) this.news.ready(id);
  }
}
