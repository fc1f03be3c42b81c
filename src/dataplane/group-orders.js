"use strict";
/** Commands about groups, carried out on the bridge of the lane. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.addGroups = addGroups;
exports.removeGroup = removeGroup;
const group_table_1 = require("../mcast/group-table");
const settings_1 = require("../mcast/settings");
const vlan_1 = require("../wire/vlan");
const ip_key_1 = require("../wire/ip-key");
/** @returns why the entries are refused, all of them; `undefined` if they are not */
function addGroups(bridge, orders) {
    const { mcast } = bridge.rooms;
    if (!mcast.isOn)
        return 'groups are not snooped; start the switch with --mcast-snooping';
    const temporary = orders.find(({ port, isPermanent }) => !isPermanent && !bridge.ports.isUp(port));
    if (temporary !== undefined) {
        return `port ${bridge.ports.name(temporary.port)} is down; only permanent entries can be added`;
    }
    const wanted = [];
    for (const order of orders) {
        const refusal = refusalOfVlan(bridge, order);
        if (refusal !== undefined)
            return refusal;
        wanted.push(...vlansOf(bridge, order).map((vlan) => wantedOf(order, vlan)));
    }
    const { nowMs } = bridge.burst;
    return mcast.staticGroups.add(wanted, nowMs, (0, settings_1.membershipMs)(mcast.settings));
}
/** @returns whether there was such an entry */
function removeGroup(bridge, order) {
    const { staticGroups } = bridge.rooms.mcast;
    const removed = vlansOf(bridge, order).map((vlan) => staticGroups.remove(wantedOf({ ...order, isPermanent: false }, vlan)));
    return removed.includes(true);
}
/** VLANs of an entry: the one that is given, or all of its port. */
function vlansOf({ filtersByVlan, vlans }, { port, vlan }) {
    if (vlan !== undefined)
        return [vlan];
    return filtersByVlan ? vlans.vidsOf(port) : [vlan_1.NO_VLAN];
}
function refusalOfVlan(bridge, order) {
    const { ports, vlans, filtersByVlan } = bridge;
    const { port, vlan } = order;
    if (vlan !== undefined && vlan !== vlan_1.NO_VLAN && !filtersByVlan) {
        return `vlan ${vlan}: the switch does not filter by VLAN; leave it out`;
    }
    if (!filtersByVlan)
        return undefined;
    if (vlan !== undefined && !vlans.isMember(port, vlan)) {
        return `vlan ${vlan}: port ${ports.name(port)} is no member of it`;
    }
    return vlansOf(bridge, order).length > 0 ? undefined : `port ${ports.name(port)} is in no VLAN`;
}
function wantedOf({ group, source, sources, ...rest }, vlan) {
    return {
        ...rest,
        vlan,
        group: keyOf(group),
        ...(source !== undefined && { source: (0, ip_key_1.ipKeyOf)(source) }),
        ...(sources !== undefined && { sources: sources.map(ip_key_1.ipKeyOf) }),
    };
}
const MAC_BYTES = 6;
function keyOf(bytes) {
    if (bytes.length !== MAC_BYTES)
        return (0, ip_key_1.ipKeyOf)(bytes);
    const key = (0, ip_key_1.newIpKey)();
    const words = new DataView(bytes.buffer, bytes.byteOffset);
    (0, group_table_1.setMacKey)(key, words.getUint16(0, true), words.getInt32(2, true));
    return key;
}
