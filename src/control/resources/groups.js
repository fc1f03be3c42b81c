"use strict";
/** The group table: what may be asked of it, and how its entries are shown, in the words of `bridge mdb`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.groupRemoval = exports.newGroup = void 0;
exports.listGroups = listGroups;
exports.addGroup = addGroup;
exports.removeGroups = removeGroups;
const zod_1 = require("zod");
const group_address_1 = require("../../config/values/group-address");
const host_address_1 = require("../../config/values/host-address");
const rule_1 = require("../../config/values/rule");
const rule_schema_1 = require("../../config/rule-schema");
const request_error_1 = require("../../system/request-error");
const vlan_1 = require("../../wire/vlan");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
const MAX_VLAN = 4094;
/** VLAN of an entry; 0 while the switch does not filter by VLAN. */
const vid = (0, rule_1.wholeNumber)({ from: 0, to: MAX_VLAN });
const state = (0, rule_1.oneOf)('permanent', 'temp');
const filterMode = (0, rule_1.oneOf)('include', 'exclude');
exports.newGroup = (0, rule_schema_1.mapping)({
    port: (0, rule_schema_1.field)(ports_1.portName),
    group: (0, rule_schema_1.field)(group_address_1.groupAddress),
    source: (0, rule_schema_1.field)(host_address_1.hostAddress).optional(),
    state: (0, rule_schema_1.field)(state).optional(),
    vlan: (0, rule_schema_1.field)(vid).optional(),
    filter_mode: (0, rule_schema_1.field)(filterMode).optional(),
    source_list: zod_1.z.array((0, rule_schema_1.field)(host_address_1.hostAddress)).optional(),
    replace: (0, rule_schema_1.field)(rule_1.onOff).optional(),
}, forms_1.MAPPING).meta({ id: 'NewGroup' });
exports.groupRemoval = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({
    port: to(ports_1.portName).optional(),
    group: to(group_address_1.groupAddress).optional(),
    source: to(host_address_1.hostAddress).optional(),
    vlan: to(vid).optional(),
    state: to(state).optional(),
}, words));
/** @throws RequestError where there is no such port */
async function listGroups(tapSwitch, { port }) {
    const wanted = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port).id;
    const [groups, contexts] = await Promise.all([tapSwitch.groups(), tapSwitch.groupContexts()]);
    const shown = groups.filter((group) => wanted === undefined || group.port === wanted);
    return mdbBody(shown, contexts, tapSwitch);
}
/** Adds an entry, or replaces it. @throws RequestError */
function addGroup(tapSwitch, entry) {
    const { port, group, source, vlan, filter_mode: mode, source_list: list } = entry;
    return tapSwitch.change(() => tapSwitch.addGroup({
        port: (0, ports_1.findPort)(tapSwitch.ports, port).id,
        ...(vlan !== undefined && { vlan }),
        group: group.bytes,
        ...(source !== undefined && { source: source.bytes }),
        isPermanent: entry.state === 'permanent',
        ...(mode !== undefined && { mode }),
        ...(list !== undefined && { sources: list.map(({ bytes }) => bytes) }),
        isReplacing: entry.replace ?? false,
    }));
}
/**
 * Removes one entry, or, without a group, each entry that matches.
 * @returns the number of entries
 * @throws RequestError
 */
async function removeGroups(tapSwitch, removal) {
    const { port, group, source, vlan, state: wantedState } = removal;
    const id = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port).id;
    if (group === undefined) {
        const filter = {
            ...(id !== undefined && { port: id }),
            ...(vlan !== undefined && { vlan }),
            ...(wantedState !== undefined && { isPermanent: wantedState === 'permanent' }),
        };
        return tapSwitch.change(() => tapSwitch.flushGroups(filter));
    }
    if (id === undefined) {
        throw new request_error_1.RequestError('conflict', `port: needed to remove group ${group.text}; name it`);
    }
    const wanted = {
        port: id,
        ...(vlan !== undefined && { vlan }),
        group: group.bytes,
        ...(source !== undefined && { source: source.bytes }),
    };
    if (!(await tapSwitch.change(() => tapSwitch.removeGroup(wanted)))) {
        throw new request_error_1.RequestError('not-found', `${group.text} is not in the group table of ${port}`);
    }
    return 1;
}
function mdbBody(groups, contexts, { config, ports }) {
    const routers = new Map();
    for (const { port, leftMs } of contexts.flatMap((context) => context.routers)) {
        const label = ports.labelOf(port);
        const known = routers.get(label);
        if (!routers.has(label) || (leftMs ?? Infinity) > (known ?? Infinity)) {
            routers.set(label, leftMs);
        }
    }
    return {
        mdb: groups.map((group) => entryBodyOf(group, config.name, ports.labelOf(group.port))),
        router: {
            [config.name]: [...routers].map(([port, leftMs]) => ({
                port,
                type: leftMs === undefined ? 'permanent' : 'temp',
                timer: timerText(leftMs ?? 0),
            })),
        },
    };
}
function entryBodyOf(group, bridge, port) {
    return {
        dev: bridge,
        port,
        grp: group.group,
        ...(group.source !== undefined && { src: group.source }),
        state: group.isPermanent ? 'permanent' : 'temp',
        filter_mode: group.mode,
        ...(group.sources.length > 0 && {
            source_list: group.sources.map(({ address, leftMs }) => ({
                address,
                timer: timerText(leftMs),
            })),
        }),
        protocol: group.isByHand ? 'static' : 'kernel',
        flags: group.isBlocked ? ['blocked'] : [],
        ...(group.vlan !== vlan_1.NO_VLAN && { vid: group.vlan }),
        timer: timerText(group.leftMs ?? 0),
    };
}
/** `  12.34`: seconds, as `bridge -s mdb show` has them. */
function timerText(ms) {
    return (ms / 1_000).toFixed(2).padStart(7);
}
