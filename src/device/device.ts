/**
 * An open TAP or TUN device as a stream of packets: Ethernet frames of a TAP, IP packets of a TUN
 * device. There are two ways to read and write, which may be mixed:
 *
 * - one packet at a time, each in memory of its own: `for await (const packet of device)`, `write`;
 * - bursts in reused memory, for speed: `readBurst`, `burst`, `writeBurst`.
 *
 * A read that waits costs no processor time. See docs/tuntap.md.
 */

import { EventEmitter } from 'node:events';
import { writevSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { portLabel } from '../config/values/port-spec';
import { Burst } from '../frame/burst';
import { VNET_HEADER_BYTES } from '../wire/virtio';
import { Errno } from '../frame/transmitter';
import { FRAMINGS, KINDS, Signal, TROUBLE_WORDS } from '../native/constants';
import { type NativeBurstIo, type NativeTap, native } from '../native/native';
import type { DeviceSettings, TapPlace } from './device-options';
import type { DeviceMode } from './link';
import { configureTap } from './manager';
import { READABLE, Readiness, WRITABLE } from './readiness';
import { asyncDispose } from '../system/async-dispose';
import { TunTapError } from '../system/tuntap-error';
import { i32At } from '../wire/read';

/** Port of the device in its burst, for `burst.send`. It is the only one. */
export const TUNTAP_PORT = 0;

/** Bursts read without a wait after which timers and other I/O of the program get their turn. */
const BURSTS_BETWEEN_TURNS = 16;
/** Maximum number of waiting writes. A program that has more does not await its writes. */
const BLOCKED_WRITES_MAX = 1024;
/** Length of the addon's signals in words: there is room for the trouble of one port. */
const SIGNALS = Signal.troubles + TROUBLE_WORDS;
const PLAIN_HEADER = new Uint8Array(VNET_HEADER_BYTES);

interface TunTapDeviceEvents {
  /**
   * The device was deleted. A waiting read notices it at once; otherwise the next read or write does.
   */
  gone: [];
}

export interface ReadOptions {
  /** Ends the wait. The device stays open. */
  readonly signal?: AbortSignal;
}

/** An open TAP or TUN device. `openTap` and `openTun` make it. */
export class TunTapDevice
  extends EventEmitter<TunTapDeviceEvents>
  implements AsyncIterable<Buffer>, AsyncDisposable
{
  /** Whether opening made the device. Then `close` deletes it, unless it was opened with `persist`. */
  readonly created: boolean;
  /** Whether ten bytes of virtio_net_hdr precede each frame of the burst (`offload: true`). */
  readonly hasVnetHeader: boolean;
  private readonly readiness: Readiness;
  private readonly signals = new Int32Array(SIGNALS);
  /** Made at first use: a program that only writes single packets needs neither of them. */
  private ownBurst: Burst | undefined;
  private ownIo: NativeBurstIo | undefined;
  /** Index in the burst of the frame that the iteration yields next. */
  private nextFrame = 0;
  private burstsInARow = 0;
  private isReading = false;
  private blockedWrites = 0;
  private lastBlockedWrite: Promise<void> = Promise.resolve();
  /** Set once the device can no longer be used; with a reason unless `close` was called. */
  private ended: { readonly reason?: unknown } | undefined;

  constructor(
    private readonly tap: NativeTap,
    readonly mode: DeviceMode,
    /** Name that the kernel gave the device. */
    readonly name: string,
    private readonly place: TapPlace,
    private readonly signal?: AbortSignal,
  ) {
    super();
    this.created = tap.created;
    this.hasVnetHeader = tap.hasVnetHeader;
    this.readiness = new Readiness(tap.fd);
    signal?.addEventListener('abort', this.abort);
  }

  /** Burst of the kind that the switch uses: packets are indices into its arrays. It is always the same. */
  get burst(): Burst {
    this.ownBurst ??= new Burst();
    return this.ownBurst;
  }

  /**
   * Waits for packets and reads all that are available into `burst`. They replace the ones before.
   * @returns the number of packets; 0 when the device has been closed
   * @throws TunTapError: `ENODEV` the device was deleted, `EBUSY` another read waits; the signal's
   *   reason
   */
  async readBurst({ signal }: ReadOptions = {}): Promise<number> {
    if (this.isReading) throw this.error('EBUSY', 'another read is waiting; await it first');
    this.isReading = true;
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (++this.burstsInARow > BURSTS_BETWEEN_TURNS) await this.giveWay();
        const count = this.receive();
        if (count > 0 || this.ended !== undefined) return count;
        this.burstsInARow = 0;
        await this.readiness.wait(READABLE, signal);
      }
    } finally {
      this.isReading = false;
    }
  }

  /**
   * Writes the burst's answer: the frames that `burst.send(frame, TUNTAP_PORT)` listed. It waits while the
   * kernel takes no more. Await it before the next `readBurst`, which begins another answer.
   * @returns the number of packets that the kernel refused
   * @throws TunTapError: `ENODEV` the device was deleted, `EBADF` it has been closed
   */
  async writeBurst(): Promise<number> {
    const { burst } = this;
    const { txCount } = burst;
    let refused = 0;
    while (burst.txCount > 0) {
      this.requireOpen();
      const failed = this.io.transmit(burst.txCount);
      const blocked = failed === 0 ? 0 : this.keepBlocked(burst);
      refused += failed - blocked;
      burst.txCount = blocked;
      if (blocked > 0) await this.readiness.wait(WRITABLE);
    }
    burst.txCount = txCount;
    burst.clearAnswer();
    burst.releaseMade();
    return refused;
  }

  /**
   * Writes one packet. It resolves when the kernel has taken the packet. That is at once, unless too many
   * bytes are on their way (`sendBufferBytes`). The bytes must not change before that.
   * @throws TunTapError: `EIO` the interface is down, `EINVAL` no packet, `ENODEV` the device was
   *   deleted, `EBADF` it has been closed, `ENOBUFS` a thousand writes are waiting already
   */
  async write(packet: Uint8Array): Promise<void> {
    if (this.blockedWrites === 0 && this.tryWrite(packet)) return;
    if (this.blockedWrites >= BLOCKED_WRITES_MAX) {
      throw this.error('ENOBUFS', `${BLOCKED_WRITES_MAX} writes are waiting; await them first`);
    }
    this.blockedWrites++;
    const written = this.lastBlockedWrite.then(async () => {
      try {
        while (!this.tryWrite(packet)) await this.readiness.wait(WRITABLE);
      } finally {
        this.blockedWrites--;
      }
    });
    this.lastBlockedWrite = written.catch(() => undefined);
    await written;
  }

  /**
   * Packets as they arrive, each in memory of its own, until the device is closed. An iteration that is left
   * early loses no packet: the next one continues where it ended.
   * @throws TunTapError `ENODEV` where the device is deleted; the reason of the signal
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    const { burst } = this;
    for (;;) {
      while (this.nextFrame < burst.receivedCount) yield Buffer.from(burst.bytes(this.nextFrame++));
      if ((await this.readBurst()) === 0) return;
      this.nextFrame = 0;
    }
  }

  /** Changes settings of the device: all of them, or none. @throws TunTapError as `configureTap` does */
  configure(settings: DeviceSettings): void {
    this.requireOpen();
    configureTap(this.name, settings, this.place);
  }

  /**
   * Closes the device. The kernel deletes it, unless it persists or existed before. A waiting read ends.
   * Further calls have no effect.
   */
  close(): void {
    this.ended ??= {};
    this.signal?.removeEventListener('abort', this.abort);
    this.readiness.close();
    this.ownIo?.close();
    this.tap.close();
  }

  /** Closes the device at the end of `await using`. */
  [asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  private readonly abort = (): void => {
    this.ended ??= { reason: this.signal?.reason };
    this.close();
  };

  /** Reads the packets that are available. @returns their number; 0 also when the device has been closed */
  private receive(): number {
    const { burst } = this;
    burst.begin(0);
    if (this.ended !== undefined) {
      if ('reason' in this.ended) throw this.ended.reason;
      return 0;
    }
    burst.begin(this.io.receive(0));
    this.nextFrame = burst.receivedCount;
    if (this.signals[Signal.troubleCount] !== 0) throw this.lose();
    return burst.receivedCount;
  }

  private async giveWay(): Promise<void> {
    this.burstsInARow = 0;
    await setImmediate();
  }

  /** Keeps those entries of the answer that the kernel may take later. @returns their number */
  private keepBlocked(burst: Burst): number {
    const { txFrame, txTag, txStatus, txCount } = burst;
    let blocked = 0;
    for (let entry = 0; entry < txCount; entry++) {
      if (txStatus[entry] === Errno.EBADFD) throw this.lose();
      if (txStatus[entry] !== Errno.EAGAIN) continue;
      txFrame[blocked] = i32At(txFrame, entry);
      txTag[blocked++] = i32At(txTag, entry);
    }
    return blocked;
  }

  /** @returns false where the kernel takes no more at the moment */
  private tryWrite(packet: Uint8Array): boolean {
    this.requireOpen();
    try {
      writevSync(this.tap.fd, this.hasVnetHeader ? [PLAIN_HEADER, packet] : [packet]);
      return true;
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      if (-errno === Errno.EAGAIN) return false;
      throw this.explainWrite(-errno, packet.length);
    }
  }

  private explainWrite(errno: number, lengthBytes: number): TunTapError {
    switch (errno) {
      case Errno.EBADFD:
        return this.lose();
      case Errno.EIO:
        return this.error('EIO', 'the interface is down (EIO); set it up', 'write');
      default: {
        const code = getSystemErrorName(-errno);
        return this.error(code, `the kernel refuses ${lengthBytes} bytes (${code})`, 'write');
      }
    }
  }

  /** Notes that the device was deleted. @returns the error for this and all later calls */
  private lose(): TunTapError {
    const reason = this.error('ENODEV', 'the device has been deleted (ENODEV)');
    this.ended = { reason };
    this.readiness.wakeAll();
    this.emit('gone');
    return reason;
  }

  private requireOpen(): void {
    if (this.ended === undefined) return;
    if ('reason' in this.ended) throw this.ended.reason;
    throw this.error('EBADF', 'has been closed (EBADF)');
  }

  /** Burst I/O of the addon. The device must be open. */
  private get io(): NativeBurstIo {
    if (this.ownIo === undefined) {
      const { BurstIo } = native();
      this.ownIo = new BurstIo(this.burst, this.signals, false);
      this.ownIo.addPort(TUNTAP_PORT, {
        fd: this.tap.fd,
        kind: KINDS.device,
        framing: this.hasVnetHeader ? FRAMINGS.vnet : FRAMINGS.plain,
        lengthBytes: 0,
      });
    }
    return this.ownIo;
  }

  private error(code: string, message: string, syscall?: string): TunTapError {
    return new TunTapError(code, `${portLabel({ ...this.place, name: this.name })}: ${message}`, {
      syscall,
    });
  }
}
