/**
 * A switch in memory with named ports and hosts, for tests: no root, no interfaces, and a clock that the test
 * sets. It runs the code of the real switch.
 *
 *     const net = network({ ports: ['alice', 'bob'] });
 *     const alice = net.host('alice', { ip: '192.0.2.1' });
 *     net.host('bob', { ip: '192.0.2.2' });
 *     alice.ping('192.0.2.2'); // true
 */

import { fitsChoice, impairmentChoice, readImpairment } from '../config/values/impairment';
import { impairmentOrder } from '../control/impairments';
import { impairmentSettings } from '../dataplane/filtered-settings';
import type { ImpairmentCounts } from '../impair/impairment';
import { Bridge, type BridgeOptions } from '../l2/bridge';
import type { FdbEntry } from '../l2/fdb/entry';
import type { BridgePortSettings } from '../l2/port-table';
import type { BridgeSettings } from '../l2/settings';
import { hookProgram } from '../dataplane/hook-loader';
import type { Hook } from '../hooks/hook';
import type { HookState } from '../hooks/loaded-hook';
import { ipKeyOf } from '../wire/ip-key';
import { macFromBytes } from '../wire/mac';
import { VNET_HEADER_BYTES } from '../wire/virtio';
import { ipField, macField } from './frames/bytes';
import { MemoryIo, type MemoryPortOptions } from './memory-port';
import { NetworkPort } from './network-port';
import { type RecordedFrame, Recording } from './recording';
import { type HostOptions, TestHost } from './test-host';
import { World } from './world';

export interface NetworkPortOptions extends Omit<MemoryPortOptions, 'bridge'> {
  readonly name: string;
  /** Flags of the port and its further settings, such as `isolated: true`. */
  readonly settings?: Partial<BridgePortSettings>;
}

export interface NetworkOptions extends Omit<BridgeOptions, 'mac'>, Partial<BridgeSettings> {
  /** Names of the ports, or names with options. */
  readonly ports: readonly (string | NetworkPortOptions)[];
  /** MAC of the switch; 02:00:00:00:00:00 unless given. */
  readonly mac?: string;
  /** Hooks, which are asked in this order. The first is called `hook1`. */
  readonly hooks?: readonly Hook[];
  /** Addresses of the switch itself. Their claim takes ten seconds of the network's time. */
  readonly addresses?: readonly string[];
  /** Impairments of ports, in the words of `tapctl impair add`: `alice out delay 10ms loss 1%`. */
  readonly impairments?: readonly string[];
}

/** Time in which a switch has claimed an address (RFC 5227 2.1.1, RFC 4862 5.4). */
const CLAIM_MS = 10_000;
const PLAIN = new Uint8Array(VNET_HEADER_BYTES);
const NS_PER_MS = 1_000_000;

/**
 * Makes a switch with these ports, all up.
 * @throws TypeError for a name that occurs twice, and for text that is no address
 */
export function network(options: NetworkOptions): Network {
  return new Network(options);
}

export class Network {
  readonly bridge: Bridge;
  private readonly io: MemoryIo;
  private readonly world: World;
  private readonly ports = new Map<string, NetworkPort>();
  private readonly recordings = new Set<Recording>();
  private hostCount = 0;

  constructor({
    addresses = [],
    hooks = [],
    impairments = [],
    mac,
    ports,
    ...options
  }: NetworkOptions) {
    const words = mac === undefined ? {} : { mac: macFromBytes(macField('mac', mac)) };
    this.bridge = new Bridge({ ...options, ...words });
    this.bridge.configure(options);
    this.io = new MemoryIo(this.bridge);
    this.world = new World(this.io);
    for (const port of ports) this.addPort(typeof port === 'string' ? { name: port } : port);
    for (const impairment of impairments) this.impair(impairment);
    for (const [index, hook] of hooks.entries()) this.loadHook(`hook${index + 1}`, hook);
    for (const address of addresses) this.claim(address);
    if (addresses.length > 0) this.advance(CLAIM_MS);
  }

  /** Milliseconds since the network was made. */
  get nowMs(): number {
    return this.world.nowMs;
  }

  /** @throws TypeError for a name that no port has */
  port(name: string): NetworkPort {
    const port = this.ports.get(name);
    if (port !== undefined) return port;
    throw new TypeError(`there is no port ${name}; there are ${[...this.ports.keys()].join(', ')}`);
  }

  /** Adds a port, which is up. @throws TypeError for a name that a port has */
  addPort({ name, settings, ...options }: NetworkPortOptions): NetworkPort {
    if (this.ports.has(name)) throw new TypeError(`there is a port ${name} already`);
    const memory = this.io.port(name, { ...options, ...(settings && { bridge: settings }) });
    const port = new NetworkPort(this.bridge, memory, (bytes) => {
      this.world.send(() => {
        this.note(name, 'in', bytes);
        this.io.enqueue(memory, { bytes, vnetHeader: PLAIN });
      });
    });
    port.onFrame((bytes) => this.note(name, 'out', bytes));
    this.ports.set(name, port);
    return port;
  }

