/**
 * The room of groups: IGMP and MLD snooping. It reads what hosts and routers say of groups, keeps the group
 * table, and asks for members where the switch is the querier. `Delivery` has the look-up for each frame.
 *
 * Reports and queries that are right travel on (`Delivery` says where to); one that is malformed is dropped.
 * While snooping is off the room wants no frame.
 *
 * With VLAN filtering off there is one table for all, tags or not, as on a Linux bridge; what is behind two tags
 * is no IP for the switch.
 *
 * Source: RFC 4541; RFC 2236, 2710, 3376, 3810; net/bridge/br_multicast.c.
 */

import { FrameFlag, payloadBytesOf, payloadOf, tagsOf, typeOf } from '../frame/burst';
import type { Outbox } from '../frame/outbox';
import type { Room, RoomSink, Wants } from '../frame/room';
import { CONSUMED, PASS, type Verdict, dropBecause } from '../frame/verdict';
import type { OwnAddresses } from '../hosts/own-addresses';
import { ETHER_TYPE_IPV4, getI32, getU16 } from '../wire/ethernet';
import {
  IGMP_BYTES,
  IGMP_GROUP,
  IGMP_QUERY,
  IGMP_RECORD_BYTES,
  IGMPV2_LEAVE,
  IGMPV3_QUERY_BYTES,
  IGMPV3_REPORT,
  MALFORMED,
  PROTOCOL_IGMP,
  PROTOCOL_PIM,
  checkIgmp,
  igmpBytes,
  igmpMaxResponseMs,
  igmpQuerySources,
  igmpRecordCount,
  igmpType,
  isIgmpQueryHeard,
  isIgmpReport,
  isIgmpRouterAdvertisement,
  isIgmpSuppressed,
  isPimHello,
  nextIgmpRecord,
} from '../wire/igmp';
import {
  type IpKey,
  compareIpKeys,
  formatIpKey,
  linkLocalKey,
  newIpKey,
  setIpv4Key,
  setIpv6Key,
} from '../wire/ip-key';
import { PROTOCOL, SOURCE_ADDRESS as IPV4_SOURCE, checkIpv4Header, isFragment } from '../wire/ipv4';
import { NEXT_HEADER, NEXT_HEADER_HOP_BY_HOP, SOURCE_ADDRESS as IPV6_SOURCE } from '../wire/ipv6';
import type { MacWords } from '../wire/mac';
import {
  MLDV1_DONE,
  MLDV2_QUERY_BYTES,
  MLDV2_REPORT,
  MLD_GROUP,
  MLD_QUERY,
  MLD_RECORDS,
  MLD_RECORD_BYTES,
  NOT_MLD,
  findMld,
  isMldQueryHeard,
  isMldRouterAdvertisement,
  isMldSuppressed,
  isPimHelloV6,
  mldBytes,
  mldMaxResponseMs,
  mldQuerySources,
  mldRecordCount,
  mldType,
  nextMldRecord,
} from '../wire/mld';
import { f64At, i32At, u8At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';
import { Asks } from './asks';
import { type Context, type ContextState, Contexts, Family } from './contexts';
import { McastCounter, McastDrop } from './counters';
import { Delivery, isUnpruned } from './delivery';
import type { VlanGroupLimit } from './group-limits';
import { GroupTable } from './group-table';
import { MemberFlag, NO_MEMBER } from './members';
import type { McastNews } from './news';
import { PacketSources } from './packet-sources';
import { NO_SOURCES, RecordType, Records, type SourceList } from './records';
import { RouterMode } from './routers';
import {
  DEFAULT_MCAST_SETTINGS,
  type McastSettings,
  mcastSettingsIn,
  membershipMs,
  querierMs,
  startupMs,
} from './settings';
import { NO_SOURCE, SourceFlag } from './sources';
import { makeIgmpQuery, makeMldQuery } from './speak';
import { type GroupEntry, StaticGroups } from './static-groups';

export interface McastOptions {
  /** The switch's own MAC. */
  readonly mac: MacWords;
  /** The switch's own addresses, from one of which it asks. */
  readonly ownIpv4: OwnAddresses;
  readonly counters: RoomSink;
  readonly news: (news: McastNews) => void;
  readonly maxPorts: number;
  readonly seed: number;
}

/** What the room must know of a port. */
export interface McastPortSettings {
  /** Where a router is, as the port's key `mcast-router` says. */
  readonly mcastRouter?: RouterMode;
  /** Whether what a host behind the port leaves ends at once. */
  readonly fastLeave?: boolean;
  /** Groups that hosts there may join at most; 0 for no limit. */
  readonly mcastMaxGroups?: number;
  /** Groups that hosts there may join at most in some VLANs. */
  readonly mcastVlanLimits?: readonly VlanGroupLimit[];
}

const DEFAULT_PORT_SETTINGS: Required<McastPortSettings> = {
  mcastRouter: RouterMode.Auto,
  fastLeave: false,
  mcastMaxGroups: 0,
  mcastVlanLimits: [],
};

/** What could be said for each frame is said at most this often. */
const NEWS_INTERVAL_MS = 1_000;
const NOTHING: Wants = {};
const MESSAGES: Wants = {
  types: [
    {
      etherType: 0x0800,
      wantsProtocol: (protocol) => protocol === PROTOCOL_IGMP || protocol === PROTOCOL_PIM,
    },
    {
      etherType: 0x86dd,
      wantsProtocol: (header) => header === NEXT_HEADER_HOP_BY_HOP || header === PROTOCOL_PIM,
    },
  ],
  tagged: true,
};
/** Address from which the switch asks without one of its own: 0.0.0.0. */
const ANY_IPV4 = newIpKey();
setIpv4Key(ANY_IPV4, 0);

export class Mcast implements Room {
  readonly table: GroupTable;
  readonly contexts = new Contexts();
  readonly delivery: Delivery;
  readonly staticGroups: StaticGroups;
  settings: McastSettings = DEFAULT_MCAST_SETTINGS;
  private readonly records: Records;
  private readonly asks: Asks;
  private readonly linkLocal: IpKey;
  private readonly fastLeave = new Set<number>();
  /** Port that came up → general queries that it is still to be sent, and when, ms. */
  private readonly startups = new Map<number, { left: number; dueMs: number }>();
  /** Whether settings have changed since the last tick. */
  private isUnsettled = false;
  /** Whether snooping has begun anew since the last tick. */
  private isBeginning = false;
  /** Time of the report that there is no querier, ms. */
  private missingMs = Infinity;
  private quietUntilMs = -Infinity;
  private nowMs = 0;
  /** VLAN of the present frame. */
  private vlan = NO_VLAN;
  private filtersVlans = false;
  private readonly group = newIpKey();
  private readonly source = newIpKey();
  private readonly packetSources = new PacketSources();

  constructor(private readonly options: McastOptions) {
    const { mac, maxPorts, seed } = options;
    this.table = new GroupTable({ maxPorts, seed });
    this.linkLocal = linkLocalKey(mac);
    this.asks = new Asks(this.table, this);
    this.records = new Records(this.table, this.asks);
    this.delivery = new Delivery(this.table, this.contexts);
    this.staticGroups = new StaticGroups(this.table, (member) => this.asks.forget(member));
  }

  get wants(): Wants {
    return this.isOn ? MESSAGES : NOTHING;
  }

  /** Whether groups are delivered to their members only. */
  get isOn(): boolean {
    return this.settings.mcastSnooping;
  }

  // The path of a frame ---------------------------------------------------------------------------

  receive(frame: number, outbox: Outbox): Verdict {
    const { burst } = outbox;
    const isToGroup = (i32At(burst.kind, frame) & FrameFlag.Group) !== 0;
    if (!isToGroup || tagsOf(burst, frame) > 1) return PASS;
    this.nowMs = burst.nowMs;
    this.vlan = i32At(burst.vlan, frame);
    const isIpv4 = typeOf(burst, frame) === ETHER_TYPE_IPV4;
    return isIpv4 ? this.receiveIpv4(frame, outbox) : this.receiveIpv6(frame, outbox);
  }

  private receiveIpv4(frame: number, outbox: Outbox): Verdict {
    const { u8, u16, offset, ingress } = outbox.burst;
    const ip = payloadOf(outbox.burst, frame);
    const lengthBytes = payloadBytesOf(outbox.burst, frame);
    const protocol = u8At(u8, ip + PROTOCOL);
    const port = i32At(ingress, frame);
    if (protocol === PROTOCOL_PIM) {
      const headerBytes = checkIpv4Header(u8, u16, ip, lengthBytes);
      if (headerBytes > 0 && isPimHello(u8, ip, headerBytes)) this.markRouter(Family.Ipv4, port);
      return PASS;
    }
    // Nobody sends fragments of such a message, and a snooper does not put them together.
    if (protocol !== PROTOCOL_IGMP || isFragment(u8, ip)) return PASS;
    const at = checkIgmp(u8, u16, ip, lengthBytes);
    if (at === MALFORMED) return dropBecause(McastDrop.Malformed);
    if (isIgmpRouterAdvertisement(u8, ip, at)) this.markRouter(Family.Ipv4, port);
    if (igmpType(u8, at) === IGMP_QUERY && isIgmpQueryHeard(u8, i32At(offset, frame), ip, at)) {
      this.takeIgmpQuery(u8, ip, at, port);
    }
    if (!isIgmpReport(igmpType(u8, at))) return PASS;
    this.takeIgmpReport(u8, at, port, outbox);
    return this.passReport(Family.Ipv4, port, outbox);
  }

  private receiveIpv6(frame: number, outbox: Outbox): Verdict {
    const { u8, u16, offset, ingress } = outbox.burst;
    const ip = payloadOf(outbox.burst, frame);
    const lengthBytes = payloadBytesOf(outbox.burst, frame);
    const port = i32At(ingress, frame);
    if (u8At(u8, ip + NEXT_HEADER) === PROTOCOL_PIM) {
      if (isPimHelloV6(u8, ip, lengthBytes)) this.markRouter(Family.Ipv6, port);
      return PASS;
    }
    const at = findMld(u8, u16, i32At(offset, frame), ip, lengthBytes);
    if (at === NOT_MLD) return PASS;
    if (at === MALFORMED) return dropBecause(McastDrop.Malformed);
    if (isMldRouterAdvertisement(u8, ip, at)) {
      this.markRouter(Family.Ipv6, port);
      return PASS;
    }
    if (mldType(u8, at) === MLD_QUERY) {
      if (isMldQueryHeard(u8, i32At(offset, frame), ip, at)) this.takeMldQuery(u8, ip, at, port);
      return PASS;
    }
    this.takeMldReport(u8, at, port, outbox);
    return this.passReport(Family.Ipv6, port, outbox);
  }

  /** A report goes to routers alone. Where there is none, the switch is the one that has to hear it. */
  private passReport(family: Family, ingress: number, outbox: Outbox): Verdict {
    const { querier, routers } = this.contextOf(family);
    if (!querier.isKnown(this.nowMs)) return PASS;
    if (routers.ports.some((port) => port !== ingress)) return PASS;
    outbox.reporter?.step('a report is for routers, and there is none behind another port');
    return CONSUMED;
  }

  // Reports ---------------------------------------------------------------------------------------

  private takeIgmpReport(u8: Uint8Array, at: number, port: number, outbox: Outbox): void {
    const type = igmpType(u8, at);
    this.count(type === IGMPV2_LEAVE ? McastCounter.Leave : McastCounter.Report, port);
    if (type !== IGMPV3_REPORT) {
      setIpv4Key(this.group, getI32(u8, at + IGMP_GROUP));
      this.takeOld(type === IGMPV2_LEAVE, port, outbox);
      return;
    }
    let record = at + IGMP_BYTES;
    for (let left = igmpRecordCount(u8, at); left > 0; left--) {
      setIpv4Key(this.group, getI32(u8, record + IGMP_GROUP));
      const count = getU16(u8, record + 2);
      const from = record + IGMP_RECORD_BYTES;
      const list = this.packetSources.set(u8, from, count, Family.Ipv4);
      this.takeRecord(u8At(u8, record), list, port, this.settings.mcastIgmpVersion === 2, outbox);
      record = nextIgmpRecord(u8, record);
    }
  }

  private takeMldReport(u8: Uint8Array, at: number, port: number, outbox: Outbox): void {
    const type = mldType(u8, at);
    this.count(type === MLDV1_DONE ? McastCounter.Leave : McastCounter.Report, port);
    if (type !== MLDV2_REPORT) {
      setIpv6Key(this.group, u8, at + MLD_GROUP);
      this.takeOld(type === MLDV1_DONE, port, outbox);
      return;
    }
    let record = at + MLD_RECORDS;
    for (let left = mldRecordCount(u8, at); left > 0; left--) {
      setIpv6Key(this.group, u8, record + IGMP_GROUP);
      const count = getU16(u8, record + 2);
      const from = record + MLD_RECORD_BYTES;
      const list = this.packetSources.set(u8, from, count, Family.Ipv6);
      this.takeRecord(u8At(u8, record), list, port, this.settings.mcastMldVersion === 1, outbox);
      record = nextMldRecord(u8, record);
    }
  }

  /** Takes a message of IGMPv1, v2 or MLDv1 about `group`. */
  private takeOld(isLeave: boolean, port: number, outbox: Outbox): void {
    if (isUnpruned(this.group)) return;
    if (isLeave) this.leave(port, outbox);
    else this.apply(RecordType.IsExclude, NO_SOURCES, port, outbox);
  }

  /**
   * Takes a record about `group`.
   * @param isOld whether the switch speaks an older version: it then keeps no sources, and takes an empty
   *   include for a leave and any other record for a join, as Linux does
   */
  private takeRecord(
    type: number,
    list: SourceList,
    port: number,
    isOld: boolean,
    outbox: Outbox,
  ): void {
    // A record of an unknown type is passed over: RFC 3376 4.2.12.
    if (type < RecordType.IsInclude || type > RecordType.Block || isUnpruned(this.group)) return;
    const includes = type === RecordType.IsInclude || type === RecordType.ToInclude;
    if (isOld) this.takeOld(includes && list.count === 0, port, outbox);
    else this.apply(type, list, port, outbox);
  }

  private apply(type: number, list: SourceList, port: number, outbox: Outbox): void {
    const { table, group, nowMs } = this;
    const excludes = type === RecordType.IsExclude || type === RecordType.ToExclude;
    const mayJoin = excludes || (list.count > 0 && type !== RecordType.Block);
    const member = mayJoin ? this.ensureMember(port) : table.findMember(group, this.vlan, port);
    if (member === NO_MEMBER) {
      if (mayJoin) this.refuse(port);
      return;
    }
    if (table.members.has(member, MemberFlag.Permanent)) return;
    table.members.set(member, MemberFlag.Star, true);
    this.asks.at(nowMs);
    this.records.apply(type, member, list, {
      nowMs,
      membershipMs: membershipMs(this.settings),
      leavesFast: this.fastLeave.has(port),
    });
    this.asks.send(member, outbox);
    this.removeIfEmpty(member);
  }

  /** Finds or adds the membership of a port in `group`, at the cost of the port that holds most if need be. */
  private ensureMember(port: number): number {
    const { table, group, vlan } = this;
    const member = table.ensureMember(group, vlan, port);
    if (member !== NO_MEMBER) return member;
    const victim = table.victimFor(port, vlan);
    if (victim === NO_MEMBER) return NO_MEMBER;
    this.count(McastCounter.Refused, i32At(table.members.port, victim));
    this.asks.forget(victim);
    table.removeMember(victim);
    return table.ensureMember(group, vlan, port);
  }

  /** Takes a leave for `group`. It ends no list of sources, for the host speaks of the whole group. */
  private leave(port: number, outbox: Outbox): void {
    const { table } = this;
    const { members } = table;
    const member = table.findMember(this.group, this.vlan, port);
    if (member === NO_MEMBER || members.has(member, MemberFlag.Permanent)) return;
    if (!members.has(member, MemberFlag.Exclude)) return;
    if (this.fastLeave.has(port)) {
      this.apply(RecordType.ToInclude, NO_SOURCES, port, outbox);
      return;
    }
    this.asks.at(this.nowMs).group(member);
    this.asks.send(member, outbox);
  }

  private removeIfEmpty(member: number): void {
    if (!this.table.isEmpty(member)) return;
    this.asks.forget(member);
    this.table.removeMember(member);
  }

  private refuse(port: number): void {
    this.count(McastCounter.Refused, port);
    if (this.nowMs < this.quietUntilMs) return;
    this.quietUntilMs = this.nowMs + NEWS_INTERVAL_MS;
    const { table, vlan } = this;
    this.options.news({
      event: 'mcast-refused',
      group: formatIpKey(this.group),
      port,
      groups: table.countOn(port),
      ...(vlan !== NO_VLAN && { vlan, vlanGroups: table.limits.countIn(port, vlan) }),
    });
  }

  // Queries and routers ---------------------------------------------------------------------------

  private takeIgmpQuery(u8: Uint8Array, ip: number, at: number, port: number): void {
    const bytes = igmpBytes(u8, ip);
    const maxResponseMs = igmpMaxResponseMs(u8, at, bytes);
    this.count(McastCounter.Query, port);
    const group = getI32(u8, at + IGMP_GROUP);
    setIpv4Key(this.group, group);
    setIpv4Key(this.source, getI32(u8, ip + IPV4_SOURCE));
    if (group === 0) return this.elect(Family.Ipv4, port, maxResponseMs);
    if (isIgmpSuppressed(u8, at, bytes)) return;
    const count = igmpQuerySources(u8, at, bytes);
    const list = this.packetSources.set(u8, at + IGMPV3_QUERY_BYTES, count, Family.Ipv4);
    this.lower(list, maxResponseMs);
  }

  private takeMldQuery(u8: Uint8Array, ip: number, at: number, port: number): void {
    const bytes = mldBytes(u8, ip, at);
    const maxResponseMs = mldMaxResponseMs(u8, at, bytes);
    this.count(McastCounter.Query, port);
    setIpv6Key(this.group, u8, at + MLD_GROUP);
    setIpv6Key(this.source, u8, ip + IPV6_SOURCE);
    if (this.group[0] === 0) return this.elect(Family.Ipv6, port, maxResponseMs);
    if (isMldSuppressed(u8, at, bytes)) return;
    const count = mldQuerySources(u8, at, bytes);
    const list = this.packetSources.set(u8, at + MLDV2_QUERY_BYTES, count, Family.Ipv6);
    this.lower(list, maxResponseMs);
  }

  /**
   * Takes a general query from `source`. One from 0.0.0.0 is no querier's, yet whoever sends it wants to hear
   * the reports: its port becomes a router port, as on a Linux bridge. RFC 4541 2.1.1 would not have that.
   */
  private elect(family: Family, port: number, maxResponseMs: number): void {
    const { nowMs, settings, source } = this;
    const { querier } = this.contextOf(family);
    if (compareIpKeys(source, ANY_IPV4) === 0) return this.markRouter(family, port);
    const isOther = !querier.isHeard(nowMs) || compareIpKeys(source, querier.heard) !== 0;
    const own = this.ownSource(family, this.vlan);
    if (!querier.query(source, port, maxResponseMs, nowMs, own, settings)) return;
    this.markRouter(family, port);
    if (!isOther || nowMs < this.quietUntilMs) return;
    this.quietUntilMs = nowMs + NEWS_INTERVAL_MS;
    this.options.news({ event: 'mcast-querier', address: formatIpKey(source), port });
  }

  /** Lowers the timers of what another querier asks for: RFC 3376 6.6.1. */
  private lower(list: SourceList, maxResponseMs: number): void {
    const { table, nowMs, settings } = this;
    const untilMs = nowMs + maxResponseMs * settings.mcastLastMemberCount;
    const group = table.find(this.group, this.vlan);
    if (group < 0) return;
    const { members } = table;
    let member = table.firstMember(group);
    for (; member !== NO_MEMBER; member = i32At(members.next, member)) {
      if (members.has(member, MemberFlag.Permanent)) continue;
      if (list.count > 0) this.lowerSources(member, list, untilMs);
      else this.lowerMember(member, untilMs);
    }
  }

  private lowerMember(member: number, untilMs: number): void {
    const { members } = this.table;
    if (f64At(members.dueMs, member) <= untilMs || !members.has(member, MemberFlag.Exclude)) return;
    this.table.setMemberDue(member, untilMs);
  }

  private lowerSources(member: number, list: SourceList, untilMs: number): void {
    const { table, source: key } = this;
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      const source = table.findSource(member, key);
      if (source === NO_SOURCE || table.sources.has(source, SourceFlag.ByHand)) continue;
      if (f64At(table.sources.dueMs, source) > untilMs) table.setSourceDue(member, source, untilMs);
    }
  }

  private markRouter(family: Family, port: number): void {
    this.contextOf(family).routers.mark(port, this.nowMs + querierMs(this.settings));
  }

  private contextOf(family: Family): Context {
    return this.contexts.of(this.vlan, family, this.nowMs, this.settings);
  }

  // Questions of the switch -----------------------------------------------------------------------

  mayLower(vlan: number, group: IpKey, nowMs: number): boolean {
    return this.contexts.find(vlan, familyOf(group))?.querier.isHeard(nowMs) !== true;
  }

  /** Whether the switch is the querier of a group. */
  asksFor(vlan: number, group: IpKey): boolean {
    return this.contexts.find(vlan, familyOf(group))?.querier.isOwn === true;
  }

  /** Sends a query for a group, or for some sources of it, out of one port. */
  send(vlan: number, group: IpKey, sources: readonly IpKey[], port: number, outbox: Outbox): void {
    const { mcastLastMemberIntervalMs: maxResponseMs } = this.settings;
    const frame = this.make(familyOf(group), vlan, maxResponseMs, group, sources, outbox);
    if (frame < 0) return;
    this.count(McastCounter.QuerySent, port);
    outbox.toPort(frame, port);
  }

  /** Makes a general query. @returns the frame, or -1 */
  private makeGeneral({ family, vlan }: Context, outbox: Outbox): number {
    const { mcastQueryResponseIntervalMs: maxResponseMs } = this.settings;
    return this.make(family, vlan, maxResponseMs, undefined, [], outbox);
  }

  private make(
    family: Family,
    vlan: number,
    maxResponseMs: number,
    group: IpKey | undefined,
    sources: readonly IpKey[],
    outbox: Outbox,
  ): number {
    const { settings, options } = this;
    const { mcastQueryIntervalMs: queryIntervalMs } = settings;
    const source = this.ownSource(family, vlan) ?? ANY_IPV4;
    const speaker = { mac: options.mac, source };
    if (family === Family.Ipv6) {
      const version = settings.mcastMldVersion;
      const text = { version, maxResponseMs, queryIntervalMs, isSuppressed: false };
      return inVlan(outbox, vlan, makeMldQuery(outbox, speaker, text, group, sources));
    }
    const version = settings.mcastIgmpVersion;
    const text = { version, maxResponseMs, queryIntervalMs, isSuppressed: false };
    return inVlan(outbox, vlan, makeIgmpQuery(outbox, speaker, text, group, sources));
  }

  /** Address from which the switch asks in a VLAN, if it has one: it has a link-local one always. */
  private ownSource(family: Family, vlan: number): IpKey | undefined {
    if (family === Family.Ipv6) return this.linkLocal;
    const { ownIpv4 } = this.options;
    return ownIpv4.all.find((own) => own.claim.state === 'claimed' && ownIpv4.vlanOf(own) === vlan)
      ?.key;
  }

  // Time ------------------------------------------------------------------------------------------

  get dueMs(): number {
    if (!this.isOn) return this.isUnsettled ? -Infinity : Infinity;
    if (this.isUnsettled) return -Infinity;
    const { table, asks, contexts, settings } = this;
    let dueMs = Math.min(table.dueMs, asks.dueMs, contexts.dueMs(settings), this.missingMs);
    for (const startup of this.startups.values()) dueMs = Math.min(dueMs, startup.dueMs);
    return dueMs;
  }

  tick(nowMs: number, outbox: Outbox): void {
    if (this.isUnsettled) this.settle(nowMs);
    if (!this.isOn) return;
    this.nowMs = nowMs;
    this.table.sweep(nowMs, (member) => this.asks.forget(member));
    this.asks.tick(nowMs, outbox);
    for (const context of this.contexts.all) {
      context.routers.tick(nowMs);
      context.querier.settle(nowMs, this.settings);
      if (context.querier.nextQueryMs <= nowMs) this.askAll(context, outbox);
    }
    for (const [port, startup] of this.startups) this.askNewPort(port, startup, outbox);
    if (nowMs >= this.missingMs) this.tellMissing();
  }

  private askAll(context: Context, outbox: Outbox): void {
    context.querier.sent(this.nowMs, this.settings);
    const frame = this.makeGeneral(context, outbox);
    if (frame >= 0) outbox.toAll(frame);
  }

  /** Asks the hosts of a port that came up, which have missed the last general query. */
  private askNewPort(port: number, startup: { left: number; dueMs: number }, outbox: Outbox): void {
    const { nowMs, settings } = this;
    if (startup.dueMs > nowMs) return;
    for (const context of this.contexts.all) {
      if (!context.querier.isOwn || context.querier.sentMs === nowMs) continue;
      const frame = this.makeGeneral(context, outbox);
      if (frame < 0) continue;
      this.count(McastCounter.QuerySent, port);
      // The room does not know which ports are in a VLAN: all of them are asked.
      if (this.filtersVlans) outbox.toAll(frame);
      else outbox.toPort(frame, port);
    }
    startup.left--;
    startup.dueMs = nowMs + startupMs(settings);
    if (startup.left <= 0) this.startups.delete(port);
  }

  /** Reports once that no querier asks for members. */
  private tellMissing(): void {
    this.missingMs = Infinity;
    const missing = [
      ...(this.contexts.isAsked(Family.Ipv4, this.nowMs) ? [] : ['IPv4']),
      ...(this.contexts.isAsked(Family.Ipv6, this.nowMs) ? [] : ['IPv6']),
    ];
    if (missing.length === 0) return;
    this.options.news({ event: 'mcast-querier-missing', family: missing.join(' and ') });
  }

  // Settings and ports ----------------------------------------------------------------------------

  /** Takes settings while frames flow. What is left out stays as it is. */
  configure(changes: Partial<McastSettings>): void {
    const given = mcastSettingsIn(changes);
    if (Object.keys(given).length === 0) return;
    const before = this.settings;
    this.settings = { ...before, ...given };
    this.table.index.max = this.settings.mcastHashMax;
    this.isUnsettled = true;
    if (this.isOn && before.mcastSnooping) return;
    this.forgetAll();
  }

  /** Forgets what hosts and routers said. What an operator made for good stays. */
  private forgetAll(): void {
    this.contexts.clear();
    this.missingMs = Infinity;
    this.isBeginning = true;
    this.table.forEach((member) => this.forgetMember(member));
  }

  private settle(nowMs: number): void {
    this.isUnsettled = false;
    if (!this.isOn) return;
    const { settings } = this;
    for (const family of [Family.Ipv4, Family.Ipv6] as const) {
      this.contexts.of(NO_VLAN, family, nowMs, settings).querier.settle(nowMs, settings);
    }
    const { mcastQueryIntervalMs, mcastQueryResponseIntervalMs, mcastQuerier } = settings;
    if (this.isBeginning) {
      this.missingMs = nowMs + mcastQueryIntervalMs + mcastQueryResponseIntervalMs;
    }
    if (mcastQuerier) this.missingMs = Infinity;
    this.isBeginning = false;
  }

  /** Takes settings of a port while frames flow. What is left out stays as it is. */
  configurePort(port: number, settings: McastPortSettings): void {
    const { mcastRouter, fastLeave, mcastMaxGroups, mcastVlanLimits } = settings;
    const { limits } = this.table;
    if (mcastRouter !== undefined) {
      this.contexts.setMode(port, mcastRouter === RouterMode.Auto ? undefined : mcastRouter);
    }
    if (fastLeave === true) this.fastLeave.add(port);
    if (fastLeave === false) this.fastLeave.delete(port);
    if (mcastMaxGroups !== undefined) limits.setMax(port, mcastMaxGroups);
    if (mcastVlanLimits !== undefined) limits.setVlanLimits(port, mcastVlanLimits);
  }

  portChanged(port: number, isUp: boolean): void {
    if (!isUp) {
      this.startups.delete(port);
      return this.forgetPort(port);
    }
    const { mcastStartupQueryCount: left } = this.settings;
    if (this.isOn && left > 0) this.startups.set(port, { left, dueMs: -Infinity });
  }

  /** Forgets what was heard behind a port, and that the querier is there. */
  forgetPort(port: number): void {
    this.flushPort(port);
    for (const { querier } of this.contexts.all) querier.forgetPort(port);
    this.isUnsettled ||= this.isOn;
  }

  /** Forgets what was heard behind a port, in the VLANs for which `isLeft` holds, or in all. */
  flushPort(port: number, isLeft: (vlan: number) => boolean = () => true): void {
    const { members, index } = this.table;
    this.contexts.forgetPort(port, isLeft);
    this.table.forEach((member) => {
      if (i32At(members.port, member) !== port) return;
      if (isLeft(index.vlanOf(i32At(members.group, member)))) this.forgetMember(member);
    });
  }

  /**
   * Has hosts asked again, because the topology of the network has changed: what was heard may be behind other ports.
   * Groups are flooded until hosts had the time to answer (RFC 4541 2.1.1, 2.1.2).
   */
  topologyChanged(nowMs: number): void {
    if (!this.isOn) return;
    for (const { querier } of this.contexts.all) {
      querier.restart(nowMs, this.settings);
      querier.settle(nowMs, this.settings);
    }
  }

  /** Has what hosts have said end within a time, unless they say it again. */
  limitAgeing(limitMs: number, nowMs: number): void {
    const { table } = this;
    const untilMs = nowMs + limitMs;
    table.forEach((member) => {
      if (table.members.has(member, MemberFlag.Permanent)) return;
      this.lowerMember(member, untilMs);
      table.lowerSources(member, untilMs);
    });
  }

  /** Sets whether frames belong to VLANs. Groups of other VLANs are forgotten then. */
  setVlanFiltering(isFiltering: boolean): void {
    if (isFiltering === this.filtersVlans) return;
    this.filtersVlans = isFiltering;
    this.isUnsettled = true;
    this.forgetAll();
  }

  /** The VLANs of a port have changed. @param vlans those of the port now */
  vlansChanged(port: number, vlans: readonly number[]): void {
    for (const { group, vlan } of this.staticGroups.settleVlans(port, vlans)) {
      this.group.set(group);
      this.vlan = vlan;
      this.refuse(port);
    }
  }

  portRemoved(port: number): void {
    this.startups.delete(port);
    this.staticGroups.forgetPort(port);
    this.flushPort(port);
    this.configurePort(port, DEFAULT_PORT_SETTINGS);
    this.table.forEach((member) => {
      if (this.table.members.port[member] !== port) return;
      this.asks.forget(member);
      this.table.removeMember(member);
    });
  }

  /** Removes a membership, but for what an operator made for good. */
  private forgetMember(member: number): void {
    this.asks.forget(member);
    this.staticGroups.forgetLearned(member);
  }

  /** Restores what another bridge knows, for a trace. */
  restore(groups: readonly GroupEntry[], contexts: readonly ContextState[], nowMs: number): void {
    this.contexts.restore(contexts, nowMs, this.settings);
    this.staticGroups.restore(groups);
  }

  private count(counter: McastCounter, port: number): void {
    this.options.counters.count(counter, port);
  }
}

/** Gives a frame its VLAN. @returns the frame, or -1 if there is none */
function inVlan(outbox: Outbox, vlan: number, frame: number): number {
  if (frame >= 0) outbox.burst.vlan[frame] = vlan;
  return frame;
}

function familyOf(group: IpKey): Family {
  return group[0] === 0 ? Family.Ipv4 : Family.Ipv6;
}
