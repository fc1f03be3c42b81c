/**
 * Questions that the switch asks the hosts of a port, because one of them may have left: a query for the group,
 * or for some sources of it, `mcast-last-member-count` times. A group or source without an answer ends with its
 * timer.
 *
 * The switch asks only while it is the querier. While another one is, his query lowers the timers.
 *
 * Source: RFC 2236 section 3, RFC 3376 6.6.3; `br_multicast_leave_group` in net/bridge/br_multicast.c.
 */

import type { Outbox } from '../frame/outbox';
import { type IpKey, newIpKey } from '../wire/ip-key';
import { f64At, i32At, u8At } from '../wire/read';
import type { GroupTable } from './group-table';
import type { Asker } from './records';
import { NO_SOURCE, SourceFlag } from './sources';
import { type McastSettings, lastMemberMs } from './settings';

/** What `Asks` needs of the room. */
export interface AskSurroundings {
  readonly settings: McastSettings;
  /** Whether timers may be lowered: no other querier would give hosts more time. */
  mayLower(vlan: number, group: IpKey, nowMs: number): boolean;
  /** Whether the switch is the querier. */
  asksFor(vlan: number, group: IpKey): boolean;
  /** Sends a query out of one port. */
  send(vlan: number, group: IpKey, sources: readonly IpKey[], port: number, outbox: Outbox): void;
}

interface Ask {
  dueMs: number;
  /** Queries for the group that are still to be sent. */
  groupLeft: number;
}

export class Asks implements Asker {
  /** No question is due before, ms. */
  dueMs = Infinity;
  private readonly pending = new Map<number, Ask>();
  private readonly key = newIpKey();
  private nowMs = 0;

  constructor(
    private readonly table: GroupTable,
    private readonly room: AskSurroundings,
  ) {}

  /** Sets the time of the questions that follow. */
  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  group(member: number): void {
    const { table, room, nowMs } = this;
    const vlan = this.readGroup(member);
    if (!room.mayLower(vlan, this.key, nowMs)) return;
    const untilMs = nowMs + lastMemberMs(room.settings);
    if (f64At(table.members.dueMs, member) > untilMs) table.setMemberDue(member, untilMs);
    if (!room.asksFor(vlan, this.key)) return;
    const ask = this.askOf(member);
    if (ask.groupLeft === 0) ask.groupLeft = room.settings.mcastLastMemberCount;
  }

  sources(member: number): void {
    const { table, room, nowMs } = this;
    const vlan = this.readGroup(member);
    if (!room.mayLower(vlan, this.key, nowMs)) return;
    const untilMs = nowMs + lastMemberMs(room.settings);
    const asks = room.asksFor(vlan, this.key);
    let source = i32At(table.members.firstSource, member);
    for (; source !== NO_SOURCE; source = i32At(table.sources.next, source)) {
      if (!table.sources.has(source, SourceFlag.Marked)) continue;
      if (f64At(table.sources.dueMs, source) > untilMs) table.setSourceDue(member, source, untilMs);
      if (asks) table.sources.asksLeft[source] = room.settings.mcastLastMemberCount;
    }
    if (asks) this.askOf(member);
  }

  /** Forgets the questions about a membership that is about to be removed. */
  forget(member: number): void {
    this.pending.delete(member);
  }

  /** Sends what is due of one membership. */
  send(member: number, outbox: Outbox): void {
    const ask = this.pending.get(member);
    if (ask !== undefined && ask.dueMs <= this.nowMs) this.sendDue(member, ask, outbox);
  }

  /** Sends what is due. */
  tick(nowMs: number, outbox: Outbox): void {
    if (nowMs < this.dueMs) return;
    this.nowMs = nowMs;
    this.dueMs = Infinity;
    for (const [member, ask] of this.pending) {
      if (ask.dueMs <= nowMs) this.sendDue(member, ask, outbox);
      else this.dueMs = Math.min(this.dueMs, ask.dueMs);
    }
  }

  private askOf(member: number): Ask {
    const known = this.pending.get(member);
    if (known !== undefined) return known;
    const ask = { dueMs: this.nowMs, groupLeft: 0 };
    this.pending.set(member, ask);
    this.dueMs = Math.min(this.dueMs, ask.dueMs);
    return ask;
  }

  private sendDue(member: number, ask: Ask, outbox: Outbox): void {
    const { table, room, nowMs } = this;
    const vlan = this.readGroup(member);
    const port = i32At(table.members.port, member);
    // A host has answered, if the timer is higher than the question has set it.
    const untilMs = nowMs + lastMemberMs(room.settings);
    if (f64At(table.members.dueMs, member) > untilMs) ask.groupLeft = 0;
    if (ask.groupLeft > 0) {
      ask.groupLeft--;
      room.send(vlan, this.key, [], port, outbox);
    }
    const { sources, left } = this.takeSources(member);
    if (sources.length > 0) room.send(vlan, this.key, sources, port, outbox);
    if (Math.max(left, ask.groupLeft) === 0) {
      this.pending.delete(member);
      return;
    }
    ask.dueMs = nowMs + room.settings.mcastLastMemberIntervalMs;
    this.dueMs = Math.min(this.dueMs, ask.dueMs);
  }

  /** Sources for which a query is to be sent now, and the most queries that are left for one of them. */
  private takeSources(member: number): { sources: IpKey[]; left: number } {
    const { members, sources: pool } = this.table;
    const sources: IpKey[] = [];
    let left = 0;
    let source = i32At(members.firstSource, member);
    for (; source !== NO_SOURCE; source = i32At(pool.next, source)) {
      const asksLeft = u8At(pool.asksLeft, source);
      if (asksLeft === 0) continue;
      pool.asksLeft[source] = asksLeft - 1;
      left = Math.max(left, asksLeft - 1);
      const key = newIpKey();
      pool.readKey(source, key);
      sources.push(key);
    }
    return { sources, left };
  }

  /** Reads the group of a membership. @returns its VLAN */
  private readGroup(member: number): number {
    const { members, index } = this.table;
    const group = i32At(members.group, member);
    index.readKey(group, this.key);
    return index.vlanOf(group);
  }
}
