/**
 * The protocol rooms of one bridge, and the choice of the rooms that are asked about a frame.
 *
 * Two tables make the choice. They lead to short lists of rooms. The first has an entry for each EtherType,
 * once for frames to the switch's own MAC and once for all others. For IP it may lead to the second table,
 * by protocol or first header. So a frame that no room wants costs one load. The tables are made from the
 * wants of the rooms, at the start and after each change of settings.
 */

import type { Arp } from '../arp/arp';
import { linkLocalKey } from '../wire/ip-key';
import { NEXT_HEADER } from '../wire/ipv6';
import { PROTOCOL } from '../wire/ipv4';
import type { MacWords } from '../wire/mac';
import { i32At, u8At } from '../wire/read';
import { etherTypeWord } from '../wire/ethernet';
import { type Burst, FrameFlag, payloadOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { PortControl } from '../frame/port-control';
import type { CounterText, Room, RoomSink, WantedType } from '../frame/room';
import { CONSUMED, PASS, type Verdict, dropReasonOf, isDrop } from '../frame/verdict';
import { Inspection } from '../hosts/inspection';
import { HookDrop } from '../hooks/counters';
import type { HookWatch } from '../hooks/hook-watch';
import type { Hooks } from '../hooks/hooks';
import type { AnswerMode, Topology } from '../hosts/known-hosts';
import type { NeighbourOptions } from '../hosts/neighbours';
import { OwnAddresses } from '../hosts/own-addresses';
import type { Mcast } from '../mcast/mcast';
import type { Nd } from '../nd/nd';
import type { LoopGuard, Traffic } from '../loop/loop-guard';
import type { Stp } from '../stp/stp';
import type { Counters } from './counters';
import { type House, type MadeRooms, ROOM_LIST, type RoomList, type RoomNews } from './room-list';
import type { BridgePortSettings } from './port-table';
import type { BridgeSettings } from './settings';
import { tellRoomDrop } from './trace-steps';

export interface RoomOptions {
  /** Treatment of requests for known hosts: `answer` by default. */
  readonly arp?: AnswerMode;
  /** Lifetime and maximum number of the bindings of each family. */
  readonly neighbours?: NeighbourOptions;
  /** Receives news of rooms: of own addresses, of doubtful bindings, of frames that inspection denies. */
  readonly news?: (news: RoomNews) => void;
  /** Whether inspection is on: ports that are not trusted are inspected. */
  readonly inspect?: boolean;
  /** Watch over the calls of hooks; none by default. */
  readonly hookWatch?: HookWatch;
  /**
   * Random 32-bit numbers, signed, that nobody can foretell. By default they follow from the seed, so that a test
   * gives the same numbers each time.
   */
  readonly random?: () => number;
  /** Rooms besides those of the list. They are asked last. */
  readonly extraRooms?: RoomList;
}

/** Facts and tables that the rooms get from their bridge. */
export interface RoomSurroundings {
  readonly burst: Burst;
  readonly mac: MacWords;
  readonly counters: Counters;
  readonly topology: Topology;
  readonly ports: PortControl;
  /** Name of a port. */
  readonly portName: (port: number) => string;
  readonly traffic: Traffic;
  readonly maxPorts: number;
  readonly seed: number;
}

/** A room, and the numbers that the bridge keeps for it. */
interface Member {
  readonly room: Room;
  readonly drops: readonly CounterText[];
  readonly sink: RoomSink;
}

/** A room and one EtherType that it wants. */
interface Request {
  readonly member: Member;
  readonly wanted: WantedType;
}

/** Constants of this module: V8 folds them, and loads an import anew for each frame. */
const { Tagged, ToSwitch } = FrameFlag;
const UNWANTED = PASS;
/** The part of a frame's kind that is its EtherType. */
const TYPE_MASK = 0xffff;
/** Added to an EtherType in memory order for frames to the switch's own MAC. */
const TO_SWITCH = 0x10000;
/** Shift that turns the flag in a frame's kind into `TO_SWITCH`. */
const TO_SWITCH_SHIFT = 7;
const RESERVED_ADDRESSES = 16;
const PROTOCOLS = 0x100;
/** Number of the empty list of rooms. */
const NOBODY = 0;
/** Maximum number of lists: a list has its number in a byte. */
const MAX_LISTS = 0x100;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;

export class Rooms {
  readonly inspection: Inspection;
  private readonly made: MadeRooms<typeof ROOM_LIST>;
  private readonly members: readonly Member[];
  /** The room of the hooks, which the bridge asks by itself. */
  private readonly hookMember: readonly Member[];
  /** EtherType in memory order, plus `TO_SWITCH` → list of rooms. */
  private readonly byType = new Uint8Array(2 * TO_SWITCH);
  /** List of rooms → its members, in asking order. */
  private lists: (readonly Member[])[] = [[]];
  /** List of rooms → the lists by protocol that replace it; absent if it holds for every protocol. */
  private byProtocol: (Uint8Array | undefined)[] = [undefined];
  /** List of rooms that has `byProtocol` → offset of the protocol in the IP header. */
  private protocolAt: number[] = [0];
  /** The list of rooms that want frames behind VLAN tags. */
  private tagged = NOBODY;
  /** Rooms that want frames to 01-80-C2-00-00-0X, by X. */
  private byReserved: (readonly Member[])[] = [];

  constructor(options: RoomOptions, surroundings: RoomSurroundings) {
    const { burst, counters, mac, topology, ports, portName, traffic, ...size } = surroundings;
    const news = options.news ?? ((): void => undefined);
    this.inspection = new Inspection({ ...size, sink: counters.sinkOf('inspection'), news });
    if (options.inspect === true) this.inspection.begin();
    const house = {
      burst,
      mac,
      topology,
      ports,
      portName,
      watch: options.hookWatch,
      traffic,
      random: options.random ?? numbersFrom(size.seed),
      ownIpv4: new OwnAddresses({ news }),
      ownIpv6: new OwnAddresses({ news, companion: linkLocalKey(mac) }),
      inspection: this.inspection,
      mode: options.arp ?? 'answer',
      neighbours: { ...size, ...options.neighbours },
      ...size,
      news,
    };
    const list: RoomList = { ...ROOM_LIST, ...options.extraRooms };
    const made = new Map(
      Object.entries(list).map(([name, kind]) => [name, enter(name, kind, house, counters)]),
    );
    this.members = [...made.values()];
    this.hookMember = [made.get('hooks') as Member];
    this.made = Object.fromEntries(
      [...made].map(([name, { room }]) => [name, room]),
    ) as unknown as MadeRooms<typeof ROOM_LIST>;
    this.makeTables();
  }

  get hooks(): Hooks {
    return this.made.hooks;
  }

  get arp(): Arp {
    return this.made.arp;
  }

  get nd(): Nd {
    return this.made.nd;
  }

  get mcast(): Mcast {
    return this.made.mcast;
  }

  get loop(): LoopGuard {
    return this.made.loop;
  }

  get stp(): Stp {
    return this.made.stp;
  }

  // Settings ------------------------------------------------------------------------------------

  /** Takes settings while frames flow. Settings that are left out stay as they are. */
  configure(settings: Partial<BridgeSettings>): void {
    const { arp, neighLifeMs, inspect } = settings;
    this.stp.configure(settings);
    this.loop.configure(settings);
    this.mcast.configure(settings);
    if (arp !== undefined || neighLifeMs !== undefined) {
      this.arp.hosts.setRules(arp, neighLifeMs);
      this.nd.hosts.setRules(arp, neighLifeMs);
    }
    const { inspection } = this;
    if (inspect === true && !inspection.isOn) {
      inspection.begin();
      // Bindings from before inspection are forgotten, because nothing confirmed them.
      this.flushNeighbours();
    }
    if (inspect === false && inspection.isOn) inspection.end();
    this.makeTables();
  }

  /** Takes settings of a port. What is left out stays as it is. */
  configurePort(port: number, settings: Partial<BridgePortSettings>): void {
    if (settings.isTrusted !== undefined) this.setTrusted(port, settings.isTrusted);
    this.stp.configurePort(port, settings);
  }

  /** Marks the port as trusted or not. Bindings that were learned on a port that loses trust are forgotten. */
  setTrusted(port: number, isTrusted: boolean): void {
    const { inspection } = this;
    const wasBelieved = inspection.trusts(port);
    inspection.setTrusted(port, isTrusted);
    if (wasBelieved && !inspection.trusts(port)) this.flushNeighbours(port);
  }

  /** See `OwnAddresses.setVlans`. */
  setVlans(filtersVlans: boolean, homeVlan: number): void {
    this.arp.addresses.setVlans(filtersVlans, homeVlan);
    this.nd.addresses.setVlans(filtersVlans, homeVlan);
    this.mcast.setVlanFiltering(filtersVlans);
  }

  // Frames --------------------------------------------------------------------------------------

  /**
   * Asks the rooms that want a classified frame, until one returns another verdict than `PASS`.
   * @returns the verdict for the bridge; a frame that a room drops is counted, and `CONSUMED`
   */
  ask(frame: number, outbox: Outbox): Verdict {
    const kind = outbox.burst.kind[frame] as number;
    const list =
      (kind & Tagged) === 0
        ? (this.byType[(kind & TYPE_MASK) | ((kind & ToSwitch) >> TO_SWITCH_SHIFT)] as number)
        : this.tagged;
    return list === NOBODY ? UNWANTED : this.askList(frame, list, outbox);
  }

  /** Asks the hooks, while one of them is on. @returns `PASS`, or `CONSUMED` for a frame whose trip has ended */
  askHooks(frame: number, outbox: Outbox): Verdict {
    return askEach(this.hookMember, frame, outbox);
  }

  /**
   * Switches off the hook whose call was ended from outside.
   * @returns the frame that it was asked about, which is dropped; -1 if there is none
   */
  endHook(why: string, outbox: Outbox): number {
    const frame = this.hooks.interrupted(why);
    if (frame >= 0) drop(this.hookMember[0] as Member, frame, HookDrop.Failed, outbox);
    return frame;
  }

  /**
   * Asks the rooms that want frames to a reserved address.
   * @param nibble X of 01-80-C2-00-00-0X
   */
  askReserved(frame: number, nibble: number, outbox: Outbox): Verdict {
    return askEach(this.byReserved[nibble] as readonly Member[], frame, outbox);
  }

  private askList(frame: number, list: number, outbox: Outbox): Verdict {
    const protocols = this.byProtocol[list];
    if (protocols === undefined) return this.askMembers(frame, list, outbox);
    const { burst } = outbox;
    const protocol = u8At(burst.u8, payloadOf(burst, frame) + (this.protocolAt[list] as number));
    const wanting = u8At(protocols, protocol);
    return wanting === NOBODY ? PASS : this.askMembers(frame, wanting, outbox);
  }

  private askMembers(frame: number, list: number, outbox: Outbox): Verdict {
    return askEach(this.lists[list] as readonly Member[], frame, outbox);
  }

  // Time and ports ------------------------------------------------------------------------------

  tick(nowMs: number, outbox: Outbox): void {
    for (const { room } of this.members) room.tick?.(nowMs, outbox);
  }

  /** Time of the next work of a room; `Infinity` for never. */
  get dueMs(): number {
    let dueMs = Infinity;
    for (const { room } of this.members) dueMs = Math.min(dueMs, room.dueMs ?? Infinity);
    return dueMs;
  }

  /** Notes that the port was added, or went up or down. */
  portChanged(port: number, isUp: boolean): void {
    for (const { room } of this.members) room.portChanged?.(port, isUp);
  }

  /** Notes that the port was removed, and that its id will be reused. */
  portRemoved(port: number): void {
    for (const { room } of this.members) room.portRemoved?.(port);
  }

  /** Forgets the learned hosts of one port or all, and of these one VLAN or all. @returns the number of bindings */
  flushNeighbours(port?: number, vlan?: number): number {
    return this.arp.neighbours.flush(port, vlan) + this.nd.neighbours.flush(port, vlan);
  }

  // Tables --------------------------------------------------------------------------------------

  private makeTables(): void {
    this.lists = [[]];
    this.byProtocol = [undefined];
    this.protocolAt = [0];
    this.byType.fill(NOBODY);
    for (const [etherType, requests] of requestsByType(this.members)) {
      const type = etherTypeWord(etherType);
      const notToSwitch = requests.filter(({ wanted }) => wanted.isToSwitchOnly !== true);
      this.byType[type] = this.listOf(etherType, notToSwitch);
      this.byType[type + TO_SWITCH] = this.listOf(etherType, requests);
    }
    this.tagged = this.numberOf(this.members.filter(({ room }) => room.wants.tagged === true));
    this.byReserved = Array.from({ length: RESERVED_ADDRESSES }, (_, nibble) =>
      this.members.filter(({ room }) => (((room.wants.reserved ?? 0) >> nibble) & 1) === 1),
    );
  }

  /** The list of rooms that want frames of this EtherType. */
  private listOf(etherType: number, requests: readonly Request[]): number {
    const everybody = this.numberOf(requests.map(({ member }) => member));
    if (requests.every(({ wanted }) => wanted.wantsProtocol === undefined)) return everybody;
    const isIpv4 = etherType === ETHER_TYPE_IPV4;
    if (!isIpv4 && etherType !== ETHER_TYPE_IPV6) throw new TypeError('only IP has protocols');
    const lists = Uint8Array.from({ length: PROTOCOLS }, (_, protocol) =>
      this.numberOf(
        requests
          .filter(({ wanted }) => wanted.wantsProtocol?.(protocol) !== false)
          .map(({ member }) => member),
      ),
    );
    const list = this.addList([], lists);
    this.protocolAt[list] = isIpv4 ? PROTOCOL : NEXT_HEADER;
    return list;
  }

  /** The number of a list of rooms. A new list gets one. */
  private numberOf(members: readonly Member[]): number {
    const isSame = (list: readonly Member[]): boolean =>
      list.length === members.length && list.every((member, index) => member === members[index]);
    const known = this.lists.findIndex((list, at) => isSame(list) && !this.byProtocol[at]);
    return known >= 0 ? known : this.addList(members, undefined);
  }

  private addList(members: readonly Member[], byProtocol: Uint8Array | undefined): number {
    if (this.lists.length === MAX_LISTS) throw new RangeError('too many combinations of rooms');
    this.byProtocol.push(byProtocol);
    return this.lists.push(members) - 1;
  }
}

/** Numbers that follow from a seed: the generator mulberry32. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return mixed ^ (mixed >>> 14);
  };
}

/** EtherType → the requests for it, in asking order. */
function requestsByType(members: readonly Member[]): Map<number, Request[]> {
  const requests = new Map<number, Request[]>();
  for (const member of members) {
    for (const wanted of member.room.wants.types ?? []) {
      const { etherType } = wanted;
      requests.set(etherType, [...(requests.get(etherType) ?? []), { member, wanted }]);
    }
  }
  return requests;
}

function enter(
  name: string,
  kind: RoomList[string],
  house: Omit<House, 'counters'>,
  counters: Counters,
): Member {
  const sink = counters.sinkOf(name);
  return { room: kind.make({ ...house, counters: sink }), drops: kind.drops ?? [], sink };
}

function askEach(members: readonly Member[], frame: number, outbox: Outbox): Verdict {
  for (let index = 0; index < members.length; index++) {
    const member = members[index] as Member;
    const verdict = member.room.receive(frame, outbox);
    if (isDrop(verdict)) return drop(member, frame, dropReasonOf(verdict), outbox);
    if (verdict !== PASS) return verdict;
  }
  return PASS;
}

/** Counts a frame that a room drops, at its ingress port. */
function drop({ drops, sink }: Member, frame: number, reason: number, outbox: Outbox): Verdict {
  const port = i32At(outbox.burst.ingress, frame);
  sink.drop(reason, port);
  const text = drops[reason];
  if (text !== undefined && outbox.reporter !== undefined) {
    tellRoomDrop(outbox.reporter, port, text);
  }
  return CONSUMED;
}
