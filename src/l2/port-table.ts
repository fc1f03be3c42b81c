/**
 * What the bridge knows of its ports, as arrays indexed by port id, so that the hot path loads a
 * number where it would otherwise follow an object. Ids are small and are used again.
 *
 * The table knows nothing of devices; it is told what became of them.
 */

import type { FastLeg } from './fast/leg';
import { ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES } from '../wire/ethernet';

/** What the active topology lets a port do while its link is up (IEEE 802.1Q-2022 8.4). */
export const PortState = {
  /** Switched off by an operator or a protocol. It does what a discarding port does. */
  Disabled: 0,
  /** It neither learns nor forwards. */
  Discarding: 1,
  /** It learns, and does not forward. */
  Learning: 2,
  Forwarding: 3,
} as const;
export type PortState = (typeof PortState)[keyof typeof PortState];

/** What link and state together allow a port, as bits of one word. A port that is down has none. */
export const PortAbility = {
  /** It sends and receives what concerns its link alone. */
  Link: 1,
  /** Source addresses are learned there. */
  Learn: 2,
  /** Frames are forwarded from and to it. */
  Forward: 4,
} as const;

const { Forward, Learn, Link } = PortAbility;

/** What the bridge has to know of a port. All but the name may change while frames flow. */
export interface BridgePortSettings {
  readonly name: string;
  /** Of the interface: the longest payload of an untagged frame, bytes. */
  readonly mtuBytes: number;
  /** Whether super-frames and partial checksums may be handed to it as they are. */
  readonly takesOffloads: boolean;
  readonly isUp: boolean;
  /** Whether it hears every ARP and ND request, also one that the switch answers or directs. */
  readonly hearsRequests?: boolean;
  /** Whether ARP, ND and DHCP from it pass without inspection. */
  readonly isTrusted?: boolean;
  /** What the fast path must know of its interface; `null` where it has none. */
  readonly fastLeg?: FastLeg | null;
}

export class PortTable {
  readonly maxPorts: number;
  /** Ids of the ports that forward, ascending. */
  forwarding: Int32Array = new Int32Array(0);
  /** Ids of the ports that hear every ARP and ND request. */
  requestListeners: readonly number[] = [];
  /** Times that a port began to forward. */
  beganCount = 0;
  /** Port → its `PortState`, also while it is down. */
  private readonly states: Uint8Array;
  /** Port → bits of `PortAbility`, so that one load tells them all. */
  private readonly ableTo: Uint8Array;
  private readonly mtuBytes: Int32Array;
  /** Zero while the port is down, so that one comparison tells most of what egress must know. */
  private readonly longest: Int32Array;
  private readonly offloads: Uint8Array;
  private readonly names: (string | undefined)[] = [];

  constructor(maxPorts: number) {
    this.maxPorts = maxPorts;
    this.states = new Uint8Array(maxPorts);
    this.ableTo = new Uint8Array(maxPorts);
    this.mtuBytes = new Int32Array(maxPorts);
    this.longest = new Int32Array(maxPorts);
    this.offloads = new Uint8Array(maxPorts);
  }

  /** @throws RangeError for an id outside the table or one in use. */
  add(port: number, settings: BridgePortSettings): void {
    if (!Number.isInteger(port) || port < 0 || port >= this.maxPorts) {
      throw new RangeError(`port id ${port}: not in 0 … ${this.maxPorts - 1}`);
    }
    if (this.names[port] !== undefined) throw new RangeError(`port id ${port}: in use`);
    this.names[port] = settings.name;
    this.setOffloads(port, settings.takesOffloads);
    this.setMtu(port, settings.mtuBytes);
    this.setHearsRequests(port, settings.hearsRequests === true);
    this.states[port] = PortState.Forwarding;
    this.setUp(port, settings.isUp);
  }

  remove(port: number): void {
    this.setUp(port, false);
    this.setHearsRequests(port, false);
    this.names[port] = undefined;
  }

  has(port: number): boolean {
    return this.names[port] !== undefined;
  }

  name(port: number): string {
    return this.names[port] ?? `#${port}`;
  }

  ids(): number[] {
    return [...this.names.keys()].filter((port) => this.has(port));
  }

  /** Bits of `PortAbility`. */
  abilities(port: number): number {
    return this.ableTo[port] as number;
  }

  isUp(port: number): boolean {
    return ((this.ableTo[port] as number) & Link) !== 0;
  }

  /** Whether source addresses are learned there: it is up, and learning or forwarding. */
  learns(port: number): boolean {
    return ((this.ableTo[port] as number) & Learn) !== 0;
  }

  /** Whether frames are forwarded from and to it: it is up and forwarding. */
  forwards(port: number): boolean {
    return ((this.ableTo[port] as number) & Forward) !== 0;
  }

  setUp(port: number, isUp: boolean): void {
    this.settle(port, isUp);
    this.setLongest(port);
  }

  /** The state of a port, which is forwarding unless set. A port that is down keeps its state. */
  state(port: number): PortState {
    return this.states[port] as PortState;
  }

  setState(port: number, state: PortState): void {
    this.states[port] = state;
    this.settle(port, this.isUp(port));
  }

  /** Makes what follows from link and state. */
  private settle(port: number, isUp: boolean): void {
    const hadForwarded = this.forwards(port);
    this.ableTo[port] = isUp ? abilitiesIn(this.state(port)) : 0;
    if (this.forwards(port) && !hadForwarded) this.beganCount++;
    this.forwarding = Int32Array.from(this.ids().filter((id) => this.forwards(id)));
  }

  setMtu(port: number, mtuBytes: number): void {
    this.mtuBytes[port] = mtuBytes;
    this.setLongest(port);
  }

  /**
   * A frame may exceed the MTU by the Ethernet header and one tag, and by its outer tag besides, which
   * the bridge looks for where this is exceeded: `is_skb_forwardable`.
   */
  private setLongest(port: number): void {
    const longest = (this.mtuBytes[port] as number) + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
    this.longest[port] = this.isUp(port) ? longest : 0;
  }

  /** The longest frame that the port takes, bytes with the Ethernet header; 0 while it is down. */
  longestFrame(port: number): number {
    return this.longest[port] as number;
  }

  setHearsRequests(port: number, hearsRequests: boolean): void {
    const others = this.requestListeners.filter((listener) => listener !== port);
    this.requestListeners = hearsRequests ? [...others, port] : others;
  }

  takesOffloads(port: number): boolean {
    return this.offloads[port] === 1;
  }

  setOffloads(port: number, takesOffloads: boolean): void {
    this.offloads[port] = takesOffloads ? 1 : 0;
  }
}

function abilitiesIn(state: PortState): number {
  if (state === PortState.Forwarding) return Link | Learn | Forward;
  return state === PortState.Learning ? Link | Learn : Link;
}
