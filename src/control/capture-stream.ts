/**
 * A capture for one reader, as pcapng. The reader sets the pace: what does not fit into the ring
 * meanwhile is lost and counted, in the file and never at the cost of a frame.
 */

import { Readable } from 'node:stream';
import {
  enhancedPacket,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
} from '../capture/pcapng';
import { type CapturedFrame, RingReader } from '../capture/ring';

const NS_PER_MS = 1_000_000n;
/** What is written in one piece, before anybody else is served. */
const FRAMES_AT_ONCE = 256;
const BYTES_AT_ONCE = 128 * 1024;
/**
 * For so long a reader waits who has read everything: to be told of each burst would cost the data
 * plane more than the frames do.
 */
const REST_MS = 5;

interface Interface {
  readonly id: number;
  receivedCount: number;
  lostCount: number;
}

export interface CaptureStreamOptions {
  readonly ring: SharedArrayBuffer;
  readonly application: string;
  readonly snapBytes: number;
  /** After so many frames the capture ends by itself. */
  readonly count?: number | undefined;
  /** Name of a port. */
  readonly nameOf: (port: number) => string;
  /** Is called once, when nobody reads any more. */
  readonly stop: () => void;
}

export class CaptureStream extends Readable {
  private readonly reader: RingReader;
  /** By port. */
  private readonly interfaces = new Map<number, Interface>();
  /** From the data plane's clock to the time of day. */
  private readonly bootedNs = BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
  private remaining: number;
  private isWanted = false;
  private goesOn = false;

  constructor(private readonly options: CaptureStreamOptions) {
    super();
    this.reader = new RingReader(options.ring);
    this.remaining = options.count ?? Number.POSITIVE_INFINITY;
    this.push(sectionHeader(options.application));
  }

  /** There is something in the ring. */
  wake(): void {
    if (this.isWanted && !this.goesOn) this.hand();
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
    let blocks = this.nextBlocks();
    if (blocks.length === 0) {
      this.reader.listen();
      // What came before the data plane knew of that.
      blocks = this.nextBlocks();
    }
    if (blocks.length === 0) return;
    this.isWanted = this.push(Buffer.concat(blocks));
    if (this.remaining === 0) this.finish();
    else this.goOn();
  }

  /** Hands over the next piece when everybody else has had his turn, or when there may be one. */
  private goOn(): void {
    const again = (): void => {
      this.goesOn = false;
      this.wake();
    };
    this.goesOn = true;
    if (this.reader.isEmpty) setTimeout(again, REST_MS);
    else setImmediate(again);
  }

  private nextBlocks(): Buffer[] {
    const blocks: Buffer[] = [];
    let sizeBytes = 0;
    while (this.remaining > 0 && blocks.length < FRAMES_AT_ONCE && sizeBytes < BYTES_AT_ONCE) {
      const frame = this.reader.read();
      if (frame === undefined) break;
      const block = this.blocksOf(frame);
      blocks.push(block);
      sizeBytes += block.length;
      this.remaining--;
    }
    return blocks;
  }

  private blocksOf(frame: CapturedFrame): Buffer {
    const { port, direction, atMs, lengthBytes, bytes, lostCount } = frame;
    const known = this.interfaces.get(port);
    const on = known ?? { id: this.interfaces.size, receivedCount: 0, lostCount: 0 };
    on.receivedCount += 1 + lostCount;
    on.lostCount += lostCount;
    const timeNs = this.bootedNs + BigInt(Math.round(atMs * 1e6));
    const interfaceId = on.id;
    const packet = enhancedPacket({
      interfaceId,
      direction,
      timeNs,
      lengthBytes,
      bytes,
      lostCount,
    });
    if (known !== undefined) return packet;
    this.interfaces.set(port, on);
    const { nameOf, snapBytes } = this.options;
    return Buffer.concat([interfaceDescription(nameOf(port), snapBytes), packet]);
  }

  private finish(): void {
    this.isWanted = false;
    const nowNs = this.bootedNs + process.hrtime.bigint();
    for (const { id, receivedCount, lostCount } of this.interfaces.values()) {
      this.push(interfaceStatistics(id, nowNs, receivedCount, lostCount));
    }
    this.push(null);
  }
}
