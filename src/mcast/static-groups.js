"use strict";
/**
 * Groups that an operator adds, replaces and removes (`tapctl mdb`), and the list of what is in the table. An
 * entry is permanent, so that no report and no timer changes it, or temporary, as if a host had joined.
 *
 * An entry is of a group, (*,G), with a list of sources that it includes or excludes; or of one source of a
 * group, (S,G). A group MAC that is no IP group has permanent entries only.
 *
 * Source: `br_mdb_add`, `br_mdb_del`, `br_mdb_flush` in net/bridge/br_mdb.c, whose refusals these are.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StaticGroups = void 0;
exports.isGroupAddress = isGroupAddress;
exports.formatGroup = formatGroup;
const ip_key_1 = require("../wire/ip-key");
const ip_text_1 = require("../wire/ip-text");
const igmp_1 = require("../wire/igmp");
const mac_1 = require("../wire/mac");
const read_1 = require("../wire/read");
const delivery_1 = require("./delivery");
const group_table_1 = require("./group-table");
const members_1 = require("./members");
const sources_1 = require("./sources");
const { ByHand: MemberByHand, Exclude, Permanent, Star } = members_1.MemberFlag;
class StaticGroups {
    table;
    forget;
    key = (0, ip_key_1.newIpKey)();
    groupKey = (0, ip_key_1.newIpKey)();
    /** @param forget called before a membership is removed */
    constructor(table, forget) {
        this.table = table;
        this.forget = forget;
    }
    /**
     * Adds an entry, or several as one: all, or none.
     * @param holdsMs for how long a temporary entry holds
     * @returns why it is refused, `undefined` if it is not
     */
    add(wanted, nowMs, holdsMs) {
        for (const entry of wanted) {
            const refusal = this.refusalOf(entry);
            if (refusal !== undefined)
                return refusal;
        }
        const refusal = this.refuseExcess(wanted);
        if (refusal !== undefined)
            return refusal;
        for (const entry of wanted)
            this.enter(entry, entry.isPermanent ? Infinity : nowMs + holdsMs);
        return undefined;
    }
    /** Removes an entry, and with a (*,G) the sources of its list. @returns whether there was one */
    remove({ port, vlan, group, source }) {
        const { table } = this;
        const member = table.findMember(group, vlan, port);
        if (member === members_1.NO_MEMBER)
            return false;
        if (source !== undefined) {
            const found = table.findSource(member, source);
            if (found === sources_1.NO_SOURCE)
                return false;
            table.removeSource(member, found);
        }
        else if (table.members.has(member, Star)) {
            this.clearStar(member);
        }
        else {
            return false;
        }
        this.removeIfEmpty(member);
        return true;
    }
    /** Removes each entry that matches. @returns how many */
    flush({ port, vlan, isPermanent }) {
        const { table } = this;
        const { members, sources } = table;
        let removed = 0;
        table.forEach((member) => {
            if (port !== undefined && members.port[member] !== port)
                return;
            const group = (0, read_1.i32At)(members.group, member);
            if (vlan !== undefined && table.index.vlanOf(group) !== vlan)
                return;
            if (members.has(member, Star) &&
                (isPermanent ?? members.has(member, Permanent)) === members.has(member, Permanent)) {
                this.clearStar(member);
                removed++;
            }
            this.forEachSource(member, (source) => {
                const isForGood = (0, read_1.f64At)(sources.dueMs, source) === Infinity;
                if (!sources.has(source, sources_1.SourceFlag.ByHand) || (isPermanent ?? isForGood) !== isForGood) {
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
    forgetLearned(member) {
        const { members, sources } = this.table;
        if (!members.has(member, Permanent))
            this.clearStar(member);
        this.forEachSource(member, (source) => {
            const isForGood = (0, read_1.f64At)(sources.dueMs, source) === Infinity;
            const isByHand = sources.has(source, sources_1.SourceFlag.ByHand);
            if (isByHand && !isForGood)
                this.table.removeSource(member, source);
        });
        this.removeIfEmpty(member);
    }
    /** Restores entries of another table, for as long as this one lives. */
    restore(entries) {
        for (const { group, source, port, vlan, mode, isBlocked, sources } of entries) {
            if (source !== undefined && isBlocked)
                continue;
            const common = { port, vlan, group: groupKeyOf(group), isPermanent: true, isReplacing: true };
            if (source !== undefined)
                this.enter({ ...common, source: ipKeyOfText(source) }, Infinity);
            else
                this.restoreStar({ ...common, mode }, sources);
        }
    }
    restoreStar(wanted, sources) {
        const excludes = wanted.mode === 'exclude';
        const listed = sources.filter(({ leftMs }) => !excludes || leftMs === 0);
        this.enter({ ...wanted, sources: listed.map(({ address }) => ipKeyOfText(address)) }, Infinity);
    }
    // What is there ---------------------------------------------------------------------------------
    /** One more than the highest place of a membership: `list` reads no further. */
    get ceiling() {
        return this.table.members.ceiling;
    }
    /** Entries of the memberships at the places `from` to `to` - 1. */
    list(nowMs, from, to) {
        const { members } = this.table;
        const entries = [];
        for (let member = from; member < Math.min(to, members.ceiling); member++) {
            if (members.isUsed(member))
                this.describe(member, nowMs, entries);
        }
        return entries;
    }
    describe(member, nowMs, entries) {
        const { members, sources, index } = this.table;
        const group = (0, read_1.i32At)(members.group, member);
        index.readKey(group, this.groupKey);
        const common = {
            port: (0, read_1.i32At)(members.port, member),
            vlan: index.vlanOf(group),
            group: formatGroup(this.groupKey),
        };
        const isPermanent = members.has(member, Permanent);
        const excludes = members.has(member, Exclude);
        const isByHand = members.has(member, MemberByHand);
        const mode = excludes ? 'exclude' : 'include';
        const list = [];
        const singles = [];
        this.forEachSource(member, (source) => {
            sources.readKey(source, this.key);
            const address = (0, ip_key_1.formatIpKey)(this.key);
            const dueMs = (0, read_1.f64At)(sources.dueMs, source);
            const leftMs = dueMs === sources_1.BLOCKED ? 0 : dueMs - nowMs;
            const isOwn = sources.has(source, sources_1.SourceFlag.ByHand);
            if (!isOwn)
                list.push({ address, leftMs: Number.isFinite(leftMs) ? leftMs : 0 });
            singles.push({
                ...common,
                source: address,
                isPermanent: isOwn ? dueMs === Infinity : isPermanent,
                isByHand: isOwn || isByHand,
                mode: 'include',
                isBlocked: dueMs === sources_1.BLOCKED,
                sources: [],
                ...(dueMs !== sources_1.BLOCKED && dueMs !== Infinity && { leftMs }),
            });
        });
        if (members.has(member, Star)) {
            const dueMs = (0, read_1.f64At)(members.dueMs, member);
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
    enter(wanted, dueMs) {
        const { table } = this;
        const { members, sources } = table;
        const member = table.ensureMember(wanted.group, wanted.vlan, wanted.port);
        if (wanted.source !== undefined) {
            const known = table.findSource(member, wanted.source);
            const source = known === sources_1.NO_SOURCE ? table.addSource(member, wanted.source, dueMs) : known;
            if (source === sources_1.NO_SOURCE)
                return;
            table.setSourceDue(member, source, dueMs);
            sources.set(source, sources_1.SourceFlag.ByHand, true);
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
            table.addSource(member, source, excludes ? sources_1.BLOCKED : dueMs);
        }
        table.changed(member);
    }
    /** Removes the (*,G) of a membership with the sources of its list. */
    clearStar(member) {
        const { table } = this;
        this.forEachSource(member, (source) => {
            if (!table.sources.has(source, sources_1.SourceFlag.ByHand))
                table.removeSource(member, source);
        });
        for (const flag of [Star, MemberByHand, Permanent, Exclude]) {
            table.members.set(member, flag, false);
        }
        table.setMemberDue(member, Infinity);
        table.changed(member);
    }
    removeIfEmpty(member) {
        const { table } = this;
        if (!table.isEmpty(member) || table.members.has(member, Permanent))
            return;
        this.forget(member);
        table.removeMember(member);
    }
    /** Calls `visit` for each source. `visit` may remove it. */
    forEachSource(member, visit) {
        const { members, sources } = this.table;
        let source = (0, read_1.i32At)(members.firstSource, member);
        while (source !== sources_1.NO_SOURCE) {
            const next = (0, read_1.i32At)(sources.next, source);
            visit(source);
            source = next;
        }
    }
    // Refusals --------------------------------------------------------------------------------------
    refusalOf(wanted) {
        const { group, source, mode, sources = [] } = wanted;
        const text = formatGroup(group);
        if ((0, group_table_1.isMacKey)(group)) {
            if (source !== undefined || sources.length > 0)
                return `${text}: a group MAC has no sources`;
            if (mode !== undefined)
                return `${text}: a group MAC has no filter mode`;
            if (!wanted.isPermanent)
                return `${text}: an entry of a group MAC must be permanent`;
        }
        else {
            if (!isGroupAddress(group))
                return `${text}: not a group address`;
            if ((0, delivery_1.isUnpruned)(group))
                return `${text}: frames to this group go to every port always`;
        }
        const ofSources = source === undefined ? refusalOfList(wanted) : refusalOfSource(wanted, source);
        return ofSources ?? this.refusalOfHeld(wanted);
    }
    refusalOfHeld(wanted) {
        const { group, vlan, port, source, sources = [], isReplacing = false } = wanted;
        const { table } = this;
        const text = formatGroup(group);
        const member = table.findMember(group, vlan, port);
        if (member === members_1.NO_MEMBER)
            return undefined;
        if (source !== undefined) {
            const held = table.findSource(member, source);
            if (held === sources_1.NO_SOURCE)
                return this.refusalOfRoom(member, text, 1);
            return isReplacing ? undefined : `${text}: the port has this source already; replace it`;
        }
        if (table.members.has(member, Star) && !isReplacing) {
            return `${text}: the port has this group already; replace it`;
        }
        for (const key of sources) {
            const held = table.findSource(member, key);
            if (held === sources_1.NO_SOURCE || !table.sources.has(held, sources_1.SourceFlag.ByHand))
                continue;
            return `${(0, ip_key_1.formatIpKey)(key)}: this source has an entry of its own; remove that first`;
        }
        return undefined;
    }
    refusalOfRoom(member, text, more) {
        if (this.table.sourcesOf(member) + more <= sources_1.MAX_SOURCES_EACH)
            return undefined;
        return `${text}: ${sources_1.MAX_SOURCES_EACH} sources of a group at most`;
    }
    /** Refuses what would exceed a limit, before anything is entered. */
    refuseExcess(wanted) {
        const { table } = this;
        const { members, index } = table;
        const more = new Map();
        let groups = 0;
        let joined = 0;
        for (const { group, vlan, port } of wanted) {
            if (table.findMember(group, vlan, port) !== members_1.NO_MEMBER)
                continue;
            if (table.find(group, vlan) === -1)
                groups++;
            more.set(port, (more.get(port) ?? 0) + 1);
            joined++;
        }
        for (const [port, count] of more) {
            if (!table.hasRoomOn(port, count))
                return 'mcast-max-groups of the port is reached';
        }
        if (index.count + groups > index.max)
            return `mcast-hash-max is reached: ${index.max} groups`;
        return members.count + joined > members.max ? 'the group table is full' : undefined;
    }
}
exports.StaticGroups = StaticGroups;
function refusalOfList({ group, mode, sources = [] }) {
    const text = formatGroup(group);
    if (sources.length > 0 && mode === undefined)
        return `${text}: sources need a filter mode`;
    if (mode === 'include' && sources.length === 0)
        return `${text}: include needs sources`;
    if (sources.length > sources_1.MAX_SOURCES_EACH)
        return `${text}: ${sources_1.MAX_SOURCES_EACH} sources at most`;
    return sources.map((source) => refusalOfAddress(group, source)).find((why) => why !== undefined);
}
function refusalOfSource(wanted, source) {
    const { group, mode, sources = [] } = wanted;
    const text = formatGroup(group);
    if (mode !== undefined)
        return `${text}: an entry of one source has no filter mode`;
    if (sources.length > 0)
        return `${text}: an entry of one source has no list of sources`;
    return refusalOfAddress(group, source);
}
function refusalOfAddress(group, source) {
    const text = (0, ip_key_1.formatIpKey)(source);
    if (isGroupAddress(source))
        return `${text}: a source is not a group`;
    if ((0, ip_key_1.isSameIpKey)(source, UNSPECIFIED) || ipv4Is(source, 0))
        return `${text}: not a source`;
    const isSameFamily = (group[0] === 0) === isIpv4(source);
    return isSameFamily ? undefined : `${text}: not of the family of ${formatGroup(group)}`;
}
const UNSPECIFIED = (0, ip_key_1.newIpKey)();
function isIpv4(key) {
    return key[0] === 0 && key[1] === 0 && key[2] === (0xffff0000 | 0);
}
function ipv4Is(key, address) {
    return isIpv4(key) && (0, ip_key_1.ipv4OfKey)(key) === address;
}
/** Whether the address is a group of IPv4 or IPv6. */
function isGroupAddress(key) {
    return isIpv4(key) ? (0, igmp_1.isGroupIpv4)((0, ip_key_1.ipv4OfKey)(key)) : ((key[0] ?? 0) & 0xff) === 0xff;
}
function ipKeyOfText(text) {
    return (0, ip_key_1.ipKeyOf)((0, ip_text_1.parseIpAddress)(text) ?? []);
}
function groupKeyOf(text) {
    const mac = (0, mac_1.parseMac)(text);
    if (mac === undefined)
        return ipKeyOfText(text);
    const key = (0, ip_key_1.newIpKey)();
    (0, group_table_1.setMacKey)(key, mac.hi16, mac.lo32);
    return key;
}
/** Text of a group: an address, or a MAC. */
function formatGroup(key) {
    return (0, group_table_1.isMacKey)(key) ? (0, mac_1.formatMac)(key[1] ?? 0, key[2] ?? 0) : (0, ip_key_1.formatIpKey)(key);
}
