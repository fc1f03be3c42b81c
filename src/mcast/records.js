"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.Records = exports.NO_SOURCES = exports.RecordType = void 0;
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const members_1 = require("./members");
const sources_1 = require("./sources");
/** Types of records: RFC 3376 4.2.12. */
exports.RecordType = {
    IsInclude: 1,
    IsExclude: 2,
    ToInclude: 3,
    ToExclude: 4,
    Allow: 5,
    Block: 6,
};
exports.NO_SOURCES = { count: 0, read: () => undefined };
const { Exclude } = members_1.MemberFlag;
const { ByHand, Marked } = sources_1.SourceFlag;
class Records {
    table;
    asker;
    key = (0, ip_key_1.newIpKey)();
    constructor(table, asker) {
        this.table = table;
        this.asker = asker;
    }
    /** Applies a record to a membership that no operator has made for good. It may be empty then. */
    apply(type, member, list, times) {
        switch (type) {
            case exports.RecordType.IsInclude:
            case exports.RecordType.Allow:
                return this.allow(member, list, times);
            case exports.RecordType.IsExclude:
            case exports.RecordType.ToExclude:
                return this.exclude(member, list, times, type === exports.RecordType.ToExclude);
            case exports.RecordType.ToInclude:
                return this.toInclude(member, list, times);
            case exports.RecordType.Block:
                return this.block(member, list, times);
            default:
        }
    }
    allow(member, list, { nowMs, membershipMs }) {
        const { table, key } = this;
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            const source = table.findSource(member, key);
            if (source === sources_1.NO_SOURCE)
                table.addSource(member, key, nowMs + membershipMs);
            else if (!this.isByHand(source))
                this.renew(member, source, nowMs + membershipMs);
        }
    }
    exclude(member, list, times, asks) {
        const { table, key } = this;
        const { members, sources } = table;
        const didExclude = members.has(member, Exclude);
        const untilMs = times.nowMs + times.membershipMs;
        // Sources beyond those of the record are forgotten first: they make room.
        this.markAll(member, false);
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            const source = table.findSource(member, key);
            if (source !== sources_1.NO_SOURCE && !this.isByHand(source))
                sources.set(source, Marked, true);
        }
        this.forEachSource(member, (source) => {
            if (!sources.has(source, Marked))
                table.removeSource(member, source);
        });
        const newUntilMs = asks ? (0, read_1.f64At)(members.dueMs, member) : untilMs;
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            if (table.findSource(member, key) !== sources_1.NO_SOURCE)
                continue;
            const source = table.addSource(member, key, didExclude ? newUntilMs : sources_1.BLOCKED);
            if (source !== sources_1.NO_SOURCE)
                sources.set(source, Marked, true);
        }
        if (!didExclude) {
            members.set(member, Exclude, true);
            table.changed(member);
        }
        table.setMemberDue(member, untilMs);
        if (asks)
            this.askMarked(member);
        else
            this.markAll(member, false);
    }
    toInclude(member, list, times) {
        const { table, key } = this;
        const { members, sources } = table;
        this.markAll(member, true);
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            const source = table.findSource(member, key);
            if (source !== sources_1.NO_SOURCE && !this.isByHand(source))
                sources.set(source, Marked, false);
        }
        this.allow(member, list, times);
        if (times.leavesFast) {
            this.removeMarked(member);
            if (members.has(member, Exclude))
                table.endExclude(member);
            return;
        }
        this.askMarked(member);
        if (members.has(member, Exclude))
            this.asker.group(member);
    }
    block(member, list, times) {
        const { table, key } = this;
        const { members, sources } = table;
        const doesExclude = members.has(member, Exclude);
        this.markAll(member, false);
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            let source = table.findSource(member, key);
            if (source === sources_1.NO_SOURCE && doesExclude) {
                source = table.addSource(member, key, (0, read_1.f64At)(members.dueMs, member));
            }
            if (source !== sources_1.NO_SOURCE && !this.isByHand(source))
                sources.set(source, Marked, true);
        }
        if (times.leavesFast && !doesExclude)
            this.removeMarked(member);
        else
            this.askMarked(member);
    }
    /** Asks for the marked sources that are forwarded, and removes the marks. */
    askMarked(member) {
        const { sources } = this.table;
        let count = 0;
        this.forEachSource(member, (source) => {
            if (!sources.isForwarded(source))
                sources.set(source, Marked, false);
            if (sources.has(source, Marked))
                count++;
        });
        if (count > 0)
            this.asker.sources(member);
        this.markAll(member, false);
    }
    removeMarked(member) {
        const { table } = this;
        this.forEachSource(member, (source) => {
            if (table.sources.has(source, Marked))
                table.removeSource(member, source);
        });
    }
    renew(member, source, untilMs) {
        this.table.sources.asksLeft[source] = 0;
        this.table.setSourceDue(member, source, untilMs);
    }
    markAll(member, isMarked) {
        this.forEachSource(member, (source) => {
            this.table.sources.set(source, Marked, isMarked);
        });
    }
    /** Calls `visit` for each source that hosts have named. `visit` may remove it. */
    forEachSource(member, visit) {
        const { members, sources } = this.table;
        let source = (0, read_1.i32At)(members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            const next = (0, read_1.i32At)(sources.next, source);
            if (!this.isByHand(source))
                visit(source);
            source = next;
        }
    }
    isByHand(source) {
        return this.table.sources.has(source, ByHand);
    }
}
exports.Records = Records;
