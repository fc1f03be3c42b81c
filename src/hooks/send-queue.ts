/** Frames that hooks send. The bridge takes them after each burst and each tick. */

import type { SendWay } from './hook';
import type { HookPorts } from './hook-ports';
import { readPort, readTargets } from './hook-targets';
import { NO_PORT } from '../frame/port-id';
import { MIN_FRAME_BYTES } from '../wire/ethernet';
import { MAX_VID, NO_VLAN } from '../wire/vlan';

/** Longest frame of a hook: a packet of 64 KiB behind an Ethernet header. */
export const MAX_HOOK_FRAME_BYTES = 65_536 + MIN_FRAME_BYTES;
/** Most frames that wait at once. */
const QUEUE_MAX = 1_024;

export interface QueuedFrame {
  readonly bytes: Uint8Array;
  /** Ports that it leaves by; empty if it travels through the switch. */
  readonly to: readonly number[];
  /** Port that has received it, as it were; `NO_PORT` if it leaves by ports. */
  readonly from: number;
  /** VID of its VLAN; `NO_VLAN`: that of untagged frames of the port. */
  readonly vlan: number;
}

export class SendQueue {
  private queue: QueuedFrame[] = [];

  constructor(private readonly ports: HookPorts) {}

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  get length(): number {
    return this.queue.length;
  }

  /** @throws RangeError, TypeError: see `HookSwitch.send` */
  add(bytes: Uint8Array, way: SendWay): void {
    checkFrameBytes(bytes);
    if (this.queue.length >= QUEUE_MAX) {
      throw new RangeError(`more than ${QUEUE_MAX} frames at once`);
    }
    // No `slice`: that of a Buffer is a view.
    this.queue.push({ bytes: Uint8Array.from(bytes), ...this.read(way) });
  }

  /** Removes the latest frames, until this many are left. */
  cut(length: number): void {
    this.queue.length = length;
  }

  /** Empties the queue. @returns the frames that it had */
  take(): QueuedFrame[] {
    const taken = this.queue;
    this.queue = [];
    return taken;
  }

  private read(way: SendWay): Omit<QueuedFrame, 'bytes'> {
    if (typeof way !== 'object' || way === null) {
      throw new TypeError('send: expected { to } or { from }');
    }
    if ('from' in way) return { to: [], from: readPort(this.ports, way.from), vlan: NO_VLAN };
    const { vlan = NO_VLAN } = way;
    if (!Number.isInteger(vlan) || vlan < 0 || vlan > MAX_VID) {
      throw new RangeError(`vlan: expected a VID of at most ${MAX_VID}`);
    }
    const to: number[] = [];
    readTargets(this.ports, way.to, to);
    return { to, from: NO_PORT, vlan };
  }
}

/** @throws TypeError, RangeError for what is no frame */
export function checkFrameBytes(bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('a frame is a Uint8Array');
  const { length } = bytes;
  if (length >= MIN_FRAME_BYTES && length <= MAX_HOOK_FRAME_BYTES) return;
  throw new RangeError(
    `a frame of ${length} bytes; it has ${MIN_FRAME_BYTES} to ${MAX_HOOK_FRAME_BYTES}`,
  );
}
