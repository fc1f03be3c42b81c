/**
 * Records of a report: the rules by which what a host says changes the membership of its port. A is the list
 * of the membership, X its forwarded part and Y its blocked part while it excludes; B is the list of the record.
 *
 *     record      includes A                          excludes (X, Y)
 *     IS_IN, ALLOW  includes A+B                        excludes (X+B, Y-B)
 *     IS_EX         excludes (A*B, B-A)                 excludes (B-Y, Y*B)
 *     TO_IN         includes A+B; asks for A-B          excludes (X+B, Y-B); asks for X-B and the group
 *     TO_EX         excludes (A*B, B-A); asks for A*B   excludes (B-Y, Y*B); asks for B-Y
 *     BLOCK         includes A; asks for A*B            excludes (X+(B-Y), Y); asks for B-Y
 *
 * A report of IGMPv1, v2 or MLDv1 is an IS_EX of nothing. What is asked for ends soon unless a host answers.
 * No record changes what an operator has made for good.
 *
 * Source: RFC 3376 6.4, RFC 3810 7.4; `br_multicast_isinc_allow` and its neighbours in
 * net/bridge/br_multicast.c. Linux lowers the timers of what is asked for also while somebody else is querier;
 * here, his query does so, as RFC 3376 6.6.1 says, for he may give hosts more time.
 */

import type { IpKey } from '../wire/ip-key';
import { newIpKey } from '../wire/ip-key';
import { f64At, i32At } from '../wire/read';
import type { GroupTable } from './group-table';
import { MemberFlag } from './members';
import { BLOCKED, NO_SOURCE, SourceFlag } from './sources';

/** Types of records: RFC 3376 4.2.12. */
export const RecordType = {
  IsInclude: 1,
  IsExclude: 2,
  ToInclude: 3,
  ToExclude: 4,
  Allow: 5,
  Block: 6,
} as const;

/** Sources of a record. */
export interface SourceList {
  readonly count: number;
  /** Sets the key to the source at `index`. */
  read(index: number, key: IpKey): void;
}

export const NO_SOURCES: SourceList = { count: 0, read: () => undefined };

/** What the switch asks the hosts of a port, because a record says that they may have left. */
export interface Asker {
  /** Asks for the sources that are marked. */
  sources(member: number): void;
  /** Asks for the group. */
  group(member: number): void;
}

/** Times of a record, ms. */
export interface RecordTimes {
  readonly nowMs: number;
  /** For how long a report holds. */
  readonly membershipMs: number;
  /** Whether what hosts leave ends at once, for there is only one host behind the port. */
  readonly leavesFast: boolean;
}

const { Exclude } = MemberFlag;
const { ByHand, Marked } = SourceFlag;

export class Records {
  private readonly key = newIpKey();

  constructor(
    private readonly table: GroupTable,
    private readonly asker: Asker,
  ) {}

  /** Applies a record to a membership that no operator has made for good. It may be empty then. */
  apply(type: number, member: number, list: SourceList, times: RecordTimes): void {
    switch (type) {
      case RecordType.IsInclude:
      case RecordType.Allow:
        return this.allow(member, list, times);
      case RecordType.IsExclude:
      case RecordType.ToExclude:
        return this.exclude(member, list, times, type === RecordType.ToExclude);
      case RecordType.ToInclude:
        return this.toInclude(member, list, times);
      case RecordType.Block:
        return this.block(member, list, times);
      default:
    }
  }

  private allow(member: number, list: SourceList, { nowMs, membershipMs }: RecordTimes): void {
    const { table, key } = this;
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      const source = table.findSource(member, key);
      if (source === NO_SOURCE) table.addSource(member, key, nowMs + membershipMs);
      else if (!this.isByHand(source)) this.renew(member, source, nowMs + membershipMs);
    }
  }

  private exclude(member: number, list: SourceList, times: RecordTimes, asks: boolean): void {
    const { table, key } = this;
    const { members, sources } = table;
    const didExclude = members.has(member, Exclude);
    const untilMs = times.nowMs + times.membershipMs;
    // Sources beyond those of the record are forgotten first: they make room.
    this.markAll(member, false);
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      const source = table.findSource(member, key);
      if (source !== NO_SOURCE && !this.isByHand(source)) sources.set(source, Marked, true);
    }
    this.forEachSource(member, (source) => {
      if (!sources.has(source, Marked)) table.removeSource(member, source);
    });
    const newUntilMs = asks ? f64At(members.dueMs, member) : untilMs;
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      if (table.findSource(member, key) !== NO_SOURCE) continue;
      const source = table.addSource(member, key, didExclude ? newUntilMs : BLOCKED);
      if (source !== NO_SOURCE) sources.set(source, Marked, true);
    }
    if (!didExclude) {
      members.set(member, Exclude, true);
      table.changed(member);
    }
    table.setMemberDue(member, untilMs);
    if (asks) this.askMarked(member);
    else this.markAll(member, false);
  }

  private toInclude(member: number, list: SourceList, times: RecordTimes): void {
    const { table, key } = this;
    const { members, sources } = table;
    this.markAll(member, true);
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      const source = table.findSource(member, key);
      if (source !== NO_SOURCE && !this.isByHand(source)) sources.set(source, Marked, false);
    }
    this.allow(member, list, times);
    if (times.leavesFast) {
      this.removeMarked(member);
      if (members.has(member, Exclude)) table.endExclude(member);
      return;
    }
    this.askMarked(member);
    if (members.has(member, Exclude)) this.asker.group(member);
  }

  private block(member: number, list: SourceList, times: RecordTimes): void {
    const { table, key } = this;
    const { members, sources } = table;
    const doesExclude = members.has(member, Exclude);
    this.markAll(member, false);
    for (let index = 0; index < list.count; index++) {
      list.read(index, key);
      let source = table.findSource(member, key);
      if (source === NO_SOURCE && doesExclude) {
        source = table.addSource(member, key, f64At(members.dueMs, member));
      }
      if (source !== NO_SOURCE && !this.isByHand(source)) sources.set(source, Marked, true);
    }
    if (times.leavesFast && !doesExclude) this.removeMarked(member);
    else this.askMarked(member);
  }

  /** Asks for the marked sources that are forwarded, and removes the marks. */
  private askMarked(member: number): void {
    const { sources } = this.table;
    let count = 0;
    this.forEachSource(member, (source) => {
      if (!sources.isForwarded(source)) sources.set(source, Marked, false);
      if (sources.has(source, Marked)) count++;
    });
    if (count > 0) this.asker.sources(member);
    this.markAll(member, false);
  }

  private removeMarked(member: number): void {
    const { table } = this;
    this.forEachSource(member, (source) => {
      if (table.sources.has(source, Marked)) table.removeSource(member, source);
    });
  }

  private renew(member: number, source: number, untilMs: number): void {
    this.table.sources.asksLeft[source] = 0;
    this.table.setSourceDue(member, source, untilMs);
  }

  private markAll(member: number, isMarked: boolean): void {
    this.forEachSource(member, (source) => {
      this.table.sources.set(source, Marked, isMarked);
    });
  }

  /** Calls `visit` for each source that hosts have named. `visit` may remove it. */
  private forEachSource(member: number, visit: (source: number) => void): void {
    const { members, sources } = this.table;
    let source = i32At(members.firstSource, member);
    while (source !== NO_SOURCE) {
      const next = i32At(sources.next, source);
      if (!this.isByHand(source)) visit(source);
      source = next;
    }
  }

  private isByHand(source: number): boolean {
    return this.table.sources.has(source, ByHand);
  }
}
