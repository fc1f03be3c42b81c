/** A switch with ports in memory, and the readings that many tests of the bridge need. */

import { Bridge, type BridgeOptions } from '../../src/l2/bridge';
import type { BridgeEvent } from '../../src/l2/event-log';
import type { Transmitter } from '../../src/frame/transmitter';
import { MemoryIo, type MemoryPort, type MemoryPortOptions } from '../../src/testing/memory-port';
import { toHex } from './room-harness';

export class MemorySwitch {
  readonly bridge: Bridge;
  readonly io: MemoryIo;
  readonly ports: MemoryPort[] = [];

  constructor(portCount: number, options: BridgeOptions = {}, port: MemoryPortOptions = {}) {
    this.bridge = new Bridge(options);
    this.io = new MemoryIo(this.bridge);
    for (let index = 0; index < portCount; index++) this.addPort(port);
  }

  /** Ports have the ids 0, 1, 2 … in the order in which they are added. */
  addPort(options: MemoryPortOptions = {}): MemoryPort {
    const port = this.io.port(`tap${this.ports.length}`, options);
    this.ports.push(port);
    return port;
  }

  port(id: number): MemoryPort {
    const port = this.ports[id];
    if (port === undefined) throw new RangeError(`no port ${id}`);
    return port;
  }

  /** Sends frames into one port, all in one burst. @returns frames out of each port, as hex */
  send(id: number, ...frames: Uint8Array[]): string[][] {
    this.port(id).send(...frames);
    return this.take();
  }

  /** Frames out of each port since the last call, as hex. */
  take(): string[][] {
    return this.ports.map((port) => port.take().map(toHex));
  }

  get nowMs(): number {
    return this.io.clock.nowMs;
  }

  /** Port of each station, as in `fdb show`. */
  stations(): Record<string, number> {
    const stations = this.bridge.stations(this.nowMs);
    return Object.fromEntries(stations.map(({ mac, port }) => [mac, port]));
  }

  /** The counters of a port that are not zero. */
  counts(id: number): Record<string, number> {
    return nonzero(this.bridge.counters.read(id).counters);
  }

  /** The drop reasons of a port that are not zero. */
  drops(id: number): Record<string, number> {
    return nonzero(this.bridge.counters.read(id).drops);
  }

  /** The drops of every port that has any. */
  allDrops(): Record<number, Record<string, number>> {
    const ids = this.ports.map(({ id }) => id).filter((id) => Object.keys(this.drops(id)).length);
    return Object.fromEntries(ids.map((id) => [id, this.drops(id)]));
  }

  /** Takes out the events that the bridge has reported, all or of one kind. */
  events(kind?: BridgeEvent['event']): BridgeEvent[] {
    const { events } = this.bridge.events.drain();
    return events.filter(({ event }) => kind === undefined || event === kind);
  }

  /** Puts a transmitter between the bridge and the ports. */
  intercept(transmit: (pass: () => number) => number): void {
    const through: Transmitter = { transmit: () => transmit(() => this.io.transmit()) };
    this.bridge.connect(through);
  }
}

function nonzero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
