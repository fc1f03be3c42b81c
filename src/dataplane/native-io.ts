/** TAPs as the bridge's ports: the addon moves the bridge's bursts. */

import type { Burst } from '../frame/burst';
import { Signal, TROUBLE_WORDS } from '../native/constants';
import { native, type NativeBurstIo } from '../native/native';
import type { PortIo } from '../frame/transmitter';

/** Troubles that one `receive` reports at most; more are reported by the next. */
const TROUBLES_AT_ONCE = 62;

/** Trouble with a port that is no answer to one frame. */
export interface PortTrouble {
  readonly port: number;
  /** `EBADFD` or `ENODEV`: the device is gone. `native/native.ts` lists the others. */
  readonly errno: number;
}

export class NativeIo implements PortIo {
  private readonly io: NativeBurstIo;
  private readonly signals = new Int32Array(Signal.troubles + TROUBLES_AT_ONCE * TROUBLE_WORDS);

  /**
   * @param wantsRing whether to use io_uring where it can be had
   * @throws NativeError when the kernel has no descriptor left.
   */
  constructor(
    private readonly burst: Burst,
    doorbellFd: number,
    wantsRing: boolean,
  ) {
    const { BurstIo } = native();
    this.io = new BurstIo(burst, this.signals, wantsRing);
    this.io.addDoorbell(doorbellFd);
  }

  /** Duplicates the descriptor: the caller may close its own. @throws NativeError */
  addPort(port: number, fd: number, hasVnetHeader: boolean): void {
    this.io.addPort(port, fd, hasVnetHeader);
  }

  /** Why frames do not move through io_uring; empty if they do, or were not to. */
  get whyNoRing(): string {
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
  const count = signals[Signal.troubleCount] as number;
  return Array.from({ length: count }, (_, index) => {
    const at = Signal.troubles + index * TROUBLE_WORDS;
    return { port: signals[at] as number, errno: signals[at + 1] as number };
  });
}
