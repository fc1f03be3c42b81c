/**
 * A switch of which a room, added from outside, sends each IP frame and each tagged frame out of every
 * other port with a tag operation of the port's. No configuration makes the bridge do so yet.
 */

import type { Outbox } from '../../src/frame/outbox';
import type { Room, Wants } from '../../src/frame/room';
import { CONSUMED, type Verdict } from '../../src/frame/verdict';
import type { MemoryPortOptions } from '../../src/testing/memory-port';
import { MemorySwitch } from './memory-switch';
import { toHex } from './room-harness';

export interface TaggingPort extends MemoryPortOptions {
  readonly operation: number;
}

/** What left from a port: frames and vnet headers, hex. A port without offloads has no headers. */
export interface Left {
  readonly frames: string[];
  readonly vnets: string[];
}

export class TaggingSwitch {
  readonly memory: MemorySwitch;

  /** Port 0 is where frames come from; the others have the ids 1, 2 … */
  constructor(ports: readonly TaggingPort[]) {
    const room: Room = new Tagging(ports.map(({ operation }) => operation));
    this.memory = new MemorySwitch(0, { extraRooms: { tagging: { make: () => room } } });
    this.memory.addPort({ takesOffloads: true });
    for (const port of ports) this.memory.addPort(port);
  }

  /** What left from each port but the first. */
  send(vnetHeader: Uint8Array, frame: Uint8Array): Left[] {
    this.memory.port(0).sendOffloaded(vnetHeader, frame);
    return this.memory.ports.slice(1).map((port) => {
      const vnets = port.receivedHeaders.map(toHex);
      return { frames: port.take().map(toHex), vnets };
    });
  }
}

class Tagging implements Room {
  readonly wants: Wants = { types: [{ etherType: 0x0800 }, { etherType: 0x86dd }], tagged: true };

  constructor(private readonly operations: readonly number[]) {}

  receive(frame: number, outbox: Outbox): Verdict {
    this.operations.forEach((operation, index) => outbox.toPort(frame, index + 1, operation));
    return CONSUMED;
  }
}
