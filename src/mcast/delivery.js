"use strict";
/**
 * Delivery of group frames: the ports that get one, by a look-up into lists that were made before. It runs for
 * each frame to a group while snooping is on.
 *
 *     frame                                      goes to
 *     report, done, leave; a querier is known     ports of routers
 *     224.0.0.0/24, ff02::1, queries              all
 *     IP, no querier known for long enough        all
 *     IP, a group that is in the table            its members and the ports of routers
 *     IP, any other group                         ports of routers
 *     not IP, a group MAC that is in the table    its members and the ports of routers
 *     anything else                               all
 *
 * "All" are the ports that take floods of groups (`mcast-flood`); a member gets its group in any case. Whether a
 * frame may leave from a port (its state, isolation) is not decided here.
 *
 * Source: RFC 4541 2.1.2, 3; `br_multicast_rcv`, `br_multicast_querier_exists` in net/bridge.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Delivery = void 0;
exports.isUnpruned = isUnpruned;
const burst_1 = require("../frame/burst");
const ethernet_1 = require("../wire/ethernet");
const igmp_1 = require("../wire/igmp");
const ip_key_1 = require("../wire/ip-key");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const mld_1 = require("../wire/mld");
const read_1 = require("../wire/read");
const contexts_1 = require("./contexts");
const group_table_1 = require("./group-table");
const key_index_1 = require("./key-index");
/** Whether frames to the group go everywhere, so that no entry is made for it. */
function isUnpruned(group) {
    if (group[0] === 0)
        return (0, igmp_1.isLinkLocalGroupIpv4)((0, ip_key_1.ipv4OfKey)(group));
    return (0, ip_key_1.isSameIpKey)(group, mld_1.ALL_NODES);
}
class Delivery {
    table;
    contexts;
    /** Whether the last frame went to the ports of its group, and not to all. */
    isPruned = false;
    /** Whether the last frame was to a group that is in the table. */
    isRegistered = false;
    group = (0, ip_key_1.newIpKey)();
    source = (0, ip_key_1.newIpKey)();
    constructor(table, contexts) {
        this.table = table;
        this.contexts = contexts;
    }
    /**
     * Ports that get a classified frame to a group, which is no broadcast.
     * @param all ports that get what is flooded; returned as it is for a frame that is
     */
    takersOf(frame, all, outbox) {
        const { burst } = outbox;
        this.isRegistered = false;
        const takers = this.find(frame, burst, all);
        this.isPruned = takers !== all;
        if (outbox.reporter !== undefined && this.isPruned)
            tellTakers(outbox.reporter, takers);
        return takers;
    }
    find(frame, burst, all) {
        if ((0, burst_1.tagsOf)(burst, frame) <= 1) {
            const type = (0, burst_1.typeOf)(burst, frame);
            if (type === ethernet_1.ETHER_TYPE_IPV4)
                return this.findIpv4(frame, burst, all);
            if (type === ethernet_1.ETHER_TYPE_IPV6)
                return this.findIpv6(frame, burst, all);
        }
        return this.table.macCount === 0 ? all : this.findMac(frame, burst, all);
    }
    findIpv4(frame, burst, all) {
        const { u8 } = burst;
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        const ip = (0, burst_1.payloadOf)(burst, frame);
        if ((0, burst_1.payloadBytesOf)(burst, frame) < ipv4_1.IPV4_HEADER_BYTES)
            return all;
        const group = (0, ethernet_1.getI32)(u8, ip + ipv4_1.DESTINATION_ADDRESS);
        const isIgmp = (0, read_1.u8At)(u8, ip + ipv4_1.PROTOCOL) === igmp_1.PROTOCOL_IGMP;
        const context = this.contexts.find(vlan, contexts_1.Family.Ipv4);
        if (context === undefined)
            return all;
        const { querier, routers } = context;
        if (isIgmp && !(0, ipv4_1.isFragment)(u8, ip)) {
            const type = (0, read_1.u8At)(u8, ip + ((0, read_1.u8At)(u8, ip) & 0x0f) * 4);
            return (0, igmp_1.isIgmpReport)(type) && querier.isKnown(burst.nowMs) ? routers.ports : all;
        }
        if (!(0, igmp_1.isGroupIpv4)(group) || (0, igmp_1.isLinkLocalGroupIpv4)(group))
            return all;
        if (!querier.isReady(burst.nowMs))
            return all;
        (0, ip_key_1.setIpv4Key)(this.group, group);
        const entry = this.table.find(this.group, vlan);
        if (entry === key_index_1.NOT_HELD)
            return routers.ports;
        this.isRegistered = true;
        (0, ip_key_1.setIpv4Key)(this.source, (0, ethernet_1.getI32)(u8, ip + ipv4_1.SOURCE_ADDRESS));
        return this.table.lists.of(entry, this.source, routers.ports);
    }
    findIpv6(frame, burst, all) {
        const { u8 } = burst;
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        const ip = (0, burst_1.payloadOf)(burst, frame);
        const lengthBytes = (0, burst_1.payloadBytesOf)(burst, frame);
        const to = ip + ipv6_1.DESTINATION_ADDRESS;
        const context = this.contexts.find(vlan, contexts_1.Family.Ipv6);
        if (lengthBytes < ipv6_1.IPV6_HEADER_BYTES || context === undefined)
            return all;
        const { querier, routers } = context;
        if ((0, read_1.u8At)(u8, ip + ipv6_1.NEXT_HEADER) === ipv6_1.NEXT_HEADER_HOP_BY_HOP) {
            const type = (0, mld_1.mldTypeIn)(u8, ip, lengthBytes);
            if (type >= 0)
                return (0, mld_1.isMldReport)(type) && querier.isKnown(burst.nowMs) ? routers.ports : all;
        }
        if (!(0, ipv6_1.isMulticastAt)(u8, to) || (0, ipv6_1.isAllNodesAt)(u8, to) || !querier.isReady(burst.nowMs))
            return all;
        (0, ip_key_1.setIpv6Key)(this.group, u8, to);
        const entry = this.table.find(this.group, vlan);
        if (entry === key_index_1.NOT_HELD)
            return routers.ports;
        this.isRegistered = true;
        (0, ip_key_1.setIpv6Key)(this.source, u8, ip + ipv6_1.SOURCE_ADDRESS);
        return this.table.lists.of(entry, this.source, routers.ports);
    }
    findMac(frame, burst, all) {
        const { u16 } = burst;
        const vlan = (0, read_1.i32At)(burst.vlan, frame);
        const at = (0, read_1.i32At)(burst.offset, frame) + ethernet_1.DESTINATION;
        (0, group_table_1.setMacKey)(this.group, (0, ethernet_1.macHi16)(u16, at), (0, ethernet_1.macLo32)(u16, at));
        const entry = this.table.find(this.group, vlan);
        if (entry === key_index_1.NOT_HELD)
            return all;
        this.isRegistered = true;
        const context = this.contexts.find(vlan, contexts_1.Family.Ipv4);
        return context === undefined
            ? all
            : this.table.lists.of(entry, this.source, context.routers.ports);
    }
}
exports.Delivery = Delivery;
function tellTakers(reporter, takers) {
    const labels = [...takers].map((port) => reporter.label(port)).join(', ');
    const nobody = 'no port has a member of its group, or a multicast router';
    reporter.step(labels === '' ? nobody : `to members of its group and multicast routers: ${labels}`);
}
