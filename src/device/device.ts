/**
 * An open TAP or TUN device as a stream of packets: Ethernet frames of a TAP, IP packets of a TUN
 * device. Two ways in and out, which may be mixed:
 *
 * - one packet at a time, with memory of its own: `for await (const packet of device)`, `write`;
 * - bursts in memory that is used again, for speed: `readBurst`, `burst`, `writeBurst`.
 *
 * Reading costs nothing while there is nothing to read. See docs/tuntap.md.
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
import { TunTapError } from '../system/tuntap-error';
import { i32At } from '../wire/read';

/** The one port of the device's burst, for `burst.send`. */
export const TUNTAP_PORT = 0;

/** After so many bursts without a wait, timers and other I/O of the program get their turn. */
const BURSTS_BETWEEN_TURNS = 16;
/** Writes that wait for the kernel to take them; whoever has more does not wait for his writes. */
const BLOCKED_WRITES_MAX = 1024;
/** Words of the addon's signals: one port can have trouble. */
const SIGNALS = Signal.troubles + TROUBLE_WORDS;
const PLAIN_HEADER = new Uint8Array(VNET_HEADER_BYTES);

interface TunTapDeviceEvents {
  /**
   * The device was deleted. Noticed at once while a read waits, and else by the next read or write.
   */
  gone: [];
}

export interface ReadOptions {
  /** Gives up the wait, not the device. */
  readonly signal?: AbortSignal;
}

/** Node has it from 20.5 on; the environment in which Jest runs tests may have none of its own. */
const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol as { asyncDispose?: typeof Symbol.asyncDispose }).asyncDispose ??
  (Symbol.for('nodejs.asyncDispose') as typeof Symbol.asyncDispose);

/** Made by `openTap` and `openTun`. */
export class TunTapDevice
  extends EventEmitter<TunTapDeviceEvents>
  implements AsyncIterable<Buffer>, AsyncDisposable
{
  /** It did not exist before, and goes with `close` unless it was to persist. */
  readonly created: boolean;
  /** Ten bytes of virtio_net_hdr lie before each frame of the burst (`offload: true`). */
  readonly hasVnetHeader: boolean;
  private readonly readiness: Readiness;
  private readonly signals = new Int32Array(SIGNALS);
  /** Made when they are first needed: who only writes packets one by one needs neither. */
  private ownBurst: Burst | undefined;
  private ownIo: NativeBurstIo | undefined;
  /** Of the burst: what an iteration gives out next. */
  private nextFrame = 0;
  private burstsInARow = 0;
  private isReading = false;
  private blockedWrites = 0;
  private lastBlockedWrite: Promise<void> = Promise.resolve();
  /** Set once there is nothing more to read or write, with the reason unless it was closed. */
  private ended: { readonly reason?: unknown } | undefined;

  constructor(
    private readonly tap: NativeTap,
    readonly mode: DeviceMode,
    /** The kernel's name for it. */
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

  /** Of the switch's own kind: packets are indices into its arrays. The same one for ever. */
  get burst(): Burst {
    this.ownBurst ??= new Burst();
    return this.ownBurst;
  }

  /**
   * Waits for packets and reads as many as are there, into `burst`, in place of those before.
   * @returns how many; 0 when the device has been closed
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
   * Writes the burst's answer: what was listed by `burst.send(frame, TUNTAP_PORT)`. Waits while the
   * kernel takes no more. To be awaited before the next `readBurst`, which begins another answer.
   * @returns how many packets the kernel refused
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
   * Writes one packet. Resolves when the kernel has taken it, which is at once unless too much is on
   * its way already (`sendBufferBytes`); the bytes must not change before that.
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
   * Packets as they come, each in memory of its own, until the device is closed. What an iteration
   * that was left early has not given out, the next one does.
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

  /** Gives it settings: all of them, or none. @throws TunTapError as `configureTap` does */
  configure(settings: DeviceSettings): void {
    this.requireOpen();
    configureTap(this.name, settings, this.place);
  }

  /**
   * Lets go of the device, which is deleted with that unless it persists or was there before. A read
   * that waits ends. May be called again.
   */
  close(): void {
    this.ended ??= {};
    this.signal?.removeEventListener('abort', this.abort);
    this.readiness.close();
    this.ownIo?.close();
    this.tap.close();
  }

  /** For `await using`. */
  [asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  private readonly abort = (): void => {
    this.ended ??= { reason: this.signal?.reason };
    this.close();
  };

  /** Reads what is there. @returns 0 also when the device has been closed */
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

  /** Keeps of the answer what the kernel will take later. @returns how many pairs */
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

  /** The device has been deleted under us. @returns what everybody gets to hear who wants it */
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

  /** Assumes an open device. */
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
