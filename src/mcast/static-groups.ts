/**
 * Groups that an operator adds, replaces and removes (`tapctl mdb`), and the list of what is in the table. An
 * entry is permanent, so that no report and no timer changes it, or temporary, as if a host had joined.
 *
 * An entry is of a group, (*,G), with a list of sources that it includes or excludes; or of one source of a
 * group, (S,G). A group MAC that is no IP group has permanent entries only.
 *
 * Source: `br_mdb_add`, `br_mdb_del`, `br_mdb_flush` in net/bridge/br_mdb.c, whose refusals these are.
 */

import { formatIpKey, ipKeyOf, isSameIpKey, ipv4OfKey, newIpKey } from '../wire/ip-key';
import { parseIpAddress } from '../wire/ip-text';
import type { IpKey } from '../wire/ip-key';
import { isGroupIpv4 } from '../wire/igmp';
import { formatMac, parseMac } from '../wire/mac';
import { f64At, i32At } from '../wire/read';
import { isUnpruned } from './delivery';
import { EveryVlanGroups } from './every-vlan-groups';
import { type GroupTable, isMacKey, setMacKey } from './group-table';
import { MemberFlag, NO_MEMBER } from './members';
import { BLOCKED, MAX_SOURCES_EACH, NO_SOURCE, SourceFlag } from './sources';

export type FilterMode = 'include' | 'exclude';

/** An entry as an operator wants it. */
export interface WantedGroup {
  readonly port: number;
  readonly vlan: number;
  /** The group; `setMacKey` makes one of a group MAC. */
  readonly group: IpKey;
  /** The source of an (S,G). */
  readonly source?: IpKey;
  readonly isPermanent: boolean;
  /** Effect of the source list of a (*,G). Absent: the entry excludes, and has no list. */
  readonly mode?: FilterMode;
  readonly sources?: readonly IpKey[];
  /** Whether it takes the place of an entry that is there. */
  readonly isReplacing?: boolean;
}

/** What is to be removed: all that is given must match. */
export interface GroupFilter {
  readonly port?: number;
  readonly vlan?: number;
  readonly isPermanent?: boolean;
}

/** An entry of the table. */
export interface GroupEntry {
  readonly port: number;
  readonly vlan: number;
  readonly group: string;
  /** The source of an (S,G). */
  readonly source?: string;
  readonly isPermanent: boolean;
  /** Whether an operator made it. */
  readonly isByHand: boolean;
  readonly mode: FilterMode;
  /** Whether the port does not get the source of this (S,G). */
  readonly isBlocked: boolean;
  /** Sources of a (*,G), each with the time for which it is forwarded still, ms; 0: it is not. */
  readonly sources: readonly { readonly address: string; readonly leftMs: number }[];
  /** Milliseconds until it ends; absent if it does not. */
  readonly leftMs?: number;
}

const { ByHand: MemberByHand, Exclude, Permanent, Star } = MemberFlag;

export class StaticGroups {
  private readonly everyVlan = new EveryVlanGroups();
  private readonly key = newIpKey();
  private readonly groupKey = newIpKey();

  /** @param forget called before a membership is removed */
  constructor(
    private readonly table: GroupTable,
    private readonly forget: (member: number) => void,
  ) {}

  /**
   * Adds an entry, or several as one: all, or none.
   * @param holdsMs for how long a temporary entry holds
   * @returns why it is refused, `undefined` if it is not
   */
  add(wanted: readonly WantedGroup[], nowMs: number, holdsMs: number): string | undefined {
    for (const entry of wanted) {
      const refusal = this.refusalOf(entry);
      if (refusal !== undefined) return refusal;
    }
    const refusal = this.refuseExcess(wanted);
    if (refusal !== undefined) return refusal;
    for (const entry of wanted) {
      this.enter(entry, entry.isPermanent ? Infinity : nowMs + holdsMs);
      this.everyVlan.giveWay(entry);
    }
    return undefined;
  }