  /**
   * Loads a hook, in place of the one of the same name.
   * @throws Error, TypeError for what is no hook; the one of the same name stays then
   */
  loadHook(name: string, hook: Hook): void {
    this.bridge.loadHook(hookProgram(name, hook));
  }

  /** @returns whether there was such a hook */
  removeHook(name: string): boolean {
    return this.bridge.removeHook(name);
  }

  /** What the hooks have done, and their counters. */
  get hooks(): HookState[] {
    return this.bridge.rooms.hooks.list();
  }

  /**
   * Attaches a host to a port. It answers ARP, Neighbor Discovery and ping for its addresses.
   * @param options its MAC is made up unless given
   */
  host(portName: string, options: Partial<HostOptions> = {}): TestHost {
    const port = this.port(portName);
    const host = new TestHost(
      { mac: `02:00:00:00:01:${hexByte(++this.hostCount)}`, ...options },
      {
        send: (bytes) => port.send(bytes),
        waitUntil: (holds, withinMs) => this.world.advanceUntil(holds, withinMs),
      },
    );
    port.onFrame((bytes) => host.receive(bytes));
    return host;
  }

  /**
   * Links a port to a port of another switch, as a cable does. From then on both switches have one time.
   * @throws RangeError where the times of the two differ
   */
  link(portName: string, other: Network, otherPortName: string): void {
    const near = this.port(portName);
    const far = other.port(otherPortName);
    this.world.absorb(other.world);
    near.onFrame((bytes) => far.send(bytes));
    far.onFrame((bytes) => near.send(bytes));
  }

  /**
   * Impairs frames of a port, or changes an impairment. The seed is 0 unless given, so that a test has the same
   * result each time.
   * @param words as for `tapctl impair add`: `alice out delay 10ms loss 1%`
   * @throws ValueError for other words, TypeError for a name that no port has
   */
  impair(words: string): void {
    const spec = { seed: 0, ...readImpairment(words) };
    const order = impairmentOrder(spec, { id: this.port(spec.port).id, label: spec.port });
    if (this.bridge.addImpairment(impairmentSettings(order))) return;
    throw new RangeError(`${spec.port} ${spec.direction} has too many impairments`);
  }

  /**
   * Removes the impairments of a port that fit; the frames that they hold go on.
   * @param words as for `tapctl impair del`: `alice`, `alice out`, `alice out match arp`
   * @returns their number
   */
  unimpair(words: string): number {
    const choice = impairmentChoice(words);
    // The name has the words that choose.
    const fitting = this.impairments().filter(({ name }) =>
      fitsChoice(readImpairment(`${name} loss`), choice),
    );
    this.world.send(() => fitting.forEach(({ name }) => this.bridge.removeImpairment(name)));
    return fitting.length;
  }

  /** Impairments, and what they have done. */
  impairments(): ImpairmentCounts[] {
    return this.bridge.impairmentCounts();
  }

  /** Lets time pass, for this switch and all that are linked to it. */
  advance(byMs: number): void {
    this.world.advance(byMs);
  }

  /** Stations that the switch knows. */
  stations(): FdbEntry[] {
    return this.bridge.stations(this.nowMs);
  }

  /** Records the frames at all ports from now on, in both directions. */
  record(): Recording {
    const recording = new Recording((ended) => void this.recordings.delete(ended));
    this.recordings.add(recording);
    return recording;
  }

  /**
   * Sends recorded frames into the ports at which they were recorded, with the time between them. Frames that
   * came out of a switch are left out.
   * @param portOf port for a frame; the port with the recorded name unless given
   * @throws TypeError for a name that no port has
   */
  replay(
    frames: readonly RecordedFrame[],
    portOf: (frame: RecordedFrame) => string = ({ port }) => port,
  ): void {
    const incoming = frames.filter(({ direction }) => direction !== 'out');
    const startMs = this.nowMs;
    const startNs = incoming[0]?.timeNs ?? 0n;
    for (const frame of incoming) {
      const dueMs = startMs + Number(frame.timeNs - startNs) / NS_PER_MS;
      if (dueMs > this.nowMs) this.advance(dueMs - this.nowMs);
      this.port(portOf(frame)).send(frame.bytes);
    }
  }

  private claim(address: string): void {
    const bytes = ipField('addresses', address);
    const { arp, nd } = this.bridge.rooms;
    (bytes.length === 4 ? arp : nd).addresses.add(ipKeyOf(bytes), this.nowMs);
  }

  private note(port: string, direction: 'in' | 'out', bytes: Uint8Array): void {
    if (this.recordings.size === 0) return;
    const timeNs = BigInt(Math.round(this.nowMs * NS_PER_MS));
    for (const { frames } of this.recordings) {
      // A copy: whoever sends or takes a frame may write to it afterwards.
      frames.push({ timeNs, port, direction, bytes: Uint8Array.from(bytes) });
    }
  }
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
