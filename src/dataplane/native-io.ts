/** Frame I/O of the bridge's ports: the addon moves the frames of a burst. */

import type { Burst } from '../frame/burst';
import { FRAMINGS, KINDS, Signal, TROUBLE_WORDS } from '../native/constants';
import { native, type NativeBurstIo, type NativeRings } from '../native/native';
import type { PortIo } from '../frame/transmitter';
import type { PortTransport, RingTransport } from './messages';
import { i32At } from '../wire/read';

/** Maximum number of troubles that one `receive` reports. The next one reports the rest. */
const TROUBLES_AT_ONCE = 62;

/**
 * Trouble of a port, which is not the result of sending one frame. A port that has ended is no longer read,
 * and stays until it is removed.
 */
export interface PortTrouble {
  readonly port: number;
  /**
   * `EBADFD` or `ENODEV`: the device is gone. 0, `EPIPE` or `ECONNRESET`: the peer of a stream has hung up.
   * `EPROTO`: a stream announced a length of 0 or of more than 69,632 bytes, or a
   * ring has such a block. `ECONNREFUSED`: the peer of a datagram socket
   * does not exist.
   */
  readonly errno: number;
  /** False for a datagram socket that survives: its peer may come back. Any other trouble ends a port. */
  readonly hasEnded: boolean;
}

export class NativeIo implements PortIo {
  private readonly io: NativeBurstIo;
  private readonly signals = new Int32Array(Signal.troubles + TROUBLES_AT_ONCE * TROUBLE_WORDS);

  /**
   * @param wantsIoUring whether to use io_uring if the kernel has it
   * @throws NativeError when the kernel has no descriptor left.
   */
  constructor(
    private readonly burst: Burst,
    doorbellFd: number,
    wantsIoUring: boolean,
  ) {
    const { BurstIo } = native();
    this.io = new BurstIo(burst, this.signals, wantsIoUring);
    this.io.addDoorbell(doorbellFd);
  }

  /**
   * Adds a port, or replaces the one with the same id. The descriptor is duplicated, so that the caller may
   * close its own.
   * @throws NativeError
   */
  addPort(port: number, { fd, kind, framing, lengthBytes = 4, rings }: PortTransport): void {
    const transport = { fd, kind: KINDS[kind], framing: FRAMINGS[framing], lengthBytes };
    this.io.addPort(
      port,
      rings === undefined ? transport : { ...transport, rings: viewsOf(rings) },
    );
  }

  /** Reason why io_uring is not used: see `NativeBurstIo.whyNoIoUring`. */
  get whyNoIoUring(): string {
    return this.io.whyNoIoUring;
  }

  removePort(port: number): void {
    this.io.removePort(port);
  }

  /** Sets the time for which `receive` spins before it blocks. */
  setBusyPoll(micros: number): void {
    this.io.setBusyPoll(micros);
  }

  /** See `NativeBurstIo.markDrained`. */
  markDrained(memory: ArrayBuffer, offset: number): void {
    this.io.markDrained(memory, offset);
  }

  /** See `NativeBurstIo.coalesce`. */
  coalesce(takesOffloads: Uint8Array, counts: Float64Array, stride: number, index: number): void {
    this.io.coalesce(takesOffloads, counts, stride, index);
  }

  receive(waitMs: number): number {
    return this.io.receive(waitMs);
  }

  transmit(): number {
    return this.io.transmit(this.burst.txCount);
  }

  /** Sends, then receives: see `NativeBurstIo.exchange`. */
  exchange(waitMs: number): number {
    const { txCount, carriedCount } = this.burst;
    return this.io.exchange(txCount, waitMs, carriedCount);
  }

  /** Whether the doorbell woke the last `receive`. */
  get isRung(): boolean {
    return this.signals[Signal.doorbell] !== 0;
  }

  /** Whether the last `receive` reported troubles of ports. */
  get hasTroubles(): boolean {
    return this.signals[Signal.troubleCount] !== 0;
  }

  /** Troubles that the last `receive` reported. */
  troubles(): PortTrouble[] {
    return troublesOf(this.signals);
  }
}

function viewsOf({ incoming, outgoing, peerBellFd }: RingTransport): NativeRings {
  return { incoming: new Uint8Array(incoming), outgoing: new Uint8Array(outgoing), peerBellFd };
}

/** Decodes the troubles in the signals of a `NativeBurstIo`. */
export function troublesOf(signals: Int32Array): PortTrouble[] {
  const count = i32At(signals, Signal.troubleCount);
  return Array.from({ length: count }, (_, index) => {
    const at = Signal.troubles + index * TROUBLE_WORDS;
    return {
      port: i32At(signals, at),
      errno: i32At(signals, at + 1),
      hasEnded: signals[at + 2] === 1,
    };
  });
}
