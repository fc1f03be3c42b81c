/**
 * The port table: states, flags and limits of the ports, as arrays indexed by port id. The frame path loads a
 * number there, and follows no object. Ids are small, and the id of a removed port is used again.
 *
 * The table has no devices. The port manager writes each change of a device into it.
 */

import { NO_PORT } from '../frame/port-id';
import type { FastLeg } from './fast/leg';
import type { PortVlan } from './vlan-table';
import type { SecuritySettings } from './port-security';
import type { StormLimits } from './storm';
import type { VlanGroupLimit } from '../mcast/group-limits';
import type { RouterMode } from '../mcast/routers';
import type { PortStateWord } from '../frame/port-control';
import type { StpPortSettings } from '../stp/stp';
import { ETHERNET_HEADER_BYTES, VLAN_TAG_BYTES } from '../wire/ethernet';

/** State of a port in the active topology, while its link is up (IEEE 802.1Q-2022 8.4). */
export const PortState = {
  /** The port is switched off by an operator or a protocol. It acts like a discarding port. */
  Disabled: 0,
  /** The port neither learns nor forwards. */
  Discarding: 1,
  /** The port learns, and does not forward. */
  Learning: 2,
  Forwarding: 3,
} as const;
export type PortState = (typeof PortState)[keyof typeof PortState];

/** Names of the states for protocol rooms, in the order of their numbers. */
export const PORT_STATES: readonly PortStateWord[] = [
  'disabled',
  'discarding',
  'learning',
  'forwarding',
];

/**
 * Abilities of a port: bits of one word, made of its link, state and flags. A port that is down has none of
 * the first three.
 */
