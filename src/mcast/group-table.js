"use strict";
/**
 * The group table: (VLAN, group address) → memberships of ports, each with its list of sources. It stores and
 * finds; `records.ts` has the rules by which reports change it, `static-groups.ts` those of an operator.
 *
 * Keys are group addresses and not their MACs, for 32 IPv4 groups share a MAC. A group MAC that belongs to no
 * IP group has a key of its own kind (`setMacKey`).
 *
 * Limits: groups in all, memberships in all, groups of a port, sources of a membership and in all. What is
 * beyond a limit is refused, and nothing else changes: a host that joins too much harms only what it joins.
 *
 * Source: net/bridge/br_multicast.c, br_mdb.c; RFC 3376 6.2.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.GroupTable = exports.DEFAULT_HASH_MAX = void 0;
exports.setMacKey = setMacKey;
exports.isMacKey = isMacKey;
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const egress_lists_1 = require("./egress-lists");
const grown_1 = require("./grown");
const key_index_1 = require("./key-index");
const members_1 = require("./members");
const sources_1 = require("./sources");
/** Groups at most, unless set: `mcast_hash_max` of a Linux bridge. */
exports.DEFAULT_HASH_MAX = 4_096;
/** First word of the key of a group MAC. No IPv6 group begins with the byte 1, and no IPv4 group with it. */
const MAC_KEY = 1;
/** Sets a key from a group MAC. */
function setMacKey(key, hi16, lo32) {
    key[0] = MAC_KEY;
    key[1] = hi16;
    key[2] = lo32;
    key[3] = 0;
}
function isMacKey(key) {
    return key[0] === MAC_KEY;
}
class GroupTable {
    members = new members_1.Members(members_1.MAX_MEMBERS);
    sources = new sources_1.Sources();
    index;
    lists;
    /** Number of groups that are MACs. */
    macCount = 0;
    /** No timer of a membership or source ends before, ms. It may be earlier than the first one. */
    dueMs = Infinity;
    first = new Int32Array(0);
    perPort;
    /** Groups of a port at most; 0 for no limit. */
    maxPerPort;
    scratch = (0, ip_key_1.newIpKey)();
    constructor({ maxPorts, seed, hashMax = exports.DEFAULT_HASH_MAX }) {
        this.index = new key_index_1.KeyIndex(seed, hashMax);
        this.perPort = new Int32Array(maxPorts);
        this.maxPerPort = new Int32Array(maxPorts);
        this.lists = new egress_lists_1.EgressLists(this.members, this.sources, (group) => this.firstMember(group));
    }
    // Groups --------------------------------------------------------------------------------------
    find(key, vlan) {
        return this.index.find(key, vlan);
    }
    /** The first membership of a group; `members.next` leads to the others. */
    firstMember(group) {
        return (0, read_1.i32At)(this.first, group);
    }
    /** Calls `visit` for each membership. `visit` may remove it. */
    forEach(visit) {
        const { members } = this;
        for (let member = 0; member < members.ceiling; member++) {
            if (members.isUsed(member))
                visit(member);
        }
    }
    addGroup(key, vlan) {
        const group = this.index.add(key, vlan);
        if (group === key_index_1.NOT_HELD)
            return key_index_1.NOT_HELD;
        if (this.first.length < this.index.capacity) {
            this.first = (0, grown_1.grownI32)(this.first, this.index.capacity);
        }
        this.first[group] = members_1.NO_MEMBER;
        this.lists.forget(group);
        if (isMacKey(key))
            this.macCount++;
        return group;
    }
    removeGroup(group) {
        this.index.readKey(group, this.scratch);
        if (isMacKey(this.scratch))
            this.macCount--;
        this.index.remove(group);
        this.lists.forget(group);
    }
    // Memberships ---------------------------------------------------------------------------------
    findMember(key, vlan, port) {
        const group = this.find(key, vlan);
        return group === key_index_1.NOT_HELD ? members_1.NO_MEMBER : this.memberAt(group, port);
    }
    memberAt(group, port) {
        const { members } = this;
        let member = this.firstMember(group);
        while (member !== members_1.NO_MEMBER && (0, read_1.i32At)(members.port, member) !== port) {
            member = (0, read_1.i32At)(members.next, member);
        }
        return member;
    }
    /** Finds a membership, or adds one that includes no source. @returns `NO_MEMBER` if a limit refuses it */
    ensureMember(key, vlan, port) {
        let group = this.find(key, vlan);
        if (group !== key_index_1.NOT_HELD) {
            const member = this.memberAt(group, port);
            if (member !== members_1.NO_MEMBER)
                return member;
        }
        if (this.members.isFull || !this.hasRoomOn(port, 1))
            return members_1.NO_MEMBER;
        if (group === key_index_1.NOT_HELD)
            group = this.addGroup(key, vlan);
        if (group === key_index_1.NOT_HELD)
            return members_1.NO_MEMBER;
        const member = this.members.take(group, port);
        this.link(group, member, port);
        this.perPort[port] = this.countOn(port) + 1;
        this.changed(member);
        return member;
    }
    /** Removes a membership with its sources, and its group with the last membership. */
    removeMember(member) {
        const { members } = this;
        const group = (0, read_1.i32At)(members.group, member);
        const port = (0, read_1.i32At)(members.port, member);
        let source = (0, read_1.i32At)(members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            const next = (0, read_1.i32At)(this.sources.next, source);
            this.sources.release(source);
            source = next;
        }
        this.unlink(group, member);
        members.release(member);
        this.perPort[port] = this.countOn(port) - 1;
        if (this.firstMember(group) === members_1.NO_MEMBER)
            this.removeGroup(group);
        else
            this.lists.forget(group);
    }
    /** Notes that a membership has changed, so that frames are sent by it. */
    changed(member) {
        this.lists.forget((0, read_1.i32At)(this.members.group, member));
    }
    /** Chains a membership by its port. */
    link(group, member, port) {
        const { members } = this;
        let before = members_1.NO_MEMBER;
        let after = this.firstMember(group);
        while (after !== members_1.NO_MEMBER && (0, read_1.i32At)(members.port, after) < port) {
            before = after;
            after = (0, read_1.i32At)(members.next, after);
        }
        members.next[member] = after;
        if (before === members_1.NO_MEMBER)
            this.first[group] = member;
        else
            members.next[before] = member;
    }
    unlink(group, member) {
        const { members } = this;
        const after = (0, read_1.i32At)(members.next, member);
        let before = this.firstMember(group);
        if (before === member) {
            this.first[group] = after;
            return;
        }
        while (members.next[before] !== member)
            before = (0, read_1.i32At)(members.next, before);
        members.next[before] = after;
    }
    // Limits --------------------------------------------------------------------------------------
    /** Number of groups that a port has joined. */
    countOn(port) {
        return (0, read_1.i32At)(this.perPort, port);
    }
    /** Sets the most groups of a port; 0 for no limit. What it has joined stays. */
    setMaxOn(port, max) {
        this.maxPerPort[port] = max;
    }
    /** Whether a port may join so many groups more. */
    hasRoomOn(port, groups) {
        const max = (0, read_1.i32At)(this.maxPerPort, port);
        return max === 0 || this.countOn(port) + groups <= max;
    }
    // Sources -------------------------------------------------------------------------------------
    findSource(member, key) {
        return this.sources.find((0, read_1.i32At)(this.members.firstSource, member), key);
    }
    /** Adds a source that the membership does not have. @returns `NO_SOURCE` if a limit refuses it */
    addSource(member, key, dueMs) {
        const { members, sources } = this;
        if (sources.isFull || this.sourcesOf(member) >= sources_1.MAX_SOURCES_EACH)
            return sources_1.NO_SOURCE;
        const source = sources.take(key, dueMs);
        sources.next[source] = (0, read_1.i32At)(members.firstSource, member);
        members.firstSource[member] = source;
        if (dueMs !== sources_1.BLOCKED)
            this.expect(dueMs);
        this.changed(member);
        return source;
    }
    removeSource(member, source) {
        const { members, sources } = this;
        const after = (0, read_1.i32At)(sources.next, source);
        let before = (0, read_1.i32At)(members.firstSource, member);
        if (before === source) {
            members.firstSource[member] = after;
        }
        else {
            while (sources.next[before] !== source)
                before = (0, read_1.i32At)(sources.next, before);
            sources.next[before] = after;
        }
        sources.release(source);
        this.changed(member);
    }
    sourcesOf(member) {
        let count = 0;
        let source = (0, read_1.i32At)(this.members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            count++;
            source = (0, read_1.i32At)(this.sources.next, source);
        }
        return count;
    }
    // Time ----------------------------------------------------------------------------------------
    setMemberDue(member, dueMs) {
        this.members.dueMs[member] = dueMs;
        this.expect(dueMs);
    }
    /** @param dueMs `BLOCKED` for a source that is no longer forwarded */
    setSourceDue(member, source, dueMs) {
        const wasForwarded = this.sources.isForwarded(source);
        this.sources.dueMs[source] = dueMs;
        if (dueMs !== sources_1.BLOCKED)
            this.expect(dueMs);
        if (wasForwarded !== this.sources.isForwarded(source))
            this.changed(member);
    }
    /** Has the forwarded sources of a membership end by a time, but for what an operator made. */
    lowerSources(member, untilMs) {
        const { sources } = this;
        let source = (0, read_1.i32At)(this.members.firstSource, member);
        for (; source !== sources_1.NO_SOURCE; source = (0, read_1.i32At)(sources.next, source)) {
            if (sources.has(source, sources_1.SourceFlag.ByHand))
                continue;
            if ((0, read_1.f64At)(sources.dueMs, source) > untilMs)
                this.setSourceDue(member, source, untilMs);
        }
    }
    expect(dueMs) {
        if (dueMs < this.dueMs)
            this.dueMs = dueMs;
    }
    /**
     * Ends what is over: sources first, then the mode `Exclude` (RFC 3376 6.2.3, 6.3).
     * @param removed called for a membership before it is removed
     */
    sweep(nowMs, removed) {
        if (nowMs < this.dueMs)
            return;
        this.dueMs = Infinity;
        const { members } = this;
        this.forEach((member) => {
            this.sweepSources(member, nowMs);
            const dueMs = (0, read_1.f64At)(members.dueMs, member);
            if (dueMs <= nowMs)
                this.endExclude(member);
            else
                this.expect(dueMs);
            if (this.isEmpty(member)) {
                removed(member);
                this.removeMember(member);
            }
        });
    }
    /** Whether a membership gets nothing and holds nothing. */
    isEmpty(member) {
        const { members } = this;
        if (members.has(member, members_1.MemberFlag.Exclude))
            return false;
        return (0, read_1.i32At)(members.firstSource, member) === sources_1.NO_SOURCE;
    }
    sweepSources(member, nowMs) {
        const { members, sources } = this;
        let source = (0, read_1.i32At)(members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            const next = (0, read_1.i32At)(sources.next, source);
            const dueMs = (0, read_1.f64At)(sources.dueMs, source);
            if (dueMs !== sources_1.BLOCKED && dueMs <= nowMs)
                this.endSource(member, source);
            else if (dueMs !== sources_1.BLOCKED)
                this.expect(dueMs);
            source = next;
        }
    }
    endSource(member, source) {
        const isByHand = this.sources.has(source, sources_1.SourceFlag.ByHand);
        const isOpen = this.members.has(member, members_1.MemberFlag.Exclude);
        if (isOpen && !isByHand)
            this.setSourceDue(member, source, sources_1.BLOCKED);
        else
            this.removeSource(member, source);
    }
    /** Ends the mode `Exclude`: the forwarded sources stay, and are included. */
    endExclude(member) {
        const { members, sources } = this;
        let source = (0, read_1.i32At)(members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            const next = (0, read_1.i32At)(sources.next, source);
            if (!sources.isForwarded(source))
                this.removeSource(member, source);
            source = next;
        }
        members.set(member, members_1.MemberFlag.Exclude, false);
        members.dueMs[member] = Infinity;
        this.changed(member);
    }
}
exports.GroupTable = GroupTable;
