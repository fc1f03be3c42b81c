/** TAPs as the bridge's ports: the addon moves the bridge's bursts. */

import type { Burst } from '../frame/burst';
import { FRAMINGS, KINDS, Signal, TROUBLE_WORDS } from '../native/constants';
import { native, type NativeBurstIo } from '../native/native';
import type { PortIo } from '../frame/transmitter';
import type { PortTransport } from './messages';
import { i32At } from '../wire/read';

/** Troubles that one `receive` reports at most; more are reported by the next. */
const TROUBLES_AT_ONCE = 62;

/**
 * Something that happened to a port and is no answer to one frame. A port that has ended is read no more, and
 * stays until it is removed.
 */
export interface PortTrouble {
  readonly port: number;
  /**
   * `EBADFD` or `ENODEV`: the device is gone. 0, `EPIPE` or `ECONNRESET`: the peer of a stream has hung up.
   * `EPROTO`: a stream has a length that no frame has. `ECONNREFUSED`: nobody receives the datagrams.
   */
  readonly errno: number;
  /** False for a datagram socket that survives: its peer may come back. Any other trouble ends a port. */
  readonly hasEnded: boolean;
}

export class NativeIo implements PortIo {
  private readonly io: NativeBurstIo;
  private readonly signals = new Int32Array(Signal.troubles + TROUBLES_AT_ONCE * TROUBLE_WORDS);

  /**
   * @param wantsIoUring whether to use io_uring where it can be had
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
   * Duplicates the descriptor: the caller may close its own. Replaces a port of the same id.
   * @throws NativeError
   */
  addPort(port: number, { fd, kind, framing, lengthBytes = 4 }: PortTransport): void {
    this.io.addPort(port, { fd, kind: KINDS[kind], framing: FRAMINGS[framing], lengthBytes });
  }

  /** See `NativeBurstIo.whyNoRing`. */
  get whyNoIoUring(): string {
    return this.io.whyNoRing;
  }

  removePort(port: number): void {
    this.io.removePort(port);
  }

  /** How long `receive` spins before it blocks. */
  setBusyPoll(micros: number): void {
    this.io.setBusyPoll(micros);
  }

  receive(waitMs: number): number {
    return this.io.receive(waitMs);
  }

  transmit(): number {
    return this.io.transmit(this.burst.txCount);
  }

  /** See `NativeBurstIo.exchange`. */
  exchange(waitMs: number): number {
    const { txCount, carriedCount } = this.burst;
    return this.io.exchange(txCount, waitMs, carriedCount);
  }

  /** Whether the doorbell woke the last `receive`. */
  get isRung(): boolean {
    return this.signals[Signal.doorbell] !== 0;
  }

  /** Whether the last `receive` found trouble with ports. */
  get hasTroubles(): boolean {
    return this.signals[Signal.troubleCount] !== 0;
  }

  /** The troubles that the last `receive` found. */
  troubles(): PortTrouble[] {
    return troublesOf(this.signals);
  }
}

/** Reads the troubles out of the signals of a `NativeBurstIo`. */
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
