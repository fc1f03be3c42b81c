/**
 * Ports in memory: a switch inside a test, without root, with the code path of the real one.
 *
 * `MemoryIo` drives one bridge. A frame that a test sends into a port goes through the bridge at once, within
 * the call of `send`. When `send` returns, `received` has the frames that the switch sent.
 */

import type { Bridge } from '../l2/bridge';
import type { BridgePortSettings } from '../l2/port-table';
import { HEADROOM_BYTES, MAX_FRAME_BYTES, align } from '../frame/burst';
import { shiftOf, writeAsItLeaves } from '../frame/tag-operation';
import { VNET_HEADER_BYTES } from '../wire/virtio';
import { Errno } from '../frame/transmitter';
import { ManualClock } from './manual-clock';
import type { PortIo } from '../frame/transmitter';
import { i32At } from '../wire/read';

export interface MemoryPortOptions {
  /** MTU in bytes; 1500 by default. */
  readonly mtuBytes?: number;
  /** Whether the port takes super-frames and partial checksums; false by default. */
  readonly takesOffloads?: boolean;
  /** Maximum length of `received`. Further frames are dropped as congestion. */
  readonly queueFrames?: number;
  /** Further settings, such as `isolated`. */
  readonly bridge?: Partial<BridgePortSettings>;
}

const DEFAULT_MTU_BYTES = 1500;
const DEFAULT_QUEUE_FRAMES = 65_536;
const PLAIN = new Uint8Array(VNET_HEADER_BYTES);
/** Longest time between two ticks of `advance`. The data plane's loop uses 250 ms. */
const TICK_INTERVAL_MS = 100;

interface Sent {
  readonly bytes: Uint8Array;
  readonly vnetHeader: Uint8Array;
}

/** The host's end of a port. `MemoryIo.port` makes it. */
export class MemoryPort {
  /** Frames that the switch sent out of this port, oldest first. A test may empty it. */
  received: Uint8Array[] = [];
  /** Vnet headers of these frames, if the port takes offloads. */
  receivedHeaders: Uint8Array[] = [];
  readonly takesOffloads: boolean;
  readonly queueFrames: number;
  /** Told of each frame that the switch sends out of this port. It may enqueue frames, and must not run the bridge. */
  listener: ((frame: Uint8Array) => void) | undefined = undefined;

  constructor(
    readonly id: number,
    readonly name: string,
    private readonly io: MemoryIo,
    options: MemoryPortOptions,
  ) {
    this.takesOffloads = options.takesOffloads ?? false;
    this.queueFrames = options.queueFrames ?? DEFAULT_QUEUE_FRAMES;
  }

  /**
   * Sends frames into the switch, which forwards them.
   * @throws RangeError for a frame that is longer than a TAP takes.
   */
  send(...frames: Uint8Array[]): void {
    for (const bytes of frames) this.io.enqueue(this, { bytes, vnetHeader: PLAIN });
    this.io.run();
  }

  /** Sends a frame with a virtio network header: a super-frame, or one with a partial checksum. */
  sendOffloaded(vnetHeader: Uint8Array, bytes: Uint8Array): void {
    this.io.enqueue(this, { bytes, vnetHeader });
    this.io.run();
  }

  /** Empties `received`. @returns the frames that it had */
  take(): Uint8Array[] {
    const taken = this.received;
    this.received = [];
    this.receivedHeaders = [];
    return taken;
  }

  setUp(isUp: boolean): void {
    this.io.bridge.setPortUp(this.id, isUp);
  }

  setMtu(mtuBytes: number): void {
    this.io.bridge.setPortMtu(this.id, mtuBytes);
  }
}

export class MemoryIo implements PortIo {
  private readonly ports: MemoryPort[] = [];
  private readonly pending: { port: MemoryPort; sent: Sent }[] = [];

  constructor(
    readonly bridge: Bridge,
    readonly clock: ManualClock = new ManualClock(),
  ) {
    bridge.connect(this);
  }

