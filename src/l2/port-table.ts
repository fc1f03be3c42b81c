/**
 * What the bridge knows of its ports, as arrays indexed by port id, so that the hot path loads a
 * number where it would otherwise follow an object. Ids are small and are used again.
 *
 * The table knows nothing of devices; it is told what became of them.
 */

import type { FastLeg } from './fast/leg';
import type { PortVlan } from './vlan-table';
import type { SecuritySettings } from './port-security';
import type { StormLimits } from './storm';
import type { RouterMode } from '../mcast/routers';
import type { PortStateWord } from '../frame/port-control';
import type { StpPortSettings } from '../stp/stp';
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

/** States by the words of rooms, in the order of their numbers. */
export const PORT_STATES: readonly PortStateWord[] = [
  'disabled',
  'discarding',
  'learning',
  'forwarding',
];

/**
 * What link, state and flags together allow a port, as bits of one word. A port that is down has none of
 * the first three.
 */
export const PortAbility = {
  /** It sends and receives what concerns its link alone. */
  Link: 1,
  /** Source addresses are learned there. */
  Learn: 2,
  /** Frames are forwarded from and to it. */
  Forward: 4,
  /** No frame goes from it to another port that has this bit. */
  Isolated: 8,
  /** Frames may leave from it that came from it. */
  Hairpin: 16,
  /** It forwards a frame only if the FDB has the source there. */
  Locked: 32,
  /** The bridge filters by VLAN. All ports have this bit, or none. */
  FiltersVlans: 64,
  /** A station that the lock keeps out gets a locked entry of the FDB. */
  Mab: 128,
  /** Its floods are limited: `storm.ts`. */
  Storm: 256,
  /** Not every station may send from it: `port-security.ts`. */
  Secured: 512,
  /** It is the target of a mirror, and takes part in nothing else: `mirrors.ts`. */
  MirrorTarget: 1024,
  /** An impairment takes frames that come from it: `src/impair`. */
  Impaired: 2048,
} as const;

const {
  FiltersVlans,
  Forward,
  Hairpin,
  Impaired,
  Isolated,
  Learn,
  Link,
  Locked,
  Mab,
  MirrorTarget,
} = PortAbility;

/** What a flood may be of, as far as a port may have no part in it. */
export const FLOOD_CLASSES = ['unknown', 'multicast', 'broadcast'] as const;
export type FloodClass = (typeof FLOOD_CLASSES)[number];

/** Flags of a port, as `bridge link set` of iproute2 has them: net/bridge/br_input.c, br_forward.c. */
export interface PortFlags {
  /** Frames never pass between two isolated ports. */
  readonly isolated: boolean;
  /** Source addresses are learned there. */
  readonly learning: boolean;
  /** Frames to a station that the FDB does not have leave from it. */
  readonly flood: boolean;
  /** Frames to a group leave from it, but for broadcasts. */
  readonly mcastFlood: boolean;
  /** Broadcasts leave from it. */
  readonly bcastFlood: boolean;
  /** Frames may leave from it that came from it. */
  readonly hairpin: boolean;
  /** A frame passes only if the FDB has its source there. */
  readonly locked: boolean;
  /** MAC authentication bypass: a station that the lock keeps out gets a locked entry of the FDB. */
  readonly mab: boolean;
}

export const DEFAULT_FLAGS: PortFlags = {
  isolated: false,
  learning: true,
  flood: true,
  mcastFlood: true,
  bcastFlood: true,
  hairpin: false,
  locked: false,
  mab: false,
};

