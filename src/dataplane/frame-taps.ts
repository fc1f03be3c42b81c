/**
 * Captures, on the data plane's side: between the bridge and its ports while there is one, and not
 * there at all otherwise. A frame is copied into the ring of each capture that wants it.
 */

import { type Filter, matches } from '../capture/filter';
import { Direction } from '../capture/pcapng';
import { RingWriter } from '../capture/ring';
import type { Burst } from '../l2/burst';
import type { Transmitter } from '../l2/transmitter';

/** What a capture wants. */
export interface CaptureSetup {
  readonly ring: SharedArrayBuffer;
  /** Ids of ports; all of them unless given. */
  readonly ports?: readonly number[];
  readonly directions: readonly Direction[];
  /** Bytes of a frame that are kept at most. */
  readonly snapBytes: number;
  readonly filter: Filter;
}

interface Tap {
  readonly setup: CaptureSetup;
  readonly ports: ReadonlySet<number> | undefined;
  readonly writer: RingWriter;
}

export class FrameTaps implements Transmitter {
  private readonly taps = new Map<number, Tap>();

  /**
   * @param io which the frames go to
   * @param tell is called with the id of a capture whose reader has to be woken
   */
  constructor(
    private readonly burst: Burst,
    private readonly io: Transmitter,
    private readonly tell: (id: number) => void,
  ) {}

  get isEmpty(): boolean {
    return this.taps.size === 0;
  }

  add(id: number, setup: CaptureSetup): void {
    const ports = setup.ports === undefined ? undefined : new Set(setup.ports);
    this.taps.set(id, { setup, ports, writer: new RingWriter(setup.ring) });
  }

  remove(id: number): void {
    this.taps.delete(id);
  }

  /** Shows what `receive` has brought in. */
  received(count: number): void {
    const { ingress } = this.burst;
    for (const [id, tap] of this.taps) {
      let isWritten = false;
      for (let frame = 0; frame < count; frame++) {
        isWritten = this.show(tap, frame, ingress[frame] as number, Direction.In) || isWritten;
      }
      if (isWritten && tap.writer.shouldTell()) this.tell(id);
    }
  }

  /** Sends, and shows what the ports took. */
  transmit(): number {
    const { burst, taps } = this;
    const failed = this.io.transmit();
    const { txFrame, txPort, txStatus, txCount } = burst;
    for (const [id, tap] of taps) {
      let isWritten = false;
      for (let entry = 0; entry < txCount; entry++) {
        if (failed > 0 && txStatus[entry] !== 0) continue;
        const frame = txFrame[entry] as number;
        isWritten = this.show(tap, frame, txPort[entry] as number, Direction.Out) || isWritten;
      }
      if (isWritten && tap.writer.shouldTell()) this.tell(id);
    }
    return failed;
  }

  private show(tap: Tap, frame: number, port: number, direction: Direction): boolean {
    const { setup, ports, writer } = tap;
    if (ports !== undefined && !ports.has(port)) return false;
    if (!setup.directions.includes(direction)) return false;
    const bytes = this.burst.bytes(frame);
    if (!matches(setup.filter, bytes)) return false;
    const kept = bytes.subarray(0, setup.snapBytes);
    return writer.write(port, direction, this.burst.clock[0] as number, kept, bytes.length);
  }
}
