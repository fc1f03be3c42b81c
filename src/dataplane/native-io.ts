/** TAPs as the bridge's ports: the addon moves the bridge's bursts. */

import type { Burst } from '../frame/burst';
import { native, type NativeBurstIo } from '../native/native';
import type { PortIo } from '../frame/transmitter';
import type { PortTransport } from './messages';

/** Ports that one `receive` may report gone; more are reported by the next. */
const GONE_AT_ONCE = 62;
const DOORBELL = 0;
const GONE_COUNT = 1;
const GONE_FIRST = 2;

export class NativeIo implements PortIo {
  private readonly io: NativeBurstIo;
  private readonly signals = new Int32Array(GONE_FIRST + GONE_AT_ONCE);

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
  addPort(port: number, { fd, framing }: PortTransport): void {
    this.io.addPort(port, fd, framing === 'vnet');
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
    return this.signals[DOORBELL] !== 0;
  }

  /** Ports whose device the last `receive` found deleted. */
  get hasGonePorts(): boolean {
    return this.signals[GONE_COUNT] !== 0;
  }

  gonePorts(): Int32Array {
    const count = this.signals[GONE_COUNT] as number;
    return this.signals.slice(GONE_FIRST, GONE_FIRST + count);
  }
}
