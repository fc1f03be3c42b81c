/** The list of protocol rooms, and the tables and facts that a room is made from. */

import { Arp } from '../arp/arp';
import { ARP_COUNTERS } from '../arp/counters';
import { Dhcp } from '../dhcp/dhcp';
import type { Burst } from '../frame/burst';
import type { PortControl } from '../frame/port-control';
import type { CounterText, RoomKind, RoomSink } from '../frame/room';
import { HOOK_DROPS } from '../hooks/counters';
import type { HookWatch } from '../hooks/hook-watch';
import { Hooks } from '../hooks/hooks';
import type { HookNews } from '../hooks/news';
import type { Inspection } from '../hosts/inspection';
import type { AnswerMode, Topology } from '../hosts/known-hosts';
import type { NeighbourOptions } from '../hosts/neighbours';
import type { HostNews } from '../hosts/news';
import type { PortShut } from './shut-ports';
import type { OwnAddresses } from '../hosts/own-addresses';
import { REFUSAL_REASONS } from '../hosts/refusal-reason';
import { LOOP_COUNTERS } from '../loop/counters';
import { LoopGuard, type Traffic } from '../loop/loop-guard';
import type { ImpairmentNews } from '../impair/news';
import type { LoopNews } from '../loop/news';
import { ICMP_COUNTERS } from '../icmp/counters';
import { Icmp } from '../icmp/icmp';
import { ND_COUNTERS } from '../nd/counters';
import { Nd } from '../nd/nd';
import { MCAST_COUNTERS, MCAST_DROPS } from '../mcast/counters';
import { Mcast } from '../mcast/mcast';
import type { McastNews } from '../mcast/news';
import { STP_COUNTERS, STP_DROPS } from '../stp/counters';
import type { StpNews } from '../stp/news';
import { Stp } from '../stp/stp';
import type { MacWords } from '../wire/mac';

/** News of all rooms. */
export type RoomNews =
  ImpairmentNews | HookNews | HostNews | McastNews | StpNews | LoopNews | PortShut;

/** Tables that several rooms of a bridge use, and facts about the bridge. */
export interface House {
  readonly burst: Burst;
  /** MAC of the switch. */
  readonly mac: MacWords;
  readonly topology: Topology;
  /** What a room may do to the ports. */
  readonly ports: PortControl;
  /** Name of a port. */
  readonly portName: (port: number) => string;
  /** What the ports have received. */
  readonly traffic: Traffic;
  /** Random 32-bit numbers that the hosts cannot foretell. */
  readonly random: () => number;
  /** The switch's own addresses. */
  readonly ownIpv4: OwnAddresses;
  readonly ownIpv6: OwnAddresses;
  readonly inspection: Inspection;
  readonly mode: AnswerMode;
  readonly neighbours: NeighbourOptions;
  /** Highest port id, plus one. */
  readonly maxPorts: number;
  /** Seed of hashes: any 32-bit number that the hosts do not know. */
  readonly seed: number;
  /** Reports news to the operator. */
  readonly news: (news: RoomNews) => void;
  /** Watch over the calls of hooks; none by default. */
  readonly watch?: HookWatch | undefined;
  /** Counts for the new room. */
  readonly counters: RoomSink;
}

/** The rooms, one line each, in asking order: if several rooms want a frame, the first is asked first. */
export const ROOM_LIST = {
  inspection: { drops: REFUSAL_REASONS, make: (house: House) => house.inspection },
  arp: { counters: ARP_COUNTERS, make: (house: House) => new Arp(house) },
  nd: { counters: ND_COUNTERS, make: (house: House) => new Nd(house) },
  dhcp: { make: (house: House) => new Dhcp(house) },
  icmp: { counters: ICMP_COUNTERS, make: (house: House) => new Icmp(house) },
  mcast: {
    counters: MCAST_COUNTERS,
    drops: MCAST_DROPS,
    make: (house: House) => new Mcast(house),
  },
  loop: { counters: LOOP_COUNTERS, make: (house: House) => new LoopGuard(house) },
  stp: { counters: STP_COUNTERS, drops: STP_DROPS, make: (house: House) => new Stp(house) },
  // The bridge asks the hooks by itself, in front of all others.
  hooks: { drops: HOOK_DROPS, make: (house: House) => new Hooks(house) },
} satisfies RoomList;

/** Rooms by name. */
export type RoomList = Readonly<Record<string, RoomKind<House>>>;

/** The rooms made from a list, by name. */
export type MadeRooms<List extends RoomList> = {
  readonly [Name in keyof List]: ReturnType<List[Name]['make']>;
};

/** The counters of all rooms of a list. */
export function countersOf(list: RoomList): CounterText[] {
  return Object.values(list).flatMap(({ counters = [] }) => counters);
}

/** The drop reasons of all rooms of a list. */
export function dropsOf(list: RoomList): CounterText[] {
  return Object.values(list).flatMap(({ drops = [] }) => drops);
}