/** What the bridge has to know of a port. All but the name may change while frames flow. */
export interface BridgePortSettings
  extends
    Partial<PortFlags>,
    Partial<StormLimits>,
    Partial<SecuritySettings>,
    Partial<StpPortSettings> {
  readonly name: string;
  /** Whether the port is shut: it is down, whatever its link does. */
  readonly isShut?: boolean;
  /** MTU of the interface: the longest payload of an untagged frame, in bytes. */
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
  /** Whether a multicast router is behind it: 0 never, 1 as it is heard, 2 always. */
  readonly mcastRouter?: RouterMode;
  /** Whether a group ends at once when a host there leaves it. */
  readonly fastLeave?: boolean;
  /** Groups that hosts there may join at most; 0 for no limit. */
  readonly mcastMaxGroups?: number;
  /**
   * MAC of the one station that is behind the port for good, as text: a static entry of the FDB. `null`: no
   * station is.
   */
  readonly hostMac?: string | null;
  /** VLANs that it is a member of; `null`, as unless given: that of the default PVID, untagged. */
  readonly vlans?: readonly PortVlan[] | null;
}

const FLAG_NAMES = Object.keys(DEFAULT_FLAGS) as (keyof PortFlags)[];

const FLAG_OF_CLASS = {
  unknown: 'flood',
  multicast: 'mcastFlood',
  broadcast: 'bcastFlood',
} as const satisfies Record<FloodClass, keyof PortFlags>;

export class PortTable {
  readonly maxPorts: number;
  /** Ids of the ports that forward, ascending. */
  forwarding: Int32Array = new Int32Array(0);
  /** Those of them that have part in a flood. Lists are made when a port changes, not for each frame. */
  readonly floodTo: Record<FloodClass, Int32Array> = {
    unknown: this.forwarding,
    multicast: this.forwarding,
    broadcast: this.forwarding,
  };
  /** Ids of the ports that hear every ARP and ND request. */
  requestListeners: readonly number[] = [];
  /** Times that a port began to forward, or that its flags changed. */
  beganCount = 0;
  /** Rises with each change of the lists above. */
  generation = 0;
  /** Port → its `PortState`, also while it is down. */
  private readonly states: Uint8Array;
  /** Port → bits of `PortAbility`, so that one load tells them all. */
  private readonly ableTo: Uint16Array;
  /** Port → the bits of them that `setGuard` has set. */
  private readonly guards: Uint16Array;
  private readonly mtuBytes: Int32Array;
  /** Zero while the port is down, so that one comparison tells most of what egress must know. */
  private readonly longest: Int32Array;
  /** Port → the longest frame that it takes without a further question; less than any if it is impaired. */
  private readonly unasked: Int32Array;
  /** Port → 1 if it takes super-frames and open checksums. Only `setOffloads` writes it. */
  readonly offloads: Uint8Array;
  /** Port → 1 if an impairment takes frames that leave by it. */
  private readonly impairedOut: Uint8Array;
  private readonly flags: PortFlags[] = [];
  private readonly names: (string | undefined)[] = [];
  private filtersVlans = false;

  constructor(maxPorts: number) {
    this.maxPorts = maxPorts;
    this.states = new Uint8Array(maxPorts);
    this.ableTo = new Uint16Array(maxPorts);
    this.guards = new Uint16Array(maxPorts);
    this.mtuBytes = new Int32Array(maxPorts);
    this.longest = new Int32Array(maxPorts);
    this.unasked = new Int32Array(maxPorts);
    this.impairedOut = new Uint8Array(maxPorts);
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
    this.flags[port] = { ...DEFAULT_FLAGS, ...flagsIn(settings) };
    this.setUp(port, settings.isUp);
  }

