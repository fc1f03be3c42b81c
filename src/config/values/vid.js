"use strict";
/** VLAN identifiers as people write them. Source: IEEE 802.1Q-2022 table 9-2. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vidOrNone = exports.vid = void 0;
exports.formatVidOrNone = formatVidOrNone;
const vlan_1 = require("../../wire/vlan");
const rule_1 = require("./rule");
/** VID of a VLAN. 0 means a frame with a priority and without a VLAN, and 4095 is reserved. */
exports.vid = (0, rule_1.wholeNumber)({ from: vlan_1.MIN_VID, to: vlan_1.MAX_VID });
const NONE = 'none';
const WHAT = `a VID from ${vlan_1.MIN_VID} to ${vlan_1.MAX_VID}, or none`;
/** VID, or `none`, which is `NO_VLAN`. */
exports.vidOrNone = {
    fromText: (text) => read(text, () => exports.vid.fromText(text)),
    fromValue: (value) => read(value, () => exports.vid.fromValue(value)),
    schema: { anyOf: [{ const: NONE }, exports.vid.schema], description: WHAT },
};
function read(given, readVid) {
    if (given === NONE)
        return vlan_1.NO_VLAN;
    try {
        return readVid();
    }
    catch {
        throw (0, rule_1.expected)(WHAT, given);
    }
}
/** Value of a file from which `vidOrNone` reads the same. */
function formatVidOrNone(value) {
    return value === vlan_1.NO_VLAN ? NONE : value;
}