  /**
   * Has a permanent entry that was added in all VLANs of its port follow these.
   * @param vlans VLANs of the port
   */
  followVlans(wanted: WantedGroup, vlans: readonly number[]): void {
    this.everyVlan.add(wanted, vlans);
  }

  /** Has an entry no longer follow the VLANs of its port. */
  stopFollowing(wanted: Pick<WantedGroup, 'port' | 'group' | 'source'>): void {
    this.everyVlan.remove(wanted);
  }

  /** Whether a port has entries that follow its VLANs. */
  hasFollowers(port: number): boolean {
    return this.everyVlan.has(port);
  }

  /**
   * Follows the VLANs of a port: enters and removes the entries that were added in all of them.
   * @returns entries that a limit refuses
   */
  settleVlans(port: number, vlans: readonly number[]): WantedGroup[] {
    return this.everyVlan.settle(port, vlans, {
      isHeld: (wanted) => this.isForGood(wanted),
      remove: (wanted) => {
        if (this.isForGood(wanted)) this.remove(wanted);
      },
      enter: (wanted) => {
        const entry = { ...wanted, isReplacing: true };
        if ((this.refusalOf(entry) ?? this.refuseExcess([entry])) !== undefined) return false;
        this.enter(entry, Infinity);
        return true;
      },
    });
  }

  /** Whether the table has a permanent entry of this group, port, VLAN and source. */
  private isForGood({ port, vlan, group, source }: WantedGroup): boolean {
    const { members, sources } = this.table;
    const member = this.table.findMember(group, vlan, port);
    if (member === NO_MEMBER) return false;
    if (source === undefined) return members.has(member, Permanent);
    const found = this.table.findSource(member, source);
    if (found === NO_SOURCE || !sources.has(found, SourceFlag.ByHand)) return false;
    return f64At(sources.dueMs, found) === Infinity;
  }

  /** Forgets that entries of a port follow its VLANs: the port is gone. */
  forgetPort(port: number): void {
    this.everyVlan.clear(port);
  }

  /** Removes an entry, and with a (*,G) the sources of its list. @returns whether there was one */
  remove({ port, vlan, group, source }: Omit<WantedGroup, 'isPermanent'>): boolean {
    const { table } = this;
    const member = table.findMember(group, vlan, port);
    if (member === NO_MEMBER) return false;
    if (source !== undefined) {
      const found = table.findSource(member, source);
      if (found === NO_SOURCE) return false;
      table.removeSource(member, found);
    } else if (table.members.has(member, Star)) {
      this.clearStar(member);
    } else {
      return false;
    }
    this.removeIfEmpty(member);
    return true;
  }

  /** VLANs in which a port has a group. */
  vlansOf(port: number, group: IpKey): number[] {
    const { members, index } = this.table;
    const vlans: number[] = [];
    this.table.forEach((member) => {
      const at = i32At(members.group, member);
      index.readKey(at, this.groupKey);
      if (members.port[member] === port && isSameIpKey(this.groupKey, group)) {
        vlans.push(index.vlanOf(at));
      }
    });
    return vlans;
  }

  /** Removes each entry that matches. @returns how many */
  flush({ port, vlan, isPermanent }: GroupFilter): number {
    const { table } = this;
    const { members, sources } = table;
    let removed = 0;
    if (vlan === undefined && isPermanent !== false) this.everyVlan.clear(port);
    table.forEach((member) => {
      if (port !== undefined && members.port[member] !== port) return;
      const group = i32At(members.group, member);
      if (vlan !== undefined && table.index.vlanOf(group) !== vlan) return;
      if (
        members.has(member, Star) &&
        (isPermanent ?? members.has(member, Permanent)) === members.has(member, Permanent)
      ) {
        this.clearStar(member);
        removed++;
      }
      this.forEachSource(member, (source) => {
        const isForGood = f64At(sources.dueMs, source) === Infinity;
        if (!sources.has(source, SourceFlag.ByHand) || (isPermanent ?? isForGood) !== isForGood) {
          return;
        }
        table.removeSource(member, source);
        removed++;
      });
      this.removeIfEmpty(member);
    });
    return removed;
  }

