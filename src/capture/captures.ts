/**
 * The captures on the data-plane thread. They stand between the bridge and the frame I/O while there
 * is a capture, and cost nothing otherwise.
 */

import { type CaptureSetup, CaptureWriter, type InterfaceCounts } from './capture-writer';
import { Direction } from '../wire/pcapng';
import type { Burst } from '../frame/burst';
import type { Transmitter } from '../frame/transmitter';
import { i32At } from '../wire/read';

/**
 * Longest wait for the next burst, milliseconds, after frames were sent. Sent frames reach the capture
 * when `exchange` returns, and it returns with the next burst.
 */
const HELD_MAX_MS = 20;

export interface CaptureNews {
  /** There are new blocks in the capture ring of a reader that had read everything. */
  readonly ready: (id: number) => void;
  /** The capture is complete: no more blocks come into its capture ring. */
  readonly complete: (id: number, counts: InterfaceCounts[]) => void;
}

/** The frame I/O that the captures stand in front of. */
interface Io extends Transmitter {
  /** See `NativeBurstIo.exchange`. */
  exchange(waitMs: number): number;
}

export class Captures implements Transmitter {
  private writers: readonly CaptureWriter[] = [];

  /** @param nameOf name of a port, by id */
  constructor(
    private readonly burst: Burst,
    private readonly io: Io,
    private readonly nameOf: (port: number) => string,
    private readonly news: CaptureNews,
  ) {}

  get isEmpty(): boolean {
    return this.writers.length === 0;
  }

  /** Whether some capture wants frames of the port, those that it sends or those that it is sent. */
  wants(port: number): boolean {
    return this.writers.some((capture) => capture.wantsPort(port));
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

  /** Captures the frames that `exchange` has received: from `first` up to, not including, `count`. */
  received(first: number, count: number): void {
    const { ingress } = this.burst;
    for (const capture of this.writers) {
      if (!capture.wantsIn) continue;
      for (let frame = first; frame < count; frame++) {
        capture.show(frame, i32At(ingress, frame), Direction.In);
      }
      capture.keep();
    }
  }

  /** Sends the answer and captures the frames that the ports took. */
  transmit(): number {
    this.showAnswer();
    const failed = this.io.transmit();
    this.settle(failed);
    // The slots of the switch's own frames are free again.
    this.renew(this.burst.receivedCount);
    return failed;
  }

  /** Sends like `transmit`, then receives. The sent frames are gone from the burst afterwards. */
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

  /** Captures the answer as if the ports took all of it. Readers see it after `settle` only. */
  private showAnswer(): void {
    for (const capture of this.writers) {
      if (capture.wantsOut) this.showSent(capture, false);
    }
  }

  /** @param failed number of pairs that failed; if there are any, the burst still holds the answer */
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
      const frame = i32At(txFrame, entry);
      capture.show(frame, i32At(txPort, entry), Direction.Out, txTag[entry]);
    }
  }

  private handOver(capture: CaptureWriter): void {
    if (!capture.commit()) return;
    if (capture.isComplete) this.news.complete(capture.id, capture.counts());
    else if (capture.shouldTell()) this.news.ready(capture.id);
  }
}
