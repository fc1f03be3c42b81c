"use strict";
/**
 * Egress lists of groups: which ports get a frame to a group from a source. A list is made when it is asked
 * for the first time after something changed, and not for each frame.
 *
 * A group has one list for all sources that no membership names, and one for each that some membership does.
 * Ports of multicast routers are in each list.
 *
 * Source: RFC 3376 6.3, RFC 4541 2.1.2; `br_multicast_flood` in net/bridge/br_forward.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.EgressLists = void 0;
const ip_key_1 = require("../wire/ip-key");
const read_1 = require("../wire/read");
const key_index_1 = require("./key-index");
const members_1 = require("./members");
const sources_1 = require("./sources");
class EgressLists {
    members;
    sources;
    firstOf;
    /** Group → its lists; absent while something has changed. */
    lists = [];
    scratch = (0, ip_key_1.newIpKey)();
    constructor(members, sources, firstOf) {
        this.members = members;
        this.sources = sources;
        this.firstOf = firstOf;
    }
    /** Notes that the lists of a group are no longer right. */
    forget(group) {
        this.lists[group] = undefined;
    }
    /**
     * Ports that get a frame, ascending.
     * @param source address of the sender; not read if no membership names a source
     * @param routers ports of routers; a new array for each change
     */
    of(group, source, routers) {
        let lists = this.lists[group];
        if (lists?.routers !== routers) {
            lists = this.make(group, routers);
            this.lists[group] = lists;
        }
        if (lists.named === undefined)
            return lists.star;
        const named = lists.named.index.find(source, 0);
        return named === key_index_1.NOT_HELD ? lists.star : lists.named.lists[named];
    }
    make(group, routers) {
        const { members, sources } = this;
        const star = this.portsFor(group, undefined, routers);
        const index = new key_index_1.KeyIndex(0, Number.POSITIVE_INFINITY);
        const lists = [];
        for (let member = this.firstOf(group); member !== members_1.NO_MEMBER;) {
            let source = (0, read_1.i32At)(members.firstSource, member);
            while (source !== sources_1.NO_SOURCE) {
                sources.readKey(source, this.scratch);
                if (index.find(this.scratch, 0) === key_index_1.NOT_HELD) {
                    lists[index.add(this.scratch, 0)] = this.portsFor(group, this.scratch, routers, star);
                }
                source = (0, read_1.i32At)(sources.next, source);
            }
            member = (0, read_1.i32At)(members.next, member);
        }
        return { routers, star, named: lists.length === 0 ? undefined : { index, lists } };
    }
    /**
     * @param source a source that some membership names; `undefined` for one that none does
     * @param known a list that is used again if it has the same ports
     */
    portsFor(group, source, routers, known) {
        const { members } = this;
        const ports = new Set(routers);
        for (let member = this.firstOf(group); member !== members_1.NO_MEMBER;) {
            if (this.takes(member, source))
                ports.add((0, read_1.i32At)(members.port, member));
            member = (0, read_1.i32At)(members.next, member);
        }
        const isKnown = known !== undefined && known.length === ports.size;
        if (isKnown && known.every((port) => ports.has(port)))
            return known;
        return Int32Array.from(ports).sort();
    }
    takes(member, source) {
        const { members, sources } = this;
        const isOpen = members.has(member, members_1.MemberFlag.Exclude);
        if (source === undefined)
            return isOpen;
        const found = sources.find((0, read_1.i32At)(members.firstSource, member), source);
        return found === sources_1.NO_SOURCE ? isOpen : sources.isForwarded(found);
    }
}
exports.EgressLists = EgressLists;