  remove(port: number): void {
    this.setUp(port, false);
    this.setHearsRequests(port, false);
    this.names[port] = undefined;
    this.guards[port] = 0;
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

  /** Whether source addresses are learned there: it is up, learning or forwarding, and may learn. */
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

  /** @returns port id → state, for every port */
  stateWords(): Map<number, PortStateWord> {
    return new Map(this.ids().map((port) => [port, PORT_STATES[this.state(port)] ?? 'disabled']));
  }

  flagsOf(port: number): PortFlags {
    return this.flags[port] ?? DEFAULT_FLAGS;
  }

  /** Sets the flags that are given, and no others. */
  setFlags(port: number, settings: Partial<PortFlags>): void {
    const flags = flagsIn(settings);
    if (Object.keys(flags).length === 0) return;
    this.flags[port] = { ...this.flagsOf(port), ...flags };
    // Hosts there may hear now what they have not heard.
    this.beganCount++;
    this.settle(port, this.isUp(port));
  }

  /** Has every port ask for VLANs, or none. */
  setVlanFiltering(isFiltering: boolean): void {
    this.filtersVlans = isFiltering;
    for (const port of this.ids()) this.settle(port, this.isUp(port));
  }

  /** Sets whether what a bit of `PortAbility` stands for must be asked about frames of the port. */
  setGuard(port: number, ability: number, isOn: boolean): void {
    const before = this.guards[port] as number;
    const after = isOn ? before | ability : before & ~ability;
    if (after === before) return;
    this.guards[port] = after;
    this.settle(port, this.isUp(port));
  }

  isLocked(port: number): boolean {
    return this.flagsOf(port).locked;
  }

  /** Whether both ports are isolated: no frame passes between them. */
  areApart(ingress: number, egress: number): boolean {
    const both = (this.ableTo[ingress] as number) & (this.ableTo[egress] as number);
    return (both & Isolated) !== 0;
  }

  /** Makes what follows from link, state and flags. */
  private settle(port: number, isUp: boolean): void {
    const hadForwarded = this.forwards(port);
    const flags = this.flagsOf(port);
    const filters = this.filtersVlans ? FiltersVlans : 0;
    const lasting = bitsOf(flags) | (this.guards[port] as number) | filters;
    const isTarget = (lasting & MirrorTarget) !== 0;
    const state = isTarget ? PortState.Discarding : this.state(port);
    this.ableTo[port] = (isUp ? abilitiesIn(state, flags) : 0) | lasting;
    if (this.forwards(port) && !hadForwarded) this.beganCount++;
    this.forwarding = Int32Array.from(this.ids().filter((id) => this.forwards(id)));
    this.generation++;
    for (const kind of FLOOD_CLASSES) {
      const takers = this.forwarding.filter((id) => this.flagsOf(id)[FLAG_OF_CLASS[kind]]);
      // One list where all have part: the engine loads one array only.
      this.floodTo[kind] = takers.length === this.forwarding.length ? this.forwarding : takers;
    }
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
    this.unasked[port] = this.impairedOut[port] === 1 ? -1 : this.longest[port];
  }

  /** The longest frame that the port takes, bytes with the Ethernet header; 0 while it is down. */
  longestFrame(port: number): number {
    return this.longest[port] as number;
  }

  /** Longest frame that may leave by the port without a further question, bytes; -1 if it is impaired. */
  unaskedBytes(port: number): number {
    return this.unasked[port] as number;
  }

  /** Whether an impairment takes frames that come from the port, or leave by it. */
  isImpaired(port: number): boolean {
    return this.isImpairedOut(port) || ((this.guards[port] as number) & Impaired) !== 0;
  }

  /** Whether an impairment takes frames that leave by the port. */
  isImpairedOut(port: number): boolean {
    return this.impairedOut[port] === 1;
  }

  /** Sets whether an impairment takes frames that leave by the port. */
  setImpairedOut(port: number, isImpaired: boolean): void {
    this.impairedOut[port] = isImpaired ? 1 : 0;
    this.setLongest(port);
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

function abilitiesIn(state: PortState, { learning }: PortFlags): number {
  const learn = learning ? Learn : 0;
  if (state === PortState.Forwarding) return Link | learn | Forward;
  return state === PortState.Learning ? Link | learn : Link;
}

function flagsIn(settings: Partial<PortFlags>): Partial<PortFlags> {
  const given = FLAG_NAMES.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, settings[name]]));
}

function bitsOf({ isolated, hairpin, locked, mab }: PortFlags): number {
  const admission = (locked ? Locked : 0) | (mab ? Mab : 0);
  return (isolated ? Isolated : 0) | (hairpin ? Hairpin : 0) | admission;
}