  /** Adds a port to the bridge, up and forwarding. */
  port(name: string, options: MemoryPortOptions = {}): MemoryPort {
    const port = new MemoryPort(this.ports.length, name, this, options);
    this.bridge.addPort(port.id, {
      ...options.bridge,
      name,
      mtuBytes: options.mtuBytes ?? DEFAULT_MTU_BYTES,
      takesOffloads: port.takesOffloads,
      isUp: true,
    });
    this.ports.push(port);
    return port;
  }

  /**
   * Advances the clock. On the way it ticks the bridge when a protocol timer is due, and at least every
   * 100 ms. What an impairment holds leaves exactly when it is due.
   */
  advance(byMs: number): void {
    const endMs = this.clock.nowMs + byMs;
    while (this.clock.nowMs < endMs) this.step(Math.min(this.stepMs, endMs - this.clock.nowMs));
  }

  /** Milliseconds until the next tick is due. */
  get stepMs(): number {
    const { bridge, clock } = this;
    const tickMs = Math.min(Math.max(bridge.dueMs - clock.nowMs, 1), TICK_INTERVAL_MS);
    return Math.min(tickMs, Math.max(bridge.heldDueMs - clock.nowMs, 0));
  }

  /** Advances the clock in one step, and ticks the bridge. */
  step(byMs: number): void {
    this.clock.advance(byMs);
    this.bridge.burst.clock[0] = this.clock.nowMs;
    this.bridge.tick();
    this.bridge.flush();
    this.bridge.releaseAll();
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  enqueue(port: MemoryPort, sent: Sent): void {
    if (sent.bytes.length > MAX_FRAME_BYTES) {
      throw new RangeError(`a frame of ${sent.bytes.length} bytes: a TAP takes ${MAX_FRAME_BYTES}`);
    }
    this.pending.push({ port, sent });
  }

  /** Forwards all pending frames. */
  run(): void {
    while (this.hasPending) this.runBurst();
  }

  /** Forwards as many pending frames as a burst holds. */
  runBurst(): void {
    this.bridge.handleBurst(this.receive());
  }

  receive(): number {
    const { burst } = this.bridge;
    burst.clock[0] = this.clock.nowMs;
    let at = 0;
    let count = 0;
    while (count < burst.receiveFrames && at < burst.receiveBytes) {
      const next = this.pending.shift();
      if (next === undefined) break;
      at = align(at) + HEADROOM_BYTES;
      burst.u8.set(next.sent.vnetHeader, at - VNET_HEADER_BYTES);
      burst.u8.set(next.sent.bytes, at);
      burst.offset[count] = at;
      burst.length[count] = next.sent.bytes.length;
      burst.ingress[count] = next.port.id;
      at += next.sent.bytes.length;
      count++;
    }
    return count;
  }

  transmit(): number {
    const { burst } = this.bridge;
    let failed = 0;
    for (let entry = 0; entry < burst.txCount; entry++) {
      const port = this.ports[i32At(burst.txPort, entry)] as MemoryPort;
      const frame = i32At(burst.txFrame, entry);
      const isFull = port.received.length >= port.queueFrames;
      burst.txStatus[entry] = isFull ? Errno.EAGAIN : 0;
      if (isFull) {
        failed++;
        continue;
      }
      const leaving = this.leaving(frame, i32At(burst.txTag, entry));
      const bytes = leaving.slice(VNET_HEADER_BYTES);
      port.received.push(bytes);
      port.listener?.(bytes);
      if (port.takesOffloads) port.receivedHeaders.push(leaving.slice(0, VNET_HEADER_BYTES));
    }
    return failed;
  }

  /** Vnet header and frame as they leave, with the tag operation carried out. */
  private leaving(frame: number, tag: number): Uint8Array {
    const { u8, offset, length } = this.bridge.burst;
    const at = i32At(offset, frame);
    const lengthBytes = i32At(length, frame);
    const leaving = new Uint8Array(VNET_HEADER_BYTES + lengthBytes + shiftOf(tag));
    writeAsItLeaves(u8, at, lengthBytes, tag, leaving, VNET_HEADER_BYTES);
    return leaving;
  }
}
