/**
 * Captures, on the data plane's side: between the bridge and its ports while there is one, and not
 * there at all otherwise.
 */

import { type CaptureSetup, CaptureWriter, type InterfaceCounts } from './capture-writer';
import { Direction } from '../wire/pcapng';
import type { Burst } from '../frame/burst';
import type { Transmitter } from '../frame/transmitter';

/** What was sent is shown when that has succeeded, of which the next burst brings the news. */
const HELD_MAX_MS = 20;

export interface CaptureNews {
  /** There is something in the ring, for a reader who has read everything. */
  readonly ready: (id: number) => void;
  /** Nothing more comes. */
  readonly complete: (id: number, counts: InterfaceCounts[]) => void;
}

/** Where the frames go to, and come from. */
interface Io extends Transmitter {
  /** See `NativeBurstIo.exchange`. */
  exchange(waitMs: number): number;
}

export class Captures implements Transmitter {
  private writers: readonly CaptureWriter[] = [];

  /** @param nameOf name of a port */
  constructor(
    private readonly burst: Burst,
    private readonly io: Io,
    private readonly nameOf: (port: number) => string,
    private readonly news: CaptureNews,
  ) {}

  get isEmpty(): boolean {
    return this.writers.length === 0;
  }

  add(id: number, setup: CaptureSetup): void {
    this.writers = [...this.writers, new CaptureWriter(id, setup, this.burst, this.nameOf)];
  }

  remove(id: number): void {
    this.writers = this.writers.filter((capture) => capture.id !== id);
  }

  forgetPort(port: number): void {
    for (const capture of this.writers) capture.forget(port);
  }

  /** Shows what `exchange` has brought in: the frames from `first` up to `count`. */
  received(first: number, count: number): void {
    const { ingress } = this.burst;
    for (const capture of this.writers) {
      if (!capture.wantsIn) continue;
      for (let frame = first; frame < count; frame++) {
        capture.show(frame, ingress[frame] as number, Direction.In);
      }
      capture.keep();
    }
  }

  /** Sends, and shows what the ports took. */
  transmit(): number {
    this.showAnswer();
    const failed = this.io.transmit();
    this.settle(failed);
    // The room of the switch's own frames is free again.
    this.renew(this.burst.receivedCount);
    return failed;
  }

  /** The same, and receives: the frames that were sent are gone then. */
  exchange(waitMs: number): number {
    const isSending = this.burst.txCount > 0;
    if (isSending) this.showAnswer();
    else this.settle(0);
    const result = this.io.exchange(isSending ? Math.min(waitMs, HELD_MAX_MS) : waitMs);
    if (isSending) this.settle(result < 0 ? -result : 0);
    this.renew(0);
    return result;
  }

  private renew(frame: number): void {
    for (const capture of this.writers) capture.renew(frame);
  }

  /** Shows the answer as if the ports took all of it. Nobody sees that before `settle`. */
  private showAnswer(): void {
    for (const capture of this.writers) {
      if (capture.wantsOut) this.showSent(capture, false);
    }
  }

  /** @param failed how many pairs of the answer failed, which is still there then */
  private settle(failed: number): void {
    for (const capture of this.writers) {
      if (failed > 0 && capture.wantsOut) {
        capture.rollBack();
        this.showSent(capture, true);
      }
      this.handOver(capture);
    }
  }

  private showSent(capture: CaptureWriter, isKnown: boolean): void {
    const { txFrame, txPort, txStatus, txTag, txCount } = this.burst;
    for (let entry = 0; entry < txCount; entry++) {
      if (isKnown && txStatus[entry] !== 0) continue;
      const frame = txFrame[entry] as number;
      capture.show(frame, txPort[entry] as number, Direction.Out, txTag[entry]);
    }
  }

  private handOver(capture: CaptureWriter): void {
    if (!capture.commit()) return;
    if (capture.isComplete) this.news.complete(capture.id, capture.counts());
    else if (capture.shouldTell()) this.news.ready(capture.id);
  }
}
