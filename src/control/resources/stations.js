"use strict";
/** The forwarding database: what may be asked of it, and how its entries are shown, in the words of `bridge fdb`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.stationRemoval = exports.newStation = exports.stationFilter = void 0;
exports.listStations = listStations;
exports.addStation = addStation;
exports.removeStations = removeStations;
exports.stationBody = stationBody;
const rule_1 = require("../../config/values/rule");
const rule_schema_1 = require("../../config/rule-schema");
const station_mac_1 = require("../../config/values/station-mac");
const request_error_1 = require("../../system/request-error");
const vlan_1 = require("../../wire/vlan");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
/** VLAN of an entry; 0 is none. */
const vlan = (0, rule_1.wholeNumber)({ from: vlan_1.NO_VLAN, to: vlan_1.MAX_VID });
exports.stationFilter = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ port: to(ports_1.portName).optional(), vlan: to(vlan).optional() }, words));
exports.newStation = (0, rule_schema_1.mapping)({
    mac: (0, rule_schema_1.field)(station_mac_1.stationMac),
    port: (0, rule_schema_1.field)(ports_1.portName),
    vlan: (0, rule_schema_1.field)(vlan).optional(),
    kind: (0, rule_schema_1.field)((0, rule_1.oneOf)('static', 'sticky')).optional(),
}, forms_1.MAPPING).meta({ id: 'NewStation' });
exports.stationRemoval = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({
    mac: to(station_mac_1.stationMac).optional(),
    port: to(ports_1.portName).optional(),
    vlan: to(vlan).optional(),
}, words));
/** @throws RequestError where there is no such port */
async function listStations(tapSwitch, { port, vlan: wantedVlan }) {
    const wantedPort = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port).id;
    return (await tapSwitch.stations()).filter((entry) => (wantedPort === undefined || entry.port === wantedPort) &&
        (wantedVlan === undefined || entry.vlan === wantedVlan));
}
/** Adds or replaces an entry. @throws RequestError */
function addStation(tapSwitch, station) {
    return tapSwitch.change(() => {
        const { label } = (0, ports_1.findPort)(tapSwitch.ports, station.port);
        const { mac, kind = 'static' } = station;
        return tapSwitch.addStation({ mac, port: label, kind, ...given(station.vlan) });
    });
}
/**
 * Removes one entry, or, without an address, all learned entries that match.
 * @returns the number of entries
 * @throws RequestError
 */
async function removeStations(tapSwitch, { mac, port, vlan: wantedVlan }) {
    if (mac === undefined) {
        const from = port === undefined ? undefined : (0, ports_1.findPort)(tapSwitch.ports, port);
        return tapSwitch.flushStations(from, wantedVlan);
    }
    await tapSwitch.change(async () => {
        if (port !== undefined)
            await refuseElsewhere(tapSwitch, mac, port, wantedVlan);
        await tapSwitch.removeStation(mac, given(wantedVlan).vlan);
    });
    return 1;
}
function given(wanted) {
    return wanted === undefined || wanted === vlan_1.NO_VLAN ? {} : { vlan: wanted };
}
/** @throws RequestError where the station is behind another port than the one that was named */
async function refuseElsewhere(tapSwitch, mac, label, wantedVlan = vlan_1.NO_VLAN) {
    const { id } = (0, ports_1.findPort)(tapSwitch.ports, label);
    const entries = (await tapSwitch.stations()).filter((entry) => entry.mac === mac && (wantedVlan === vlan_1.NO_VLAN || entry.vlan === wantedVlan));
    const [elsewhere] = entries;
    if (elsewhere === undefined || entries.some(({ port }) => port === id))
        return;
    const place = tapSwitch.ports.labelOf(elsewhere.port);
    throw new request_error_1.RequestError('conflict', `${mac} is behind ${place}, not behind ${label}`);
}
function stationBody(entry, { config, ports }) {
    const port = ports.labelOf(entry.port);
    return {
        mac: entry.mac,
        port,
        ifname: port,
        ...(entry.vlan !== vlan_1.NO_VLAN && { vlan: entry.vlan }),
        flags: entry.isSticky ? ['sticky'] : [],
        master: config.name,
        state: entry.isStatic ? 'static' : '',
        used: entry.usedAgoS,
        updated: Math.round(entry.updatedAgoMs / 1000),
    };
}
