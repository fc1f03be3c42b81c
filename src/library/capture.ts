/** A capture, for programs: its frames one by one, or the bytes of a pcapng file. */

import type { Readable } from 'node:stream';
import type { CaptureStream } from '../capture/capture-stream';
import { type CapturedFrame, CapturedFrames } from '../capture/captured-frames';
import { RequestError } from '../system/request-error';
import { asyncDispose } from '../system/async-dispose';

export interface CaptureOptions {
  /** Labels of the ports; all of them without it. */
  readonly ports?: string | readonly string[] | undefined;
  /** `in`: frames that the switch receives; `out`: frames that it sends; `both` by default. */
  readonly direction?: 'in' | 'out' | 'both' | undefined;
  /** Words of tcpdump: `udp port 53`. */
  readonly filter?: string | undefined;
  /** Number of frames after which the capture ends. */
  readonly count?: number | undefined;
  /** Bytes of a frame that are kept at most, 14 to 262144. */
  readonly snaplen?: number | undefined;
}

/**
 * A running capture. It is read once, by iteration or as pcapng. It ends after `count` frames, with the switch, and
 * when its reader leaves. A reader that is too slow loses frames; the switch waits for none.
 */
export class Capture implements AsyncIterable<CapturedFrame>, AsyncDisposable {
  private isTaken = false;

  /** @internal */
  constructor(private readonly stream: CaptureStream) {}

  /**
   * Frames as they pass. Leaving the loop ends the capture.
   * @throws RequestError `ERR_CONFLICT` where the capture is read already
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<CapturedFrame> {
    return this.frames(this.take());
  }

  /**
   * The bytes of a pcapng file, for Wireshark. Destroying the stream ends the capture.
   * @throws RequestError `ERR_CONFLICT` where the capture is read already
   */
  pcapng(): Readable {
    return this.take();
  }

  /** Ends the capture. Further calls have no effect. */
  stop(): void {
    this.stream.destroy();
  }

  /** Ends the capture at the end of `await using`. */
  [asyncDispose](): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  private take(): CaptureStream {
    if (this.isTaken) {
      throw new RequestError('conflict', 'the capture is read already; start another one');
    }
    this.isTaken = true;
    return this.stream;
  }

  private async *frames(stream: CaptureStream): AsyncGenerator<CapturedFrame, void, void> {
    const frames = new CapturedFrames();
    try {
      for await (const bytes of stream) yield* frames.add(bytes as Buffer);
    } catch (error) {
      // Stopped by the program: that is an end.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    } finally {
      stream.destroy();
    }
  }
}
