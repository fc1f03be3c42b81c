"use strict";
/** The neighbour table: what may be asked of it, and how its bindings are shown, in the words of `ip neigh`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.neighbourRemoval = exports.newNeighbour = exports.neighbourFilter = void 0;
exports.listNeighbours = listNeighbours;
exports.addNeighbour = addNeighbour;
exports.removeNeighbours = removeNeighbours;
exports.neighbourBody = neighbourBody;
const host_address_1 = require("../../config/values/host-address");
const rule_schema_1 = require("../../config/rule-schema");
const station_mac_1 = require("../../config/values/station-mac");
const vid_1 = require("../../config/values/vid");
const binding_table_1 = require("../../hosts/binding-table");
const vlan_1 = require("../../wire/vlan");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
exports.neighbourFilter = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ port: to(ports_1.portName).optional(), vlan: to(vid_1.vid).optional() }, words));
exports.newNeighbour = (0, rule_schema_1.mapping)({
    address: (0, rule_schema_1.field)(host_address_1.hostAddress),
    mac: (0, rule_schema_1.field)(station_mac_1.stationMac),
    port: (0, rule_schema_1.field)(ports_1.portName).optional(),
    vlan: (0, rule_schema_1.field)(vid_1.vid).optional(),
}, forms_1.MAPPING).meta({ id: 'NewNeighbour' });
exports.neighbourRemoval = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({
    address: to(host_address_1.hostAddress).optional(),
    port: to(ports_1.portName).optional(),
    vlan: to(vid_1.vid).optional(),
}, words));
/** @throws RequestError where there is no such port */
async function listNeighbours(tapSwitch, { port, vlan }) {
    const wantedPort = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port).id;
    return (await tapSwitch.neighbours()).filter((neighbour) => (wantedPort === undefined || neighbour.port === wantedPort) &&
        (vlan === undefined || neighbour.vlan === vlan));
}
/** Binds an address to a station permanently, in place of an existing binding. @throws RequestError */
function addNeighbour(tapSwitch, { address, mac, port, vlan }) {
    return tapSwitch.change(() => tapSwitch.addNeighbour({
        address: address.text,
        mac,
        ...(vlan !== undefined && { vlan }),
        ...(port !== undefined && { port: (0, ports_1.findPort)(tapSwitch.ports, port).label }),
    }));
}
/**
 * Removes one binding, or, without an address, all learned bindings.
 * @returns the number of bindings
 * @throws RequestError
 */
async function removeNeighbours(tapSwitch, { address, port, vlan }) {
    if (address === undefined) {
        const from = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port);
        return tapSwitch.flushNeighbours(from);
    }
    await tapSwitch.change(() => tapSwitch.removeNeighbour(address, vlan));
    return 1;
}
function neighbourBody(neighbour, { ports }) {
    const { address, mac: lladdr, vlan, port, state, heardAgoMs } = neighbour;
    const label = port === binding_table_1.ANY_PORT ? undefined : ports.labelOf(port);
    return {
        dst: address,
        ...(label !== undefined && { port: label, dev: label }),
        lladdr,
        ...(vlan !== vlan_1.NO_VLAN && { vlan }),
        state: [state.toUpperCase()],
        ...(Number.isFinite(heardAgoMs) && { updated: Math.round(heardAgoMs / 1000) }),
    };
}
