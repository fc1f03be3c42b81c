/**
 * Bridges whose spanning trees are linked to each other in simulated time, without any frames but BPDUs. A LAN is
 * a shared medium: what one port sends reaches every other port on it that is up, as bytes, in order.
 */

import { BPDU_FRAME_BYTES, BpduCheck, newBpdu, readBpdu, writeBpdu } from '../../src/wire/bpdu';
import {
  DEFAULT_TREE_SETTINGS,
  SpanningTree,
  type TreeSettings,
} from '../../src/stp/spanning-tree';
import type { TreePortSettings, TreePortState } from '../../src/stp/tree-port';

export type Protocol = TreeSettings['protocol'];

export interface LinkedPort {
  readonly number: number;
  lan: string | null;
  isUp: boolean;
  isDeaf: boolean;
  state: TreePortState;
}

interface Sent {
  readonly from: LinkedBridge;
  readonly port: LinkedPort;
  readonly bytes: Uint8Array;
}

export interface LoggedState {
  readonly at: number;
  readonly port: number;
  readonly state: TreePortState;
}

const DEFAULT_PORT: Omit<TreePortSettings, 'number'> = {
  ...{ priority: 128, cost: 200_000, adminEdge: false, autoEdge: true, pointToPoint: true },
  ...{ bpduGuard: false, bpduFilter: false, rootGuard: false, tcnGuard: false },
};

export class LinkedBridge {
  readonly tree: SpanningTree;
  readonly ports = new Map<number, LinkedPort>();
  readonly states: LoggedState[] = [];
  readonly flushes: { readonly at: number; readonly port: number }[] = [];
  readonly sent: { readonly at: number; readonly port: number; readonly isRst: boolean }[] = [];

  constructor(
    readonly network: StpNetwork,
    readonly name: string,
    address: number,
    settings: TreeSettings,
  ) {
    this.tree = new SpanningTree(settings, address, {
      setState: (port, state) => this.setState(port, state),
      flush: (port) => void this.flushes.push({ at: network.now, port }),
      transmit: (port, bpdu) => {
        const linked = this.portOf(port);
        const bytes = new Uint8Array(BPDU_FRAME_BYTES).fill(0xa5);
        writeBpdu(bytes, new Uint16Array(bytes.buffer), 0, 2, 0, bpdu);
        this.sent.push({ at: network.now, port, isRst: bytes[19] === 2 });
        network.queue.push({ from: this, port: linked, bytes });
      },
      roleChanged: () => undefined,
      rootChanged: () => undefined,
      topologyChangeIs: () => undefined,
      topologyChanged: () => undefined,
      shut: () => undefined,
    });
  }

  private setState(port: number, state: TreePortState): void {
    this.portOf(port).state = state;
    this.states.push({ at: this.network.now, port, state });
    this.network.stateChanged();
  }

  portOf(number: number): LinkedPort {
    const port = this.ports.get(number);
    if (port === undefined) throw new Error(`${this.name} has no port ${number}`);
    return port;
  }

  addPort(number: number, settings: Partial<TreePortSettings> = {}): LinkedPort {
    const port: LinkedPort = { number, lan: null, isUp: false, isDeaf: false, state: 'disabled' };
    this.ports.set(number, port);
    this.tree.addPort(number, { ...DEFAULT_PORT, number, ...settings });
    return port;
  }

  setLinks(numbers: readonly number[], isUp: boolean): void {
    for (const number of numbers) this.portOf(number).isUp = isUp;
    this.tree.setLinks(numbers, isUp);
  }

  hear(port: LinkedPort, bytes: Uint8Array): void {
    if (!port.isUp || port.isDeaf) return;
    const bpdu = newBpdu();
    const check = readBpdu(bytes, 0, bytes.length, this.tree.rstpVersion, bpdu);
    if (check === BpduCheck.Ok) this.tree.receive(port.number, bpdu);
  }
}

export class StpNetwork {
  now = 0;
  readonly bridges = new Map<string, LinkedBridge>();
  readonly queue: Sent[] = [];
  readonly silent = new Set<string>();
  /** Called after every change of a state. */
  stateChanged: () => void = () => undefined;

  add(name: string, address: number, settings: Partial<TreeSettings>): LinkedBridge {
    const whole: TreeSettings = { ...DEFAULT_TREE_SETTINGS, protocol: 'rstp', ...settings };
    const bridge = new LinkedBridge(this, name, address, whole);
    this.bridges.set(name, bridge);
    return bridge;
  }

  bridge(name: string): LinkedBridge {
    const bridge = this.bridges.get(name);
    if (bridge === undefined) throw new Error(`no bridge ${name}`);
    return bridge;
  }

  /** Delivers everything that is under way, and what follows from it. */
  deliver(): void {
    for (let count = 0; this.queue.length > 0; count++) {
      if (count === 100_000) throw new Error('the bridges do not stop sending');
      const sent = this.queue.shift();
      if (sent !== undefined) this.deliverOne(sent);
    }
  }

  deliverOne({ from, port, bytes }: Sent): void {
    const { lan } = port;
    if (lan === null || this.silent.has(lan)) return;
    for (const bridge of this.bridges.values()) {
      for (const other of bridge.ports.values()) {
        if (other.lan === lan && !(bridge === from && other === port)) bridge.hear(other, bytes);
      }
    }
  }

  /** One second passes: first everything under way arrives. */
  second(): void {
    this.deliver();
    this.now++;
    for (const { tree } of this.bridges.values()) tree.tick();
    this.deliver();
  }

  run(seconds: number): void {
    for (let index = 0; index < seconds; index++) this.second();
  }
}

/** An address of the tables, with the local bit, as a 48-bit number. */
export function treeAddress(text: string): number {
  const address = parseInt(text.replaceAll(':', ''), 16);
  return address < 0x0200_0000_0000 ? address + 0x0200_0000_0000 : address;
}

/** The state of a port in the words of a protocol. */
export function stateWord(bridge: LinkedBridge, number: number, protocol: Protocol): string {
  const { role, state } = bridge.tree.port(number) ?? { role: 'disabled', state: 'disabled' };
  if (state !== 'discarding' || protocol === 'rstp') return state;
  return role === 'root' || role === 'designated' ? 'listening' : 'blocking';
}
