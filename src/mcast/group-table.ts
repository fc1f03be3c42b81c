/**
 * The group table: (VLAN, group address) → memberships of ports, each with its list of sources. It stores and
 * finds; `records.ts` has the rules by which reports change it, `static-groups.ts` those of an operator.
 *
 * Keys are group addresses and not their MACs, for 32 IPv4 groups share a MAC. A group MAC that belongs to no
 * IP group has a key of its own kind (`setMacKey`).
 *
 * Limits: groups in all, memberships in all, groups of a port (`GroupLimits`), sources of a membership and in all. What is
 * beyond a limit is refused. Where all groups are taken, the port that holds most gives one up for a port that holds less:
 * a host that joins too much harms only what it joins.
 *
 * Source: net/bridge/br_multicast.c, br_mdb.c; RFC 3376 6.2.
 */

import { newIpKey } from '../wire/ip-key';
import type { IpKey } from '../wire/ip-key';
import { f64At, i32At } from '../wire/read';
import { EgressLists } from './egress-lists';
import { GroupLimits } from './group-limits';
import { grownI32 } from './grown';
import { KeyIndex, NOT_HELD } from './key-index';
import { MAX_MEMBERS, MemberFlag, Members, NO_MEMBER } from './members';
import { BLOCKED, MAX_SOURCES_EACH, NO_SOURCE, SourceFlag, Sources } from './sources';

/** Groups at most, unless set: `mcast_hash_max` of a Linux bridge. */
export const DEFAULT_HASH_MAX = 4_096;

export interface GroupTableOptions {
  readonly maxPorts: number;
  /** Seed of the hash: any 32-bit number that the hosts do not know. */
  readonly seed: number;
  readonly hashMax?: number;
}

/** Memberships that one search for a victim reads: enough, because the port that it searches for holds most of them. */
const VICTIM_LOOKS_MAX = 1_024;

/** First word of the key of a group MAC. No IPv6 group begins with the byte 1, and no IPv4 group with it. */
const MAC_KEY = 1;

/** Sets a key from a group MAC. */
export function setMacKey(key: IpKey, hi16: number, lo32: number): void {
  key[0] = MAC_KEY;
  key[1] = hi16;
  key[2] = lo32;
  key[3] = 0;
}

export function isMacKey(key: IpKey): boolean {
  return key[0] === MAC_KEY;
}

export class GroupTable {
  readonly members = new Members(MAX_MEMBERS);
  readonly sources = new Sources();
  readonly index: KeyIndex;
  readonly lists: EgressLists;
  /** Number of groups of each port, and its limits. */
  readonly limits: GroupLimits;
  /** Number of groups that are MACs. */
  macCount = 0;
  /** No timer of a membership or source ends before, ms. It may be earlier than the first one. */
  dueMs = Infinity;
  private first = new Int32Array(0);
  /** Membership at which the search for a victim goes on. */
  private nextVictim = 0;
  private readonly scratch = newIpKey();

  constructor({ maxPorts, seed, hashMax = DEFAULT_HASH_MAX }: GroupTableOptions) {
    this.index = new KeyIndex(seed, hashMax);
    this.limits = new GroupLimits(maxPorts);
    this.lists = new EgressLists(this.members, this.sources, (group) => this.firstMember(group));
  }

  // Groups --------------------------------------------------------------------------------------

  find(key: IpKey, vlan: number): number {
    return this.index.find(key, vlan);
  }

  /** The first membership of a group; `members.next` leads to the others. */
  firstMember(group: number): number {
    return i32At(this.first, group);
  }

  /** Calls `visit` for each membership. `visit` may remove it. */
  forEach(visit: (member: number) => void): void {
    const { members } = this;
    for (let member = 0; member < members.ceiling; member++) {
      if (members.isUsed(member)) visit(member);
    }
  }

  private addGroup(key: IpKey, vlan: number): number {
    const group = this.index.add(key, vlan);
    if (group === NOT_HELD) return NOT_HELD;
    if (this.first.length < this.index.capacity) {
      this.first = grownI32(this.first, this.index.capacity);
    }
    this.first[group] = NO_MEMBER;
    this.lists.forget(group);
    if (isMacKey(key)) this.macCount++;
    return group;
  }

  private removeGroup(group: number): void {
    this.index.readKey(group, this.scratch);
    if (isMacKey(this.scratch)) this.macCount--;
    this.index.remove(group);
    this.lists.forget(group);
  }

  // Memberships ---------------------------------------------------------------------------------

  findMember(key: IpKey, vlan: number, port: number): number {
    const group = this.find(key, vlan);
    return group === NOT_HELD ? NO_MEMBER : this.memberAt(group, port);
  }

