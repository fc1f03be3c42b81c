/**
 * A harness for a protocol room, without a switch: a real burst, and an outbox that keeps the sent
 * frames as text. Unwritten bytes read 0xa5, so that a forgotten one shows.
 */

import { Burst } from '../../src/frame/burst';
import { classify } from '../../src/frame/classify';
import { VNET_HEADER_BYTES } from '../../src/wire/virtio';
import type { Outbox } from '../../src/frame/outbox';
import type { TraceReporter } from '../../src/frame/trace-reporter';

/** The switch of the tests of rooms, 02:00:00:00:00:99, in words. */
const SWITCH_MAC = { hi16: 0x0002, lo32: 0x99000000 | 0 };
const UNWRITTEN = 0xa5;
const FRAME_SLOT_BYTES = 65_536 + 64;

/** Egress of a frame that goes out of every port. */
export const ALL_PORTS = -1;

export interface Sent {
  readonly port: number;
  readonly hex: string;
  /** Port that a frame for every port does not go to. */
  readonly except?: number;
}

export class RoomHarness implements Outbox {
  readonly burst = new Burst({ receiveFrames: 8, receiveBytes: 8 * FRAME_SLOT_BYTES });
  /** Reporter that gets each decision, if the test gives one. */
  reporter: TraceReporter | undefined = undefined;
  private readonly sent: Sent[] = [];

  constructor() {
    this.burst.u8.fill(UNWRITTEN);
  }

  make(lengthBytes: number): number {
    const frame = this.burst.make(lengthBytes);
    if (frame >= 0) this.burst.bytes(frame).fill(UNWRITTEN);
    return frame;
  }

  toPort(frame: number, port: number): void {
    this.sent.push({ port, hex: toHex(this.burst.bytes(frame)) });
  }

  toLink(frame: number, port: number): void {
    this.toPort(frame, port);
  }

  toAll(frame: number, except?: number): void {
    const all = { port: ALL_PORTS, hex: toHex(this.burst.bytes(frame)) };
    this.sent.push(except === undefined || except < 0 ? all : { ...all, except });
  }

  /** Advances the harness's time. */
  at(nowMs: number): this {
    this.burst.clock[0] = nowMs;
    return this;
  }

  /**
   * Puts one received frame into the burst, in place of the last one.
   * @param vnetHeader ten bytes of virtio network header, as hex; all zero unless given
   * @returns its index
   */
  receive(frame: string | Uint8Array, port: number, vnetHeader = '00'.repeat(10)): number {
    const bytes = typeof frame === 'string' ? fromHex(frame) : frame;
    const { burst } = this;
    burst.u8.fill(UNWRITTEN);
    const at = 16;
    burst.u8.set(fromHex(vnetHeader), at - VNET_HEADER_BYTES);
    burst.u8.set(bytes, at);
    burst.offset[0] = at;
    burst.length[0] = bytes.length;
    burst.ingress[0] = port;
    burst.begin(1);
    classify(burst, SWITCH_MAC, 0, 1);
    return 0;
  }

  /** Frames sent since the last call. */
  takeSent(): Sent[] {
    return this.sent.splice(0);
  }
}

/** Counts like the bridge, and returns the counts. */
export class CountingSink {
  readonly counts = new Map<number, number>();

  count(counter: number, port: number): void {
    void port;
    this.counts.set(counter, (this.counts.get(counter) ?? 0) + 1);
  }

  of(counter: number): number {
    return this.counts.get(counter) ?? 0;
  }
}

/** Bytes from hex digits; other characters in the text are ignored. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/[\s:]/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Joins named fields, each hex, into the hex of a frame. */
export function frameOf(fields: Readonly<Record<string, string>>): string {
  return toHex(fromHex(Object.values(fields).join('')));
}