export const PortAbility = {
  /** The port sends and receives frames that concern its link alone. */
  Link: 1,
  /** Source addresses of frames from the port are learned. */
  Learn: 2,
  /** Frames are forwarded from and to the port. */
  Forward: 4,
  /** No frame goes from the port to another port that has this bit. */
  Isolated: 8,
  /** Frames may leave by the port from which they came. */
  Hairpin: 16,
  /** A frame from the port is forwarded only if the FDB has its source at the port. */
  Locked: 32,
  /** The bridge filters by VLAN. All ports have this bit, or none. */
  FiltersVlans: 64,
  /** A station that a locked port refuses gets a locked entry of the FDB. */
  Mab: 128,
  /** Floods from the port are limited: `storm.ts`. */
  Storm: 256,
  /** The stations that may send from the port are limited: `port-security.ts`. */
  Secured: 512,
  /** The port is the target of a mirror, and has no other part in forwarding: `mirrors.ts`. */
  MirrorTarget: 1024,
  /** An impairment takes frames that come from the port: `src/impair`. */
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

/** Classes of floods. A port can be left out of each. */
export const FLOOD_CLASSES = ['unknown', 'multicast', 'broadcast'] as const;
export type FloodClass = (typeof FLOOD_CLASSES)[number];

/** Flags of a port, as in `bridge link set` of iproute2. Source: net/bridge/br_input.c, br_forward.c. */
export interface PortFlags {
  /** Frames never pass between two isolated ports. */
  readonly isolated: boolean;
  /** Source addresses of frames from the port are learned. */
  readonly learning: boolean;
  /** Frames to a station that the FDB does not have leave by the port. */
  readonly flood: boolean;
  /** Frames to a group leave by the port, except broadcasts. */
  readonly mcastFlood: boolean;
  /** Broadcasts leave by the port. */
  readonly bcastFlood: boolean;
  /** Frames may leave by the port from which they came. */
  readonly hairpin: boolean;
  /** A frame from the port passes only if the FDB has its source at the port. */
  readonly locked: boolean;
  /** MAC authentication bypass: a station that a locked port refuses gets a locked entry of the FDB. */
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

/** Settings of a port of the bridge. All except the name may change while frames flow. */
export interface BridgePortSettings
  extends
    Partial<PortFlags>,
    Partial<StormLimits>,
    Partial<SecuritySettings>,
    Partial<StpPortSettings> {
  readonly name: string;
  /** Whether the port is shut: it is down even if its link is up. */
  readonly isShut?: boolean;
  /** MTU of the interface: the longest payload of an untagged frame, in bytes. */
  readonly mtuBytes: number;
  /** Whether the port takes super-frames and partial checksums. */
  readonly takesOffloads: boolean;
  readonly isUp: boolean;
  /** Whether the port gets every ARP and ND request, also one that the switch answers or directs. */
  readonly hearsRequests?: boolean;
  /** Whether ARP, ND and DHCP from the port pass without inspection. */
  readonly isTrusted?: boolean;
  /** Facts about its interface for the fast path; `null` for a port without one. */
  readonly fastLeg?: FastLeg | null;
  /** Whether a multicast router is behind the port: 0 never, 1 while one is heard, 2 always. */
  readonly mcastRouter?: RouterMode;
  /** Whether a group ends at once when a host there leaves it. */
  readonly fastLeave?: boolean;
  /** Maximum number of groups that hosts at the port may join; 0: no limit. */
  readonly mcastMaxGroups?: number;
  /** Groups that hosts behind it may join at most in some VLANs; none by default. */
  readonly mcastVlanLimits?: readonly VlanGroupLimit[];
  /**
   * MAC of the one station that is always behind the port, as text: a static entry of the FDB. `null`: there is
   * no such station.
   */
  readonly hostMac?: string | null;
  /** Name of the port that takes frames to known stations while this one is down. */
  readonly backup?: string | null;
  /** VLANs of which the port is a member. `null`, the default: the VLAN of the default PVID, untagged. */
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
  /** Ids of the ports that take part in a flood. The lists are made when a port changes, not for each frame. */
  readonly floodTo: Record<FloodClass, Int32Array> = {
    unknown: this.forwarding,
    multicast: this.forwarding,
    broadcast: this.forwarding,
  };
  /** Ids of the ports that get every ARP and ND request. */
  requestListeners: readonly number[] = [];
  /** Number of times that a port began to forward, or that its flags changed. */
  beganCount = 0;
  /** Number of changes of the lists above. */
  generation = 0;
  /** Port → its `PortState`, also while it is down. */
  private readonly states: Uint8Array;
  /** Port → bits of `PortAbility`: one load gets all of them. */
  private readonly ableTo: Uint16Array;
  /** Port → bits of `PortAbility` that `setGuard` has set. */
  private readonly guards: Uint16Array;
  private readonly mtuBytes: Int32Array;
  /** Port → length of its longest frame, bytes; 0 while it is down: one comparison checks length and link. */
  private readonly longest: Int32Array;
  /** Port → length of the longest frame that leaves without another check, bytes; -1 if it is impaired. */
  private readonly unasked: Int32Array;
  /** Port → 1 if it takes super-frames and partial checksums. Only `setOffloads` writes it. */
  readonly offloads: Uint8Array;
  /** Port → 1 if an impairment takes frames that leave by it. */
  private readonly impairedOut: Uint8Array;
  private readonly flags: PortFlags[] = [];
  private readonly names: (string | undefined)[] = [];
  /** Port → name of its backup, and port → id of its backup, or `NO_PORT`. */
  private readonly backupNames: (string | undefined)[] = [];
  private readonly backups: Int32Array;
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
    this.backups = new Int32Array(maxPorts).fill(NO_PORT);
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
    this.setBackup(port, settings.backup ?? null);
  }

  remove(port: number): void {
    this.setUp(port, false);
    this.setHearsRequests(port, false);
    this.names[port] = undefined;
    this.guards[port] = 0;
    this.setBackup(port, null);
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

  /** Whether source addresses are learned at the port: it is up, learning or forwarding, and has the flag `learning`. */
  learns(port: number): boolean {
    return ((this.ableTo[port] as number) & Learn) !== 0;
  }

  /** Whether frames are forwarded from and to the port: it is up and forwarding. */
  forwards(port: number): boolean {
    return ((this.ableTo[port] as number) & Forward) !== 0;
  }

  setUp(port: number, isUp: boolean): void {
    this.settle(port, isUp);
    this.setLongest(port);
  }

  /** State of a port; forwarding by default. A port that is down keeps its state. */
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
    // Hosts at the port may now get frames that they did not get before.
    this.beganCount++;
    this.settle(port, this.isUp(port));
  }

  /** Sets whether VLANs are checked, at every port. */
  setVlanFiltering(isFiltering: boolean): void {
    this.filtersVlans = isFiltering;
    for (const port of this.ids()) this.settle(port, this.isUp(port));
  }

  /** Sets a bit of `PortAbility` that has frames of the port checked by another table. */
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

  /** Whether both ports are isolated: no frame passes between the two. */
  areApart(ingress: number, egress: number): boolean {
    const both = (this.ableTo[ingress] as number) & (this.ableTo[egress] as number);
    return (both & Isolated) !== 0;
  }

  /** Makes abilities and lists from link, state and flags. */
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
      // One list if all ports take part: the engine then loads one array only.
      this.floodTo[kind] = takers.length === this.forwarding.length ? this.forwarding : takers;
    }
  }

  setMtu(port: number, mtuBytes: number): void {
    this.mtuBytes[port] = mtuBytes;
    this.setLongest(port);
  }

  /**
   * Sets the length of the longest frame. A frame may exceed the MTU by the Ethernet header and one tag, and also by
   * its outer tag. The bridge looks for that tag only in a longer frame. Source: `is_skb_forwardable`.
   */
  private setLongest(port: number): void {
    const longest = (this.mtuBytes[port] as number) + ETHERNET_HEADER_BYTES + VLAN_TAG_BYTES;
    this.longest[port] = this.isUp(port) ? longest : 0;
    this.unasked[port] = this.impairedOut[port] === 1 ? -1 : this.longest[port];
  }

  /** Length of the longest frame that the port takes, bytes with the Ethernet header; 0 while it is down. */
  longestFrame(port: number): number {
    return this.longest[port] as number;
  }

  /** Length of the longest frame that leaves by the port without another check, bytes; -1 if it is impaired. */
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

  /**
   * Id of the port that takes frames to known stations while this one is down, or `NO_PORT`. Source: `br_forward` in
   * net/bridge/br_forward.c.
   */
  backupOf(port: number): number {
    return this.backups[port] as number;
  }

  /** @param name `null` for none; it may be the name of a port that comes later */
  setBackup(port: number, name: string | null): void {
    this.backupNames[port] = name ?? undefined;
    for (const id of this.ids()) {
      const backup = this.backupNames[id];
      this.backups[id] = backup === undefined ? NO_PORT : this.names.indexOf(backup);
    }
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