  /** Removes what is not permanent of a membership. */
  forgetLearned(member: number): void {
    const { members, sources } = this.table;
    if (!members.has(member, Permanent)) this.clearStar(member);
    this.forEachSource(member, (source) => {
      const isForGood = f64At(sources.dueMs, source) === Infinity;
      const isByHand = sources.has(source, SourceFlag.ByHand);
      if (isByHand && !isForGood) this.table.removeSource(member, source);
    });
    this.removeIfEmpty(member);
  }

  /** Restores entries of another table, for as long as this one lives. */
  restore(entries: readonly GroupEntry[]): void {
    for (const { group, source, port, vlan, mode, isBlocked, sources } of entries) {
      if (source !== undefined && isBlocked) continue;
      const common = { port, vlan, group: groupKeyOf(group), isPermanent: true, isReplacing: true };
      if (source !== undefined) this.enter({ ...common, source: ipKeyOfText(source) }, Infinity);
      else this.restoreStar({ ...common, mode }, sources);
    }
  }

  private restoreStar(wanted: WantedGroup, sources: GroupEntry['sources']): void {
    const excludes = wanted.mode === 'exclude';
    const listed = sources.filter(({ leftMs }) => !excludes || leftMs === 0);
    this.enter({ ...wanted, sources: listed.map(({ address }) => ipKeyOfText(address)) }, Infinity);
  }

  // What is there ---------------------------------------------------------------------------------

  /** One more than the highest place of a membership: `list` reads no further. */
  get ceiling(): number {
    return this.table.members.ceiling;
  }

  /** Entries of the memberships at the places `from` to `to` - 1. */
  list(nowMs: number, from: number, to: number): GroupEntry[] {
    const { members } = this.table;
    const entries: GroupEntry[] = [];
    for (let member = from; member < Math.min(to, members.ceiling); member++) {
      if (members.isUsed(member)) this.describe(member, nowMs, entries);
    }
    return entries;
  }

  private describe(member: number, nowMs: number, entries: GroupEntry[]): void {
    const { members, sources, index } = this.table;
    const group = i32At(members.group, member);
    index.readKey(group, this.groupKey);
    const common = {
      port: i32At(members.port, member),
      vlan: index.vlanOf(group),
      group: formatGroup(this.groupKey),
    };
    const isPermanent = members.has(member, Permanent);
    const excludes = members.has(member, Exclude);
    const isByHand = members.has(member, MemberByHand);
    const mode = excludes ? 'exclude' : 'include';
    const list: { address: string; leftMs: number }[] = [];
    const singles: GroupEntry[] = [];
    this.forEachSource(member, (source) => {
      sources.readKey(source, this.key);
      const address = formatIpKey(this.key);
      const dueMs = f64At(sources.dueMs, source);
      const leftMs = dueMs === BLOCKED ? 0 : dueMs - nowMs;
      const isOwn = sources.has(source, SourceFlag.ByHand);
      if (!isOwn) list.push({ address, leftMs: Number.isFinite(leftMs) ? leftMs : 0 });
      singles.push({
        ...common,
        source: address,
        isPermanent: isOwn ? dueMs === Infinity : isPermanent,
        isByHand: isOwn || isByHand,
        mode: 'include',
        isBlocked: dueMs === BLOCKED,
        sources: [],
        ...(dueMs !== BLOCKED && dueMs !== Infinity && { leftMs }),
      });
    });
    if (members.has(member, Star)) {
      const dueMs = f64At(members.dueMs, member);
      entries.push({
        ...common,
        isPermanent,
        isByHand,
        mode,
        isBlocked: false,
        sources: list,
        ...(dueMs !== Infinity && { leftMs: dueMs - nowMs }),
      });
    }
    entries.push(...singles);
  }

  // Changes ---------------------------------------------------------------------------------------

