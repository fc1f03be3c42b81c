/**
 * A capture for one reader, as pcapng. The reader sets the pace: what does not fit into the ring
 * meanwhile is lost and counted, in the file and never at the cost of a frame.
 */

import { Readable } from 'node:stream';
import type { InterfaceCounts } from './capture-writer';
import { interfaceStatistics, sectionHeader } from '../wire/pcapng';
import { RingReader } from './ring';
import { ProcessorWait } from './processor-wait';

const NS_PER_MS = 1_000_000n;
/** What is handed over before anybody else is served. */
const PIECE_BYTES = 512 * 1024;
/**
 * For so long a reader rests who has read nearly everything: to be told of each burst, or to fetch
 * each, would cost more than the frames do.
 */
const REST_MS = 50;
/**
 * Between two pieces of which the second is there already. Where the frames' thread waits for a
 * processor, the longer it waits: a reader of everything would take from the frames what it reads
 * them with. So much longer if it waited all the time; and at most, which leaves 20 MB/s.
 */
const PAUSE_MS = 1;
const PAUSE_PER_WAIT_MS = 250;
const PAUSE_MAX_MS = 25;

export interface CaptureStreamOptions {
  readonly ring: SharedArrayBuffer;
  readonly application: string;
  /** The frames' thread. */
  readonly threadId: number | undefined;
  /** Is called once, when nobody reads any more. */
  readonly stop: () => void;
}

/** The time since 1970 at which the clock of the bursts stood at zero. */
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

  /** There is something in the ring. */
  wake(): void {
    if (this.isWanted && !this.goesOn) this.hand();
  }

  /** Nothing more comes into the ring. */
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
      // What came before the data plane knew of that.
      piece = this.reader.take(PIECE_BYTES);
    }
    if (piece.length > 0) {
      this.isWanted = this.push(piece);
      this.goOn();
    } else if (this.counts !== undefined) {
      this.finish(this.counts);
    }
  }

  /** Hands over the next piece when others have had the processor, or when it is worth it. */
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
