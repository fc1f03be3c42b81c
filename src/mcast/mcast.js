"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.Mcast = void 0;
const burst_1 = require("../frame/burst");
const verdict_1 = require("../frame/verdict");
const ethernet_1 = require("../wire/ethernet");
const igmp_1 = require("../wire/igmp");
const ip_key_1 = require("../wire/ip-key");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const mld_1 = require("../wire/mld");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const asks_1 = require("./asks");
const contexts_1 = require("./contexts");
const counters_1 = require("./counters");
const delivery_1 = require("./delivery");
const group_table_1 = require("./group-table");
const members_1 = require("./members");
const packet_sources_1 = require("./packet-sources");
const records_1 = require("./records");
const routers_1 = require("./routers");
const settings_1 = require("./settings");
const sources_1 = require("./sources");
const speak_1 = require("./speak");
const static_groups_1 = require("./static-groups");
/** What could be said for each frame is said at most this often. */
const NEWS_INTERVAL_MS = 1_000;
const NOTHING = {};
const MESSAGES = {
    types: [
        {
            etherType: 0x0800,
            wantsProtocol: (protocol) => protocol === igmp_1.PROTOCOL_IGMP || protocol === igmp_1.PROTOCOL_PIM,
        },
        {
            etherType: 0x86dd,
            wantsProtocol: (header) => header === ipv6_1.NEXT_HEADER_HOP_BY_HOP || header === igmp_1.PROTOCOL_PIM,
        },
    ],
    tagged: true,
};
/** Address from which the switch asks without one of its own: 0.0.0.0. */
const ANY_IPV4 = (0, ip_key_1.newIpKey)();
(0, ip_key_1.setIpv4Key)(ANY_IPV4, 0);
class Mcast {
    options;
    table;
    contexts = new contexts_1.Contexts();
    delivery;
    staticGroups;
    settings = settings_1.DEFAULT_MCAST_SETTINGS;
    records;
    asks;
    linkLocal;
    fastLeave = new Set();
    /** Port that came up → general queries that it is still to be sent, and when, ms. */
    startups = new Map();
    /** Whether settings have changed since the last tick. */
    isUnsettled = false;
    /** Whether snooping has begun anew since the last tick. */
    isBeginning = false;
    /** When the operator is told that there is no querier, ms. */
    missingMs = Infinity;
    quietUntilMs = -Infinity;
    nowMs = 0;
    /** VLAN of the present frame. */
    vlan = vlan_1.NO_VLAN;
    filtersVlans = false;
    group = (0, ip_key_1.newIpKey)();
    source = (0, ip_key_1.newIpKey)();
    packetSources = new packet_sources_1.PacketSources();
    constructor(options) {
        this.options = options;
        const { mac, maxPorts, seed } = options;
        this.table = new group_table_1.GroupTable({ maxPorts, seed });
        this.linkLocal = (0, ip_key_1.linkLocalKey)(mac);
        this.asks = new asks_1.Asks(this.table, this);
        this.records = new records_1.Records(this.table, this.asks);
        this.delivery = new delivery_1.Delivery(this.table, this.contexts);
        this.staticGroups = new static_groups_1.StaticGroups(this.table, (member) => this.asks.forget(member));
    }
    get wants() {
        return this.isOn ? MESSAGES : NOTHING;
    }
    /** Whether groups are delivered to their members only. */
    get isOn() {
        return this.settings.mcastSnooping;
    }
    // The path of a frame ---------------------------------------------------------------------------
    receive(frame, outbox) {
        const { burst } = outbox;
        const isToGroup = ((0, read_1.i32At)(burst.kind, frame) & burst_1.FrameFlag.Group) !== 0;
        if (!isToGroup || (0, burst_1.tagsOf)(burst, frame) > 1)
            return verdict_1.PASS;
        this.nowMs = burst.nowMs;
        this.vlan = (0, read_1.i32At)(burst.vlan, frame);
        const isIpv4 = (0, burst_1.typeOf)(burst, frame) === ethernet_1.ETHER_TYPE_IPV4;
        return isIpv4 ? this.receiveIpv4(frame, outbox) : this.receiveIpv6(frame, outbox);
    }
    receiveIpv4(frame, outbox) {
        const { u8, u16, ingress } = outbox.burst;
        const ip = (0, burst_1.payloadOf)(outbox.burst, frame);
        const lengthBytes = (0, burst_1.payloadBytesOf)(outbox.burst, frame);
        const protocol = (0, read_1.u8At)(u8, ip + ipv4_1.PROTOCOL);
        const port = (0, read_1.i32At)(ingress, frame);
        if (protocol === igmp_1.PROTOCOL_PIM) {
            const headerBytes = (0, ipv4_1.checkIpv4Header)(u8, u16, ip, lengthBytes);
            if (headerBytes > 0 && (0, igmp_1.isPimHello)(u8, ip, headerBytes))
                this.markRouter(contexts_1.Family.Ipv4, port);
            return verdict_1.PASS;
        }
        // Nobody sends fragments of such a message, and a snooper does not put them together.
        if (protocol !== igmp_1.PROTOCOL_IGMP || (0, ipv4_1.isFragment)(u8, ip))
            return verdict_1.PASS;
        const at = (0, igmp_1.checkIgmp)(u8, u16, ip, lengthBytes);
        if (at === igmp_1.MALFORMED)
            return (0, verdict_1.dropBecause)(counters_1.McastDrop.Malformed);
        if ((0, igmp_1.isIgmpRouterAdvertisement)(u8, ip, at))
            this.markRouter(contexts_1.Family.Ipv4, port);
        if ((0, igmp_1.igmpType)(u8, at) === igmp_1.IGMP_QUERY)
            this.takeIgmpQuery(u8, ip, at, port);
        if (!(0, igmp_1.isIgmpReport)((0, igmp_1.igmpType)(u8, at)))
            return verdict_1.PASS;
        this.takeIgmpReport(u8, at, port, outbox);
        return this.passReport(contexts_1.Family.Ipv4, port, outbox);
    }
    receiveIpv6(frame, outbox) {
        const { u8, u16, offset, ingress } = outbox.burst;
        const ip = (0, burst_1.payloadOf)(outbox.burst, frame);
        const lengthBytes = (0, burst_1.payloadBytesOf)(outbox.burst, frame);
        const port = (0, read_1.i32At)(ingress, frame);
        if ((0, read_1.u8At)(u8, ip + ipv6_1.NEXT_HEADER) === igmp_1.PROTOCOL_PIM) {
            if ((0, mld_1.isPimHelloV6)(u8, ip, lengthBytes))
                this.markRouter(contexts_1.Family.Ipv6, port);
            return verdict_1.PASS;
        }
        const at = (0, mld_1.findMld)(u8, u16, (0, read_1.i32At)(offset, frame), ip, lengthBytes);
        if (at === mld_1.NOT_MLD)
            return verdict_1.PASS;
        if (at === igmp_1.MALFORMED)
            return (0, verdict_1.dropBecause)(counters_1.McastDrop.Malformed);
        if ((0, mld_1.isMldRouterAdvertisement)(u8, ip, at)) {
            this.markRouter(contexts_1.Family.Ipv6, port);
            return verdict_1.PASS;
        }
        if ((0, mld_1.mldType)(u8, at) === mld_1.MLD_QUERY) {
            this.takeMldQuery(u8, ip, at, port);
            return verdict_1.PASS;
        }
        this.takeMldReport(u8, at, port, outbox);
        return this.passReport(contexts_1.Family.Ipv6, port, outbox);
    }
    /** A report goes to routers alone. Where there is none, the switch is the one that has to hear it. */
    passReport(family, ingress, outbox) {
        const { querier, routers } = this.contextOf(family);
        if (!querier.isKnown(this.nowMs))
            return verdict_1.PASS;
        if (routers.ports.some((port) => port !== ingress))
            return verdict_1.PASS;
        outbox.reporter?.step('a report is for routers, and there is none behind another port');
        return verdict_1.CONSUMED;
    }
    // Reports ---------------------------------------------------------------------------------------
    takeIgmpReport(u8, at, port, outbox) {
        const type = (0, igmp_1.igmpType)(u8, at);
        this.count(type === igmp_1.IGMPV2_LEAVE ? counters_1.McastCounter.Leave : counters_1.McastCounter.Report, port);
        if (type !== igmp_1.IGMPV3_REPORT) {
            (0, ip_key_1.setIpv4Key)(this.group, (0, ethernet_1.getI32)(u8, at + igmp_1.IGMP_GROUP));
            this.takeOld(type === igmp_1.IGMPV2_LEAVE, port, outbox);
            return;
        }
        let record = at + igmp_1.IGMP_BYTES;
        for (let left = (0, igmp_1.igmpRecordCount)(u8, at); left > 0; left--) {
            (0, ip_key_1.setIpv4Key)(this.group, (0, ethernet_1.getI32)(u8, record + igmp_1.IGMP_GROUP));
            const count = (0, ethernet_1.getU16)(u8, record + 2);
            const from = record + igmp_1.IGMP_RECORD_BYTES;
            const list = this.packetSources.set(u8, from, count, contexts_1.Family.Ipv4);
            this.takeRecord((0, read_1.u8At)(u8, record), list, port, this.settings.mcastIgmpVersion === 2, outbox);
            record = (0, igmp_1.nextIgmpRecord)(u8, record);
        }
    }
    takeMldReport(u8, at, port, outbox) {
        const type = (0, mld_1.mldType)(u8, at);
        this.count(type === mld_1.MLDV1_DONE ? counters_1.McastCounter.Leave : counters_1.McastCounter.Report, port);
        if (type !== mld_1.MLDV2_REPORT) {
            (0, ip_key_1.setIpv6Key)(this.group, u8, at + mld_1.MLD_GROUP);
            this.takeOld(type === mld_1.MLDV1_DONE, port, outbox);
            return;
        }
        let record = at + mld_1.MLD_RECORDS;
        for (let left = (0, mld_1.mldRecordCount)(u8, at); left > 0; left--) {
            (0, ip_key_1.setIpv6Key)(this.group, u8, record + igmp_1.IGMP_GROUP);
            const count = (0, ethernet_1.getU16)(u8, record + 2);
            const from = record + mld_1.MLD_RECORD_BYTES;
            const list = this.packetSources.set(u8, from, count, contexts_1.Family.Ipv6);
            this.takeRecord((0, read_1.u8At)(u8, record), list, port, this.settings.mcastMldVersion === 1, outbox);
            record = (0, mld_1.nextMldRecord)(u8, record);
        }
    }
    /** Takes a message of IGMPv1, v2 or MLDv1 about `group`. */
    takeOld(isLeave, port, outbox) {
        if ((0, delivery_1.isUnpruned)(this.group))
            return;
        if (isLeave)
            this.leave(port, outbox);
        else
            this.apply(records_1.RecordType.IsExclude, records_1.NO_SOURCES, port, outbox);
    }
    /**
     * Takes a record about `group`.
     * @param isOld whether the switch speaks an older version: it then keeps no sources, and takes an empty
     *   include for a leave and any other record for a join, as Linux does
     */
    takeRecord(type, list, port, isOld, outbox) {
        // A record of an unknown type is passed over: RFC 3376 4.2.12.
        if (type < records_1.RecordType.IsInclude || type > records_1.RecordType.Block || (0, delivery_1.isUnpruned)(this.group))
            return;
        const includes = type === records_1.RecordType.IsInclude || type === records_1.RecordType.ToInclude;
        if (isOld)
            this.takeOld(includes && list.count === 0, port, outbox);
        else
            this.apply(type, list, port, outbox);
    }
    apply(type, list, port, outbox) {
        const { table, group, nowMs } = this;
        const excludes = type === records_1.RecordType.IsExclude || type === records_1.RecordType.ToExclude;
        const mayJoin = excludes || (list.count > 0 && type !== records_1.RecordType.Block);
        const member = mayJoin
            ? table.ensureMember(group, this.vlan, port)
            : table.findMember(group, this.vlan, port);
        if (member === members_1.NO_MEMBER) {
            if (mayJoin)
                this.refuse(port);
            return;
        }
        if (table.members.has(member, members_1.MemberFlag.Permanent))
            return;
        table.members.set(member, members_1.MemberFlag.Star, true);
        this.asks.at(nowMs);
        this.records.apply(type, member, list, {
            nowMs,
            membershipMs: (0, settings_1.membershipMs)(this.settings),
            leavesFast: this.fastLeave.has(port),
        });
        this.asks.send(member, outbox);
        this.removeIfEmpty(member);
    }
    /** Takes a leave for `group`. It ends no list of sources, for the host speaks of the whole group. */
    leave(port, outbox) {
        const { table } = this;
        const { members } = table;
        const member = table.findMember(this.group, this.vlan, port);
        if (member === members_1.NO_MEMBER || members.has(member, members_1.MemberFlag.Permanent))
            return;
        if (!members.has(member, members_1.MemberFlag.Exclude))
            return;
        if (this.fastLeave.has(port)) {
            this.apply(records_1.RecordType.ToInclude, records_1.NO_SOURCES, port, outbox);
            return;
        }
        this.asks.at(this.nowMs).group(member);
        this.asks.send(member, outbox);
    }
    removeIfEmpty(member) {
        if (!this.table.isEmpty(member))
            return;
        this.asks.forget(member);
        this.table.removeMember(member);
    }
    refuse(port) {
        this.count(counters_1.McastCounter.Refused, port);
        if (this.nowMs < this.quietUntilMs)
            return;
        this.quietUntilMs = this.nowMs + NEWS_INTERVAL_MS;
        const groups = this.table.countOn(port);
        this.options.news({ event: 'mcast-refused', group: (0, ip_key_1.formatIpKey)(this.group), port, groups });
    }
    // Queries and routers ---------------------------------------------------------------------------
    takeIgmpQuery(u8, ip, at, port) {
        const bytes = (0, igmp_1.igmpBytes)(u8, ip);
        const maxResponseMs = (0, igmp_1.igmpMaxResponseMs)(u8, at, bytes);
        this.count(counters_1.McastCounter.Query, port);
        const group = (0, ethernet_1.getI32)(u8, at + igmp_1.IGMP_GROUP);
        (0, ip_key_1.setIpv4Key)(this.group, group);
        (0, ip_key_1.setIpv4Key)(this.source, (0, ethernet_1.getI32)(u8, ip + ipv4_1.SOURCE_ADDRESS));
        if (group === 0)
            return this.elect(contexts_1.Family.Ipv4, port, maxResponseMs);
        if ((0, igmp_1.isIgmpSuppressed)(u8, at, bytes))
            return;
        const count = (0, igmp_1.igmpQuerySources)(u8, at, bytes);
        const list = this.packetSources.set(u8, at + igmp_1.IGMPV3_QUERY_BYTES, count, contexts_1.Family.Ipv4);
        this.lower(list, maxResponseMs);
    }
    takeMldQuery(u8, ip, at, port) {
        const bytes = (0, mld_1.mldBytes)(u8, ip, at);
        const maxResponseMs = (0, mld_1.mldMaxResponseMs)(u8, at, bytes);
        this.count(counters_1.McastCounter.Query, port);
        (0, ip_key_1.setIpv6Key)(this.group, u8, at + mld_1.MLD_GROUP);
        (0, ip_key_1.setIpv6Key)(this.source, u8, ip + ipv6_1.SOURCE_ADDRESS);
        if (this.group[0] === 0)
            return this.elect(contexts_1.Family.Ipv6, port, maxResponseMs);
        if ((0, mld_1.isMldSuppressed)(u8, at, bytes))
            return;
        const count = (0, mld_1.mldQuerySources)(u8, at, bytes);
        const list = this.packetSources.set(u8, at + mld_1.MLDV2_QUERY_BYTES, count, contexts_1.Family.Ipv6);
        this.lower(list, maxResponseMs);
    }
    /**
     * Takes a general query from `source`. One from 0.0.0.0 is no querier's, yet whoever sends it wants to hear
     * the reports: its port becomes a router port, as on a Linux bridge. RFC 4541 2.1.1 would not have that.
     */
    elect(family, port, maxResponseMs) {
        const { nowMs, settings, source } = this;
        const { querier } = this.contextOf(family);
        if ((0, ip_key_1.compareIpKeys)(source, ANY_IPV4) === 0)
            return this.markRouter(family, port);
        const isOther = !querier.isHeard(nowMs) || (0, ip_key_1.compareIpKeys)(source, querier.heard) !== 0;
        const own = this.ownSource(family, this.vlan);
        if (!querier.query(source, port, maxResponseMs, nowMs, own, settings))
            return;
        this.markRouter(family, port);
        if (!isOther || nowMs < this.quietUntilMs)
            return;
        this.quietUntilMs = nowMs + NEWS_INTERVAL_MS;
        this.options.news({ event: 'mcast-querier', address: (0, ip_key_1.formatIpKey)(source), port });
    }
    /** Lowers the timers of what another querier asks for: RFC 3376 6.6.1. */
    lower(list, maxResponseMs) {
        const { table, nowMs, settings } = this;
        const untilMs = nowMs + maxResponseMs * settings.mcastLastMemberCount;
        const group = table.find(this.group, this.vlan);
        if (group < 0)
            return;
        const { members } = table;
        let member = table.firstMember(group);
        for (; member !== members_1.NO_MEMBER; member = (0, read_1.i32At)(members.next, member)) {
            if (members.has(member, members_1.MemberFlag.Permanent))
                continue;
            if (list.count > 0)
                this.lowerSources(member, list, untilMs);
            else
                this.lowerMember(member, untilMs);
        }
    }
    lowerMember(member, untilMs) {
        const { members } = this.table;
        if ((0, read_1.f64At)(members.dueMs, member) <= untilMs || !members.has(member, members_1.MemberFlag.Exclude))
            return;
        this.table.setMemberDue(member, untilMs);
    }
    lowerSources(member, list, untilMs) {
        const { table, source: key } = this;
        for (let index = 0; index < list.count; index++) {
            list.read(index, key);
            const source = table.findSource(member, key);
            if (source === sources_1.NO_SOURCE || table.sources.has(source, sources_1.SourceFlag.ByHand))
                continue;
            if ((0, read_1.f64At)(table.sources.dueMs, source) > untilMs)
                table.setSourceDue(member, source, untilMs);
        }
    }
    markRouter(family, port) {
        this.contextOf(family).routers.mark(port, this.nowMs + (0, settings_1.querierMs)(this.settings));
    }
    contextOf(family) {
        return this.contexts.of(this.vlan, family, this.nowMs, this.settings);
    }
    // Questions of the switch -----------------------------------------------------------------------
    mayLower(vlan, group, nowMs) {
        return this.contexts.find(vlan, familyOf(group))?.querier.isHeard(nowMs) !== true;
    }
    /** Whether the switch is the querier of a group. */
    asksFor(vlan, group) {
        return this.contexts.find(vlan, familyOf(group))?.querier.isOwn === true;
    }
    /** Sends a query for a group, or for some sources of it, out of one port. */
    send(vlan, group, sources, port, outbox) {
        const { mcastLastMemberIntervalMs: maxResponseMs } = this.settings;
        const frame = this.make(familyOf(group), vlan, maxResponseMs, group, sources, outbox);
        if (frame < 0)
            return;
        this.count(counters_1.McastCounter.QuerySent, port);
        outbox.toPort(frame, port);
    }
    /** Makes a general query. @returns the frame, or -1 */
    makeGeneral({ family, vlan }, outbox) {
        const { mcastQueryResponseIntervalMs: maxResponseMs } = this.settings;
        return this.make(family, vlan, maxResponseMs, undefined, [], outbox);
    }
    make(family, vlan, maxResponseMs, group, sources, outbox) {
        const { settings, options } = this;
        const { mcastQueryIntervalMs: queryIntervalMs } = settings;
        const source = this.ownSource(family, vlan) ?? ANY_IPV4;
        const speaker = { mac: options.mac, source };
        if (family === contexts_1.Family.Ipv6) {
            const version = settings.mcastMldVersion;
            const text = { version, maxResponseMs, queryIntervalMs, isSuppressed: false };
            return inVlan(outbox, vlan, (0, speak_1.makeMldQuery)(outbox, speaker, text, group, sources));
        }
        const version = settings.mcastIgmpVersion;
        const text = { version, maxResponseMs, queryIntervalMs, isSuppressed: false };
        return inVlan(outbox, vlan, (0, speak_1.makeIgmpQuery)(outbox, speaker, text, group, sources));
    }
    /** Address from which the switch asks in a VLAN, if it has one: it has a link-local one always. */
    ownSource(family, vlan) {
        if (family === contexts_1.Family.Ipv6)
            return this.linkLocal;
        const { ownIpv4 } = this.options;
        return ownIpv4.all.find((own) => own.claim.state === 'claimed' && ownIpv4.vlanOf(own) === vlan)
            ?.key;
    }
    // Time ------------------------------------------------------------------------------------------
    get dueMs() {
        if (!this.isOn)
            return this.isUnsettled ? -Infinity : Infinity;
        if (this.isUnsettled)
            return -Infinity;
        const { table, asks, contexts, settings } = this;
        let dueMs = Math.min(table.dueMs, asks.dueMs, contexts.dueMs(settings), this.missingMs);
        for (const startup of this.startups.values())
            dueMs = Math.min(dueMs, startup.dueMs);
        return dueMs;
    }
    tick(nowMs, outbox) {
        if (this.isUnsettled)
            this.settle(nowMs);
        if (!this.isOn)
            return;
        this.nowMs = nowMs;
        this.table.sweep(nowMs, (member) => this.asks.forget(member));
        this.asks.tick(nowMs, outbox);
        for (const context of this.contexts.all) {
            context.routers.tick(nowMs);
            context.querier.settle(nowMs, this.settings);
            if (context.querier.nextQueryMs <= nowMs)
                this.askAll(context, outbox);
        }
        for (const [port, startup] of this.startups)
            this.askNewPort(port, startup, outbox);
        if (nowMs >= this.missingMs)
            this.tellMissing();
    }
    askAll(context, outbox) {
        context.querier.sent(this.nowMs, this.settings);
        const frame = this.makeGeneral(context, outbox);
        if (frame >= 0)
            outbox.toAll(frame);
    }
    /** Asks the hosts of a port that came up, which have missed the last general query. */
    askNewPort(port, startup, outbox) {
        const { nowMs, settings } = this;
        if (startup.dueMs > nowMs)
            return;
        for (const context of this.contexts.all) {
            if (!context.querier.isOwn || context.querier.sentMs === nowMs)
                continue;
            const frame = this.makeGeneral(context, outbox);
            if (frame < 0)
                continue;
            this.count(counters_1.McastCounter.QuerySent, port);
            // The room does not know which ports are in a VLAN: all of them are asked.
            if (this.filtersVlans)
                outbox.toAll(frame);
            else
                outbox.toPort(frame, port);
        }
        startup.left--;
        startup.dueMs = nowMs + (0, settings_1.startupMs)(settings);
        if (startup.left <= 0)
            this.startups.delete(port);
    }
    /** Tells the operator once that nobody asks for members. */
    tellMissing() {
        this.missingMs = Infinity;
        const missing = [
            ...(this.contexts.isAsked(contexts_1.Family.Ipv4, this.nowMs) ? [] : ['IPv4']),
            ...(this.contexts.isAsked(contexts_1.Family.Ipv6, this.nowMs) ? [] : ['IPv6']),
        ];
        if (missing.length === 0)
            return;
        this.options.news({ event: 'mcast-querier-missing', family: missing.join(' and ') });
    }
    // Settings and ports ----------------------------------------------------------------------------
    /** Takes settings while frames flow. What is left out stays as it is. */
    configure(changes) {
        const given = (0, settings_1.mcastSettingsIn)(changes);
        if (Object.keys(given).length === 0)
            return;
        const before = this.settings;
        this.settings = { ...before, ...given };
        this.table.index.max = this.settings.mcastHashMax;
        this.isUnsettled = true;
        if (this.isOn && before.mcastSnooping)
            return;
        this.forgetAll();
    }
    /** Forgets what hosts and routers said. What an operator made for good stays. */
    forgetAll() {
        this.contexts.clear();
        this.missingMs = Infinity;
        this.isBeginning = true;
        this.table.forEach((member) => this.forgetMember(member));
    }
    settle(nowMs) {
        this.isUnsettled = false;
        if (!this.isOn)
            return;
        const { settings } = this;
        for (const family of [contexts_1.Family.Ipv4, contexts_1.Family.Ipv6]) {
            this.contexts.of(vlan_1.NO_VLAN, family, nowMs, settings).querier.settle(nowMs, settings);
        }
        const { mcastQueryIntervalMs, mcastQueryResponseIntervalMs, mcastQuerier } = settings;
        if (this.isBeginning) {
            this.missingMs = nowMs + mcastQueryIntervalMs + mcastQueryResponseIntervalMs;
        }
        if (mcastQuerier)
            this.missingMs = Infinity;
        this.isBeginning = false;
    }
    /** Takes settings of a port while frames flow. What is left out stays as it is. */
    configurePort(port, { mcastRouter, fastLeave, mcastMaxGroups }) {
        if (mcastRouter !== undefined) {
            this.contexts.setMode(port, mcastRouter === routers_1.RouterMode.Auto ? undefined : mcastRouter);
        }
        if (fastLeave === true)
            this.fastLeave.add(port);
        if (fastLeave === false)
            this.fastLeave.delete(port);
        if (mcastMaxGroups !== undefined)
            this.table.setMaxOn(port, mcastMaxGroups);
    }
    portChanged(port, isUp) {
        if (!isUp) {
            this.startups.delete(port);
            return this.forgetPort(port);
        }
        const { mcastStartupQueryCount: left } = this.settings;
        if (this.isOn && left > 0)
            this.startups.set(port, { left, dueMs: -Infinity });
    }
    /** Forgets what was heard behind a port, and that the querier is there. */
    forgetPort(port) {
        this.flushPort(port);
        for (const { querier } of this.contexts.all)
            querier.forgetPort(port);
        this.isUnsettled ||= this.isOn;
    }
    /** Forgets what was heard behind a port, in the VLANs for which `isLeft` holds, or in all. */
    flushPort(port, isLeft = () => true) {
        const { members, index } = this.table;
        this.contexts.forgetPort(port, isLeft);
        this.table.forEach((member) => {
            if ((0, read_1.i32At)(members.port, member) !== port)
                return;
            if (isLeft(index.vlanOf((0, read_1.i32At)(members.group, member))))
                this.forgetMember(member);
        });
    }
    /**
     * Has hosts asked again, because the topology of the network has changed: what was heard may be behind other ports.
     * Groups are flooded until hosts had the time to answer (RFC 4541 2.1.1, 2.1.2).
     */
    topologyChanged(nowMs) {
        if (!this.isOn)
            return;
        for (const { querier } of this.contexts.all) {
            querier.restart(nowMs, this.settings);
            querier.settle(nowMs, this.settings);
        }
    }
    /** Has what hosts have said end within a time, unless they say it again. */
    limitAgeing(limitMs, nowMs) {
        const { table } = this;
        const untilMs = nowMs + limitMs;
        table.forEach((member) => {
            if (table.members.has(member, members_1.MemberFlag.Permanent))
                return;
            this.lowerMember(member, untilMs);
            table.lowerSources(member, untilMs);
        });
    }
    /** Sets whether frames belong to VLANs. Groups of other VLANs are forgotten then. */
    setVlanFiltering(isFiltering) {
        if (isFiltering === this.filtersVlans)
            return;
        this.filtersVlans = isFiltering;
        this.isUnsettled = true;
        this.forgetAll();
    }
    portRemoved(port) {
        this.startups.delete(port);
        this.flushPort(port);
        this.configurePort(port, { mcastRouter: routers_1.RouterMode.Auto, fastLeave: false, mcastMaxGroups: 0 });
        this.table.forEach((member) => {
            if (this.table.members.port[member] !== port)
                return;
            this.asks.forget(member);
            this.table.removeMember(member);
        });
    }
    /** Removes a membership, but for what an operator made for good. */
    forgetMember(member) {
        this.asks.forget(member);
        this.staticGroups.forgetLearned(member);
    }
    /** Restores what another bridge knows, for a trace. */
    restore(groups, contexts, nowMs) {
        this.contexts.restore(contexts, nowMs, this.settings);
        this.staticGroups.restore(groups);
    }
    count(counter, port) {
        this.options.counters.count(counter, port);
    }
}
exports.Mcast = Mcast;
/** Gives a frame its VLAN. @returns the frame, or -1 if there is none */
function inVlan(outbox, vlan, frame) {
    if (frame >= 0)
        outbox.burst.vlan[frame] = vlan;
    return frame;
}
function familyOf(group) {
    return group[0] === 0 ? contexts_1.Family.Ipv4 : contexts_1.Family.Ipv6;
}
