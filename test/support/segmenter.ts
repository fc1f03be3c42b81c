/**
 * Runs `segmentTo` on one frame. Its outbox records the frames that leave. Its burst is so small that
 * the segments must be transmitted in several parts.
 */

import { Burst, HEADROOM_BYTES } from '../../src/frame/burst';
import { VNET_HEADER_BYTES } from '../../src/wire/virtio';
import type { Outbox } from '../../src/frame/outbox';
import { classify } from '../../src/frame/classify';
import { segmentBytes, segmentTo } from '../../src/frame/segment';
import { toHex } from './room-harness';
import type { Bytes } from './super-frame';

export const PORT = 3;
const NOBODY = { hi16: 0, lo32: 0 };
const VNET_HEX_DIGITS = 2 * VNET_HEADER_BYTES;

export interface Outcome {
  readonly accepted: boolean;
  /** Frames that left, in order: as hex, each with its vnet header and its port. */
  readonly frames: string[];
  readonly vnets: string[];
  readonly ports: number[];
  /** Result of `segmentBytes`, called before. */
  readonly segmentBytes: number;
  /** Whether the frame and its vnet header are unchanged. */
  readonly isOriginalKept: boolean;
}

/** @param fill what the arena holds where nothing was written: an unwritten byte shows, and so does
 *   a read beyond the frame when the outcome depends on it */
export function segment(input: Bytes, fill = 0xa5): Outcome {
  const burst = new Burst({ receiveFrames: 1, receiveBytes: 1, madeFrames: 3 });
  burst.u8.fill(fill);
  const at = HEADROOM_BYTES;
  burst.u8.set(input.vnet, at - VNET_HEADER_BYTES);
  burst.u8.set(input.frame, at);
  burst.offset[0] = at;
  burst.length[0] = input.frame.length;
  burst.ingress[0] = 1;
  burst.begin(1);
  classify(burst, NOBODY, 0, 1);

  const before = Buffer.from(withVnet(burst, 0));
  const outbox = new RecordingOutbox(burst);
  const bytes = segmentBytes(burst, 0);
  const accepted = segmentTo(0, PORT, outbox);
  outbox.transmit();
  return {
    accepted,
    frames: outbox.frames,
    vnets: outbox.vnets,
    ports: outbox.ports,
    segmentBytes: bytes,
    isOriginalKept: before.equals(withVnet(burst, 0)),
  };
}

class RecordingOutbox implements Outbox {
  readonly reporter = undefined;
  readonly frames: string[] = [];
  readonly vnets: string[] = [];
  readonly ports: number[] = [];

  constructor(readonly burst: Burst) {}

  make(lengthBytes: number): number {
    let frame = this.burst.make(lengthBytes);
    if (frame < 0) {
      this.transmit();
      frame = this.burst.make(lengthBytes);
    }
    return frame;
  }

  toPort(frame: number, port: number): void {
    this.burst.send(frame, port);
  }

  toLink(): void {
    throw new Error('a segment leaves by a port');
  }

  toAll(): void {
    throw new Error('a segment leaves by one port');
  }

  /** The bytes leave here, not when they are queued: what is changed later shows. */
  transmit(): void {
    for (let entry = 0; entry < this.burst.txCount; entry++) {
      const frame = this.burst.txFrame[entry] as number;
      const bytes = toHex(withVnet(this.burst, frame));
      this.vnets.push(bytes.slice(0, VNET_HEX_DIGITS));
      this.frames.push(bytes.slice(VNET_HEX_DIGITS));
      this.ports.push(this.burst.txPort[entry] as number);
    }
    this.burst.txCount = 0;
    this.burst.releaseMade();
  }
}

/** A view of the frame with its vnet header in front. */
function withVnet(burst: Burst, frame: number): Uint8Array {
  const at = burst.offset[frame] as number;
  return burst.u8.subarray(at - VNET_HEADER_BYTES, at + (burst.length[frame] as number));
}
