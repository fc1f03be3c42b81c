"use strict";
/**
 * Questions that the switch asks the hosts of a port, because one of them may have left: a query for the group,
 * or for some sources of it, `mcast-last-member-count` times. What nobody answers for ends with its timer.
 *
 * The switch asks only while it is the querier. While another one is, his query lowers the timers.
 *
 * Source: RFC 2236 section 3, RFC 3376 6.6.3; `br_multicast_leave_group` in net/bridge/br_multicast.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Asks = void 0;
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const sources_1 = require("./sources");
const settings_1 = require("./settings");
class Asks {
    table;
    room;
    /** No question is due before, ms. */
    dueMs = Infinity;
    pending = new Map();
    key = (0, ip_key_1.newIpKey)();
    nowMs = 0;
    constructor(table, room) {
        this.table = table;
        this.room = room;
    }
    /** Sets the time of the questions that follow. */
    at(nowMs) {
        this.nowMs = nowMs;
        return this;
    }
    group(member) {
        const { table, room, nowMs } = this;
        const vlan = this.readGroup(member);
        if (!room.mayLower(vlan, this.key, nowMs))
            return;
        const untilMs = nowMs + (0, settings_1.lastMemberMs)(room.settings);
        if ((0, read_1.f64At)(table.members.dueMs, member) > untilMs)
            table.setMemberDue(member, untilMs);
        if (!room.asksFor(vlan, this.key))
            return;
        const ask = this.askOf(member);
        if (ask.groupLeft === 0)
            ask.groupLeft = room.settings.mcastLastMemberCount;
    }
    sources(member) {
        const { table, room, nowMs } = this;
        const vlan = this.readGroup(member);
        if (!room.mayLower(vlan, this.key, nowMs))
            return;
        const untilMs = nowMs + (0, settings_1.lastMemberMs)(room.settings);
        const asks = room.asksFor(vlan, this.key);
        let source = (0, read_1.i32At)(table.members.firstSource, member);
        for (; source !== sources_1.NO_SOURCE; source = (0, read_1.i32At)(table.sources.next, source)) {
            if (!table.sources.has(source, sources_1.SourceFlag.Marked))
                continue;
            if ((0, read_1.f64At)(table.sources.dueMs, source) > untilMs)
                table.setSourceDue(member, source, untilMs);
            if (asks)
                table.sources.asksLeft[source] = room.settings.mcastLastMemberCount;
        }
        if (asks)
            this.askOf(member);
    }
    /** Forgets the questions about a membership that is about to be removed. */
    forget(member) {
        this.pending.delete(member);
    }
    /** Sends what is due of one membership. */
    send(member, outbox) {
        const ask = this.pending.get(member);
        if (ask !== undefined && ask.dueMs <= this.nowMs)
            this.sendDue(member, ask, outbox);
    }
    /** Sends what is due. */
    tick(nowMs, outbox) {
        if (nowMs < this.dueMs)
            return;
        this.nowMs = nowMs;
        this.dueMs = Infinity;
        for (const [member, ask] of this.pending) {
            if (ask.dueMs <= nowMs)
                this.sendDue(member, ask, outbox);
            else
                this.dueMs = Math.min(this.dueMs, ask.dueMs);
        }
    }
    askOf(member) {
        const known = this.pending.get(member);
        if (known !== undefined)
            return known;
        const ask = { dueMs: this.nowMs, groupLeft: 0 };
        this.pending.set(member, ask);
        this.dueMs = Math.min(this.dueMs, ask.dueMs);
        return ask;
    }
    sendDue(member, ask, outbox) {
        const { table, room, nowMs } = this;
        const vlan = this.readGroup(member);
        const port = (0, read_1.i32At)(table.members.port, member);
        // A host has answered, if the timer is higher than the question has set it.
        const untilMs = nowMs + (0, settings_1.lastMemberMs)(room.settings);
        if ((0, read_1.f64At)(table.members.dueMs, member) > untilMs)
            ask.groupLeft = 0;
        if (ask.groupLeft > 0) {
            ask.groupLeft--;
            room.send(vlan, this.key, [], port, outbox);
        }
        const { sources, left } = this.takeSources(member);
        if (sources.length > 0)
            room.send(vlan, this.key, sources, port, outbox);
        if (Math.max(left, ask.groupLeft) === 0) {
            this.pending.delete(member);
            return;
        }
        ask.dueMs = nowMs + room.settings.mcastLastMemberIntervalMs;
        this.dueMs = Math.min(this.dueMs, ask.dueMs);
    }
    /** Sources for which a query is to be sent now, and the most queries that are left for one of them. */
    takeSources(member) {
        const { members, sources: pool } = this.table;
        const sources = [];
        let left = 0;
        let source = (0, read_1.i32At)(members.firstSource, member);
        for (; source !== sources_1.NO_SOURCE; source = (0, read_1.i32At)(pool.next, source)) {
            const asksLeft = (0, read_1.u8At)(pool.asksLeft, source);
            if (asksLeft === 0)
                continue;
            pool.asksLeft[source] = asksLeft - 1;
            left = Math.max(left, asksLeft - 1);
            const key = (0, ip_key_1.newIpKey)();
            pool.readKey(source, key);
            sources.push(key);
        }
        return { sources, left };
    }
    /** Reads the group of a membership. @returns its VLAN */
    readGroup(member) {
        const { members, index } = this.table;
        const group = (0, read_1.i32At)(members.group, member);
        index.readKey(group, this.key);
        return index.vlanOf(group);
    }
}
exports.Asks = Asks;
