/**
 * A capture for one reader, as pcapng. The reader sets the pace. Packets that do not fit into the
 * capture ring are lost and counted in the file; the switch forwards their frames all the same.
 */

import { Readable } from 'node:stream';
import type { InterfaceCounts } from './capture-writer';
import { interfaceStatistics, sectionHeader } from '../wire/pcapng';
import { RingReader } from '../frame/ring';
import { ProcessorWait } from './processor-wait';

const NS_PER_MS = 1_000_000n;
/** Bytes that are handed over in one turn of the event loop, before it serves other clients. */
const PIECE_BYTES = 512 * 1024;
/**
 * Pause of a reader that has read nearly everything. Waking it for each burst, or fetching each
 * burst, would cost more than the frames do.
 */
const REST_MS = 50;
/**
 * Pause between two pieces when the second is there already. It grows with the share of the time for
 * which the data-plane thread waits for a processor, because a reader of everything takes the time
 * that the frames need: 1 ms for a share of 0, 250 ms more for a share of 1, and at most 25 ms. The
 * maximum leaves the reader 20 MB/s.
 */
const PAUSE_MS = 1;
const PAUSE_PER_WAIT_MS = 250;
const PAUSE_MAX_MS = 25;

export interface CaptureStreamOptions {
  readonly ring: SharedArrayBuffer;
  readonly application: string;
  /** Id of the data-plane thread. */
  readonly threadId: number | undefined;
  /** Function that ends the capture. The stream calls it once, when its reader has gone. */
  readonly stop: () => void;
}

/** Time since 1970 at which the bursts' clock was zero, nanoseconds. */
export function epochNs(): bigint {
  return BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
}

export class CaptureStream extends Readable {
  private readonly reader: RingReader;
  private isWanted = false;
  private goesOn = false;
  private readonly processorWait: ProcessorWait;
  private counts: readonly InterfaceCounts[] | undefined;

  constructor(private readonly options: CaptureStreamOptions) {
    super({ highWaterMark: PIECE_BYTES });
    this.reader = new RingReader(options.ring);
    this.processorWait = new ProcessorWait(options.threadId);
    this.push(sectionHeader(options.application));
  }

  /** Call this when there are new blocks in the capture ring. */
  wake(): void {
    if (this.isWanted && !this.goesOn) this.hand();
  }

  /** Call this when no more blocks come into the capture ring. */
  complete(counts: readonly InterfaceCounts[]): void {
    this.counts = counts;
    this.wake();
  }

  override _read(): void {
    this.isWanted = true;
    this.wake();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.isWanted = false;
    this.options.stop();
    done(error);
  }

  private hand(): void {
    let piece = this.reader.take(PIECE_BYTES);
    if (piece.length === 0) {
      this.reader.listen();
      // Packets that came before the data plane saw `listen`.
      piece = this.reader.take(PIECE_BYTES);
    }
    if (piece.length > 0) {
      this.isWanted = this.push(piece);
      this.goOn();
    } else if (this.counts !== undefined) {
      this.finish(this.counts);
    }
  }

  /** Schedules the next piece: behind a pause for others, or when enough packets have gathered. */
  private goOn(): void {
    const hasPiece = this.reader.waitingBytes >= PIECE_BYTES;
    const pauseMs = PAUSE_MS + PAUSE_PER_WAIT_MS * this.processorWait.share();
    this.goesOn = true;
    setTimeout(
      () => {
        this.goesOn = false;
        this.wake();
      },
      hasPiece ? Math.min(pauseMs, PAUSE_MAX_MS) : REST_MS,
    );
  }

  private finish(counts: readonly InterfaceCounts[]): void {
    this.isWanted = false;
    const nowNs = BigInt(Date.now()) * NS_PER_MS;
    for (const { id, received, lost } of counts) {
      this.push(interfaceStatistics(id, nowNs, received, lost));
    }
    this.push(null);
  }
}
