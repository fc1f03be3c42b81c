"use strict";
/** The VLANs of the ports: what may be asked of them, and how they are shown, in the words of `bridge vlan`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vlanRemoval = exports.newVlans = void 0;
exports.listVlans = listVlans;
exports.addVlans = addVlans;
exports.removeVlans = removeVlans;
const rule_1 = require("../../config/values/rule");
const rule_schema_1 = require("../../config/rule-schema");
const vlan_list_1 = require("../../config/values/vlan-list");
const vlan_1 = require("../../wire/vlan");
const vlan_keys_1 = require("../../ports/vlan-keys");
const request_error_1 = require("../../system/request-error");
const invalid_request_1 = require("../invalid-request");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
const WHAT = 'a VID from 1 to 4094 or a range, such as 10 or 10-20';
const vidRangeText = (0, rule_1.textRule)(WHAT, (text) => {
    if (text.includes('+'))
        return undefined;
    return (0, vlan_list_1.parseVlanList)(vlan_list_1.vidList.fromText(text))[0];
});
/** A VID, as a number or as text, or a range. */
const vidRange = {
    fromText: vidRangeText.fromText,
    fromValue: (value) => {
        if (typeof value !== 'number' && typeof value !== 'string')
            throw (0, rule_1.expected)(WHAT, value);
        return vidRangeText.fromText(String(value));
    },
    schema: { type: ['integer', 'string'], description: WHAT },
};
exports.newVlans = (0, rule_schema_1.mapping)({
    port: (0, rule_schema_1.field)(ports_1.portName),
    vid: (0, rule_schema_1.field)(vidRange),
    pvid: (0, rule_schema_1.field)(rule_1.onOff).optional(),
    untagged: (0, rule_schema_1.field)(rule_1.onOff).optional(),
}, forms_1.MAPPING).meta({ id: 'NewVlans' });
exports.vlanRemoval = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ port: to(ports_1.portName), vid: to(vidRange) }, words));
/** @throws RequestError where there is no such port */
function listVlans(tapSwitch, { port }) {
    const { ports } = tapSwitch;
    const wanted = port === undefined ? ports.all : [(0, ports_1.findPort)(ports, port)];
    return wanted.map((one) => portVlansBody(one, vlansOf(tapSwitch, one)));
}
/** Makes a port a member of VLANs. @throws InvalidRequest, RequestError, StartError */
async function addVlans(tapSwitch, vlans) {
    const { vid, pvid = false, untagged = false } = vlans;
    if (pvid && vid.vidEnd !== undefined) {
        throw new invalid_request_1.InvalidRequest([{ path: ['pvid'], message: 'one VID can be the PVID, no range' }]);
    }
    await tapSwitch.change(() => {
        const port = (0, ports_1.findPort)(tapSwitch.ports, vlans.port);
        const entry = { ...vid, ...(pvid && { pvid }), ...(untagged && { untagged }) };
        return setVlans(tapSwitch, port, [...withoutPvid(vlansOf(tapSwitch, port), pvid), entry]);
    });
}
/** Ends the membership of a port in VLANs. @throws RequestError, StartError */
function removeVlans(tapSwitch, { port: label, vid }) {
    return tapSwitch.change(() => {
        const port = (0, ports_1.findPort)(tapSwitch.ports, label);
        const before = vlansOf(tapSwitch, port);
        const after = (0, vlan_keys_1.withoutVlans)(before, vid.vid, vid.vidEnd ?? vid.vid);
        if ((0, vlan_list_1.formatVlanList)(after) === (0, vlan_list_1.formatVlanList)((0, vlan_list_1.canonical)(before))) {
            const vlan = (0, vlan_list_1.formatVlanList)([vid]);
            throw new request_error_1.RequestError('not-found', `${port.label} is no member of VLAN ${vlan}`);
        }
        return setVlans(tapSwitch, port, after);
    });
}
function vlansOf({ config }, port) {
    return (0, vlan_keys_1.portVlans)((key) => port.holds(key)) ?? defaultVlans(config.vlanDefaultPvid);
}
/** Sets the VLANs of a port, and tells the journal. */
async function setVlans({ ports, journal }, port, vlans) {
    await ports.set(port, (0, vlan_keys_1.vlanKeysOf)(vlans));
    const now = (0, vlan_keys_1.portVlans)((key) => port.holds(key)) ?? [];
    journal.note('port-vlans', { port: port.label, vlans: (0, vlan_list_1.formatVlanList)(now) });
}
/** The VLANs without the PVID's flag, if another is about to become the PVID. */
function withoutPvid(vlans, isMoving) {
    return vlans.map(({ pvid, ...rest }) => (pvid === true && !isMoving ? { ...rest, pvid } : rest));
}
function defaultVlans(vid) {
    return vid === vlan_1.NO_VLAN ? [] : [{ vid, pvid: true, untagged: true }];
}
function portVlansBody({ label }, vlans) {
    return {
        port: label,
        ifname: label,
        vlans: vlans.map(({ vid, vidEnd, pvid, untagged }) => {
            const flags = [
                ...(pvid === true ? ['PVID'] : []),
                ...(untagged === true ? ['Egress Untagged'] : []),
            ];
            return {
                vlan: vid,
                ...(vidEnd !== undefined && vidEnd !== vid && { vlanEnd: vidEnd }),
                ...(flags.length > 0 && { flags }),
            };
        }),
    };
}
