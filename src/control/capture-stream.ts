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
/** Frames that are written at once, before anybody else is served. */
const FRAMES_AT_ONCE = 256;

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

  constructor(private readonly options: CaptureStreamOptions) {
    super();
    this.reader = new RingReader(options.ring);
    this.remaining = options.count ?? Number.POSITIVE_INFINITY;
    this.push(sectionHeader(options.application));
  }

  /** There is something in the ring. */
  wake(): void {
    if (this.isWanted) this.hand();
  }

  override _read(): void {
    this.isWanted = true;
    this.hand();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.isWanted = false;
    this.options.stop();
    done(error);
  }

  private hand(): void {
    this.reader.listen();
    for (let count = 0; this.isWanted && count < FRAMES_AT_ONCE; count++) {
      const frame = this.reader.read();
      if (frame === undefined) return;
      this.isWanted = this.push(this.blocksOf(frame));
      this.remaining--;
      if (this.remaining === 0) return this.finish();
    }
    if (this.isWanted) setImmediate(() => this.wake());
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