  private memberAt(group: number, port: number): number {
    const { members } = this;
    let member = this.firstMember(group);
    while (member !== NO_MEMBER && i32At(members.port, member) !== port) {
      member = i32At(members.next, member);
    }
    return member;
  }

  /** Finds a membership, or adds one that includes no source. @returns `NO_MEMBER` if a limit refuses it */
  ensureMember(key: IpKey, vlan: number, port: number): number {
    let group = this.find(key, vlan);
    if (group !== NOT_HELD) {
      const member = this.memberAt(group, port);
      if (member !== NO_MEMBER) return member;
    }
    if (this.members.isFull || !this.hasRoom(port, vlan)) return NO_MEMBER;
    if (group === NOT_HELD) group = this.addGroup(key, vlan);
    if (group === NOT_HELD) return NO_MEMBER;
    const member = this.members.take(group, port);
    this.link(group, member, port);
    this.limits.count(port, vlan, 1);
    this.changed(member);
    return member;
  }

  /**
   * Finds a membership that makes room for a group of a port where the table has no place for another group: a learned
   * one of the port that holds most, if that holds more than the other will. Its group has no other member.
   * @returns `NO_MEMBER` if the port must do without
   */
  victimFor(port: number, vlan: number): number {
    if (this.index.count < this.index.max || !this.hasRoom(port, vlan)) return NO_MEMBER;
    const { heaviestPort: heaviest } = this.limits;
    if (this.countOn(heaviest) <= this.countOn(port) + 1) return NO_MEMBER;
    const { members } = this;
    const kept = MemberFlag.Permanent | MemberFlag.ByHand;
    for (let looks = Math.min(VICTIM_LOOKS_MAX, members.ceiling); looks > 0; looks--) {
      this.nextVictim = (this.nextVictim + 1) % members.ceiling;
      const member = this.nextVictim;
      if (!members.isUsed(member) || i32At(members.port, member) !== heaviest) continue;
      if (!members.has(member, kept) && this.isAlone(member)) return member;
    }
    return NO_MEMBER;
  }

  private isAlone(member: number): boolean {
    const group = i32At(this.members.group, member);
    return this.firstMember(group) === member && i32At(this.members.next, member) === NO_MEMBER;
  }

  /** Removes a membership with its sources, and its group with the last membership. */
  removeMember(member: number): void {
    const { members } = this;
    const group = i32At(members.group, member);
    const port = i32At(members.port, member);
    let source = i32At(members.firstSource, member);
    while (source !== NO_SOURCE) {
      const next = i32At(this.sources.next, source);
      this.sources.release(source);
      source = next;
    }
    this.unlink(group, member);
    members.release(member);
    this.limits.count(port, this.index.vlanOf(group), -1);
    if (this.firstMember(group) === NO_MEMBER) this.removeGroup(group);
    else this.lists.forget(group);
  }

  /** Notes that a membership has changed, so that frames are sent by it. */
  changed(member: number): void {
    this.lists.forget(i32At(this.members.group, member));
  }

  /** Chains a membership by its port. */
  private link(group: number, member: number, port: number): void {
    const { members } = this;
    let before = NO_MEMBER;
    let after = this.firstMember(group);
    while (after !== NO_MEMBER && i32At(members.port, after) < port) {
      before = after;
      after = i32At(members.next, after);
    }
    members.next[member] = after;
    if (before === NO_MEMBER) this.first[group] = member;
    else members.next[before] = member;
  }

  private unlink(group: number, member: number): void {
    const { members } = this;
    const after = i32At(members.next, member);
    let before = this.firstMember(group);
    if (before === member) {
      this.first[group] = after;
      return;
    }
    while (members.next[before] !== member) before = i32At(members.next, before);
    members.next[before] = after;
  }

  // Limits --------------------------------------------------------------------------------------

  /** Number of groups that a port has joined. */
  countOn(port: number): number {
    return this.limits.countOn(port);
  }

  /** Number of groups, in all and of each port. */
  get counts(): { groups: number; ports: Map<number, number> } {
    return { groups: this.index.count, ports: this.limits.counts() };
  }

  /** Whether the limits of a port let it join one group more in a VLAN. */
  private hasRoom(port: number, vlan: number): boolean {
    return this.limits.hasRoomOn(port, 1) && this.limits.hasRoomIn(port, vlan, 1);
  }

  // Sources -------------------------------------------------------------------------------------

  findSource(member: number, key: IpKey): number {
    return this.sources.find(i32At(this.members.firstSource, member), key);
  }