  private enter(wanted: WantedGroup, dueMs: number): void {
    const { table } = this;
    const { members, sources } = table;
    const member = table.ensureMember(wanted.group, wanted.vlan, wanted.port);
    if (wanted.source !== undefined) {
      const known = table.findSource(member, wanted.source);
      const source = known === NO_SOURCE ? table.addSource(member, wanted.source, dueMs) : known;
      if (source === NO_SOURCE) return;
      table.setSourceDue(member, source, dueMs);
      sources.set(source, SourceFlag.ByHand, true);
      return;
    }
    this.clearStar(member);
    const excludes = wanted.mode !== 'include';
    members.set(member, Star, true);
    members.set(member, MemberByHand, true);
    members.set(member, Permanent, wanted.isPermanent);
    members.set(member, Exclude, excludes);
    table.setMemberDue(member, excludes ? dueMs : Infinity);
    for (const source of wanted.sources ?? []) {
      table.addSource(member, source, excludes ? BLOCKED : dueMs);
    }
    table.changed(member);
  }

  /** Removes the (*,G) of a membership with the sources of its list. */
  private clearStar(member: number): void {
    const { table } = this;
    this.forEachSource(member, (source) => {
      if (!table.sources.has(source, SourceFlag.ByHand)) table.removeSource(member, source);
    });
    for (const flag of [Star, MemberByHand, Permanent, Exclude]) {
      table.members.set(member, flag, false);
    }
    table.setMemberDue(member, Infinity);
    table.changed(member);
  }

  private removeIfEmpty(member: number): void {
    const { table } = this;
    if (!table.isEmpty(member) || table.members.has(member, Permanent)) return;
    this.forget(member);
    table.removeMember(member);
  }

  /** Calls `visit` for each source. `visit` may remove it. */
  private forEachSource(member: number, visit: (source: number) => void): void {
    const { members, sources } = this.table;
    let source = i32At(members.firstSource, member);
    while (source !== NO_SOURCE) {
      const next = i32At(sources.next, source);
      visit(source);
      source = next;
    }
  }

  // Refusals --------------------------------------------------------------------------------------

  private refusalOf(wanted: WantedGroup): string | undefined {
    return groupObjection(wanted) ?? this.refusalOfHeld(wanted);
  }

  private refusalOfHeld(wanted: WantedGroup): string | undefined {
    const { group, vlan, port, source, sources = [], isReplacing = false } = wanted;
    const { table } = this;
    const text = formatGroup(group);
    const member = table.findMember(group, vlan, port);
    if (member === NO_MEMBER) return undefined;
    if (source !== undefined) {
      const held = table.findSource(member, source);
      if (held === NO_SOURCE) return this.refusalOfRoom(member, text, 1);
      return isReplacing ? undefined : `${text}: the port has this source already; replace it`;
    }
    if (table.members.has(member, Star) && !isReplacing) {
      return `${text}: the port has this group already; replace it`;
    }
    for (const key of sources) {
      const held = table.findSource(member, key);
      if (held === NO_SOURCE || !table.sources.has(held, SourceFlag.ByHand)) continue;
      return `${formatIpKey(key)}: this source has an entry of its own; remove that first`;
    }
    return undefined;
  }

  private refusalOfRoom(member: number, text: string, more: number): string | undefined {
    if (this.table.sourcesOf(member) + more <= MAX_SOURCES_EACH) return undefined;
    return `${text}: ${MAX_SOURCES_EACH} sources of a group at most`;
  }

  /** Refuses what would exceed a limit, before anything is entered. */
  private refuseExcess(wanted: readonly WantedGroup[]): string | undefined {
    const { table } = this;
    const { members, index } = table;
    const more = new Map<number, Map<number, number>>();
    let groups = 0;
    let joined = 0;
    for (const { group, vlan, port } of wanted) {
      if (table.findMember(group, vlan, port) !== NO_MEMBER) continue;
      if (table.find(group, vlan) === -1) groups++;
      const inVlans = more.get(port) ?? new Map<number, number>();
      more.set(port, inVlans.set(vlan, (inVlans.get(vlan) ?? 0) + 1));
      joined++;
    }
    for (const [port, inVlans] of more) {
      let count = 0;
      for (const [vlan, inVlan] of inVlans) {
        count += inVlan;
        if (table.limits.hasRoomIn(port, vlan, inVlan)) continue;
        return `mcast-vlan-max-groups of the port in VLAN ${vlan} is reached`;
      }
      if (!table.limits.hasRoomOn(port, count)) return 'mcast-max-groups of the port is reached';
    }
    if (index.count + groups > index.max) return `mcast-hash-max is reached: ${index.max} groups`;
    return members.count + joined > members.max ? 'the group table is full' : undefined;
  }
}

