/** The list of protocol rooms, and what a room may be made of. */

import { Arp } from '../arp/arp';
import { ARP_COUNTERS } from '../arp/counters';
import { Dhcp } from '../dhcp/dhcp';
import type { CounterText, RoomKind, RoomSink } from '../frame/room';
import type { Inspection } from '../hosts/inspection';
import type { AnswerMode, Topology } from '../hosts/known-hosts';
import type { NeighbourOptions } from '../hosts/neighbours';
import type { HostNews } from '../hosts/news';
import type { PortShut } from './shut-ports';
import type { OwnAddresses } from '../hosts/own-addresses';
import { REFUSAL_REASONS } from '../hosts/refusal-reason';
import { ICMP_COUNTERS } from '../icmp/counters';
import { Icmp } from '../icmp/icmp';
import { ND_COUNTERS } from '../nd/counters';
import { Nd } from '../nd/nd';
import type { MacWords } from '../wire/mac';

/** All that rooms tell the operator. */
export type RoomNews = HostNews | PortShut;

/** What a bridge has for its rooms: tables that several of them use, and facts. */
export interface House {
  /** The switch's own MAC. */
  readonly mac: MacWords;
  readonly topology: Topology;
  /** The switch's own addresses. */
  readonly ownIpv4: OwnAddresses;
  readonly ownIpv6: OwnAddresses;
  readonly inspection: Inspection;
  readonly mode: AnswerMode;
  readonly neighbours: NeighbourOptions;
  /** Tells the operator. */
  readonly news: (news: RoomNews) => void;
  /** Counts for the room that is being made. */
  readonly counters: RoomSink;
}

/** One line a room, in the order in which they are asked about a frame that several want. */
export const ROOM_LIST = {
  inspection: { drops: REFUSAL_REASONS, make: (house: House) => house.inspection },
  arp: { counters: ARP_COUNTERS, make: (house: House) => new Arp(house) },
  nd: { counters: ND_COUNTERS, make: (house: House) => new Nd(house) },
  dhcp: { make: (house: House) => new Dhcp(house) },
  icmp: { counters: ICMP_COUNTERS, make: (house: House) => new Icmp(house) },
} satisfies RoomList;

/** Rooms by name. */
export type RoomList = Readonly<Record<string, RoomKind<House>>>;

/** The rooms that a list makes, by name. */
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