  /** Adds a source that the membership does not have. @returns `NO_SOURCE` if a limit refuses it */
  addSource(member: number, key: IpKey, dueMs: number): number {
    const { members, sources } = this;
    if (sources.isFull || this.sourcesOf(member) >= MAX_SOURCES_EACH) return NO_SOURCE;
    const source = sources.take(key, dueMs);
    sources.next[source] = i32At(members.firstSource, member);
    members.firstSource[member] = source;
    if (dueMs !== BLOCKED) this.expect(dueMs);
    this.changed(member);
    return source;
  }

  removeSource(member: number, source: number): void {
    const { members, sources } = this;
    const after = i32At(sources.next, source);
    let before = i32At(members.firstSource, member);
    if (before === source) {
      members.firstSource[member] = after;
    } else {
      while (sources.next[before] !== source) before = i32At(sources.next, before);
      sources.next[before] = after;
    }
    sources.release(source);
    this.changed(member);
  }

  sourcesOf(member: number): number {
    let count = 0;
    let source = i32At(this.members.firstSource, member);
    while (source !== NO_SOURCE) {
      count++;
      source = i32At(this.sources.next, source);
    }
    return count;
  }

  // Time ----------------------------------------------------------------------------------------

  setMemberDue(member: number, dueMs: number): void {
    this.members.dueMs[member] = dueMs;
    this.expect(dueMs);
  }

  /** @param dueMs `BLOCKED` for a source that is no longer forwarded */
  setSourceDue(member: number, source: number, dueMs: number): void {
    const wasForwarded = this.sources.isForwarded(source);
    this.sources.dueMs[source] = dueMs;
    if (dueMs !== BLOCKED) this.expect(dueMs);
    if (wasForwarded !== this.sources.isForwarded(source)) this.changed(member);
  }

  /** Has the forwarded sources of a membership end by a time, but for what an operator made. */
  lowerSources(member: number, untilMs: number): void {
    const { sources } = this;
    let source = i32At(this.members.firstSource, member);
    for (; source !== NO_SOURCE; source = i32At(sources.next, source)) {
      if (sources.has(source, SourceFlag.ByHand)) continue;
      if (f64At(sources.dueMs, source) > untilMs) this.setSourceDue(member, source, untilMs);
    }
  }

  private expect(dueMs: number): void {
    if (dueMs < this.dueMs) this.dueMs = dueMs;
  }

  /**
   * Ends what is over: sources first, then the mode `Exclude` (RFC 3376 6.2.3, 6.3).
   * @param removed called for a membership before it is removed
   */
  sweep(nowMs: number, removed: (member: number) => void): void {
    if (nowMs < this.dueMs) return;
    this.dueMs = Infinity;
    const { members } = this;
    this.forEach((member) => {
      this.sweepSources(member, nowMs);
      const dueMs = f64At(members.dueMs, member);
      if (dueMs <= nowMs) this.endExclude(member);
      else this.expect(dueMs);
      if (this.isEmpty(member)) {
        removed(member);
        this.removeMember(member);
      }
    });
  }

  /** Whether a membership gets nothing and holds nothing. */
  isEmpty(member: number): boolean {
    const { members } = this;
    if (members.has(member, MemberFlag.Exclude)) return false;
    return i32At(members.firstSource, member) === NO_SOURCE;
  }

  private sweepSources(member: number, nowMs: number): void {
    const { members, sources } = this;
    let source = i32At(members.firstSource, member);
    while (source !== NO_SOURCE) {
      const next = i32At(sources.next, source);
      const dueMs = f64At(sources.dueMs, source);
      if (dueMs !== BLOCKED && dueMs <= nowMs) this.endSource(member, source);
      else if (dueMs !== BLOCKED) this.expect(dueMs);
      source = next;
    }
  }

  private endSource(member: number, source: number): void {
    const isByHand = this.sources.has(source, SourceFlag.ByHand);
    const isOpen = this.members.has(member, MemberFlag.Exclude);
    if (isOpen && !isByHand) this.setSourceDue(member, source, BLOCKED);
    else this.removeSource(member, source);
  }

  /** Ends the mode `Exclude`: the forwarded sources stay, and are included. */
  endExclude(member: number): void {
    const { members, sources } = this;
    let source = i32At(members.firstSource, member);
    while (source !== NO_SOURCE) {
      const next = i32At(sources.next, source);
      if (!sources.isForwarded(source)) this.removeSource(member, source);
      source = next;
    }
    members.set(member, MemberFlag.Exclude, false);
    members.dueMs[member] = Infinity;
    this.changed(member);
  }
}
