"use strict";
/** The switch's own addresses: what may be asked of them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ownAddress = void 0;
exports.addAddress = addAddress;
exports.removeAddress = removeAddress;
const cidr_1 = require("../../config/values/cidr");
const vid_1 = require("../../config/values/vid");
const rule_schema_1 = require("../../config/rule-schema");
const forms_1 = require("./forms");
/** An address, as a program names it to add or remove it. */
exports.ownAddress = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ address: to(cidr_1.cidr), vlan: to(vid_1.vid).optional() }, words));
/** Starts to claim an address. @throws RequestError */
function addAddress(tapSwitch, address) {
    return tapSwitch.change(() => {
        const own = inVlan(address);
        tapSwitch.refuseAddressOfPort(own);
        tapSwitch.refuseBoundAddress(own);
        return tapSwitch.addAddress(own);
    });
}
/** Gives up an address. @throws RequestError */
function removeAddress(tapSwitch, address) {
    return tapSwitch.change(() => tapSwitch.removeAddress(inVlan(address)));
}
function inVlan({ address, vlan }) {
    return { ...address, ...(vlan !== undefined && { vlan }) };
}