/** @returns why no table takes the entry, whatever it holds; `undefined` if one may */
export function groupObjection(wanted: WantedGroup): string | undefined {
  const { group, source, mode, sources = [] } = wanted;
  const text = formatGroup(group);
  if (isMacKey(group)) {
    if (source !== undefined || sources.length > 0) return `${text}: a group MAC has no sources`;
    if (mode !== undefined) return `${text}: a group MAC has no filter mode`;
    if (!wanted.isPermanent) return `${text}: an entry of a group MAC must be permanent`;
  } else {
    if (!isGroupAddress(group)) return `${text}: not a group address`;
    if (isUnpruned(group)) return `${text}: frames to this group go to every port always`;
  }
  return source === undefined ? refusalOfList(wanted) : refusalOfSource(wanted, source);
}

function refusalOfList({ group, mode, sources = [] }: WantedGroup): string | undefined {
  const text = formatGroup(group);
  if (sources.length > 0 && mode === undefined) return `${text}: sources need a filter mode`;
  if (mode === 'include' && sources.length === 0) return `${text}: include needs sources`;
  if (sources.length > MAX_SOURCES_EACH) return `${text}: ${MAX_SOURCES_EACH} sources at most`;
  return sources.map((source) => refusalOfAddress(group, source)).find((why) => why !== undefined);
}

function refusalOfSource(wanted: WantedGroup, source: IpKey): string | undefined {
  const { group, mode, sources = [] } = wanted;
  const text = formatGroup(group);
  if (mode !== undefined) return `${text}: an entry of one source has no filter mode`;
  if (sources.length > 0) return `${text}: an entry of one source has no list of sources`;
  return refusalOfAddress(group, source);
}

function refusalOfAddress(group: IpKey, source: IpKey): string | undefined {
  const text = formatIpKey(source);
  if (isGroupAddress(source)) return `${text}: a source is not a group`;
  if (isSameIpKey(source, UNSPECIFIED) || ipv4Is(source, 0)) return `${text}: not a source`;
  const isSameFamily = (group[0] === 0) === isIpv4(source);
  return isSameFamily ? undefined : `${text}: not of the family of ${formatGroup(group)}`;
}

const UNSPECIFIED = newIpKey();

function isIpv4(key: IpKey): boolean {
  return key[0] === 0 && key[1] === 0 && key[2] === (0xffff0000 | 0);
}

function ipv4Is(key: IpKey, address: number): boolean {
  return isIpv4(key) && ipv4OfKey(key) === address;
}

/** Whether the address is a group of IPv4 or IPv6. */
export function isGroupAddress(key: IpKey): boolean {
  return isIpv4(key) ? isGroupIpv4(ipv4OfKey(key)) : ((key[0] ?? 0) & 0xff) === 0xff;
}

/** Key of a valid IP address. */
export function ipKeyOfText(text: string): IpKey {
  return ipKeyOf(parseIpAddress(text) ?? []);
}

/** Key of a valid group: an IP address, or a MAC. */
export function groupKeyOf(text: string): IpKey {
  const mac = parseMac(text);
  if (mac === undefined) return ipKeyOfText(text);
  const key = newIpKey();
  setMacKey(key, mac.hi16, mac.lo32);
  return key;
}

/** Text of a group: an address, or a MAC. */
export function formatGroup(key: IpKey): string {
  return isMacKey(key) ? formatMac(key[1] ?? 0, key[2] ?? 0) : formatIpKey(key);
}
