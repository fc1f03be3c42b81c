"use strict";
/** An address of the switch itself, in a VLAN or not: `192.0.2.1/24`, `192.0.2.1/24,vlan=10`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ownCidr = void 0;
exports.formatOwnCidr = formatOwnCidr;
exports.ownIdentity = ownIdentity;
const cidr_1 = require("./cidr");
const rule_1 = require("./rule");
const vid_1 = require("./vid");
const WHAT = 'the address of a host with its prefix length, such as 192.0.2.1/24 or 2001:db8::1/64';
const VLAN = ',vlan=';
/** Reads `ADDRESS/PREFIXLENGTH[,vlan=VID]`. */
exports.ownCidr = (0, rule_1.textRule)(WHAT, (text) => {
    const end = text.indexOf(VLAN);
    if (end < 0)
        return cidr_1.cidr.fromText(text);
    const vlan = (0, rule_1.at)('vlan', () => vid_1.vid.fromText(text.slice(end + VLAN.length)));
    return { ...cidr_1.cidr.fromText(text.slice(0, end)), vlan };
});
/** Text from which {@link ownCidr} reads the same. */
function formatOwnCidr(own) {
    return (0, cidr_1.formatCidr)(own) + (own.vlan === undefined ? '' : `${VLAN}${own.vlan}`);
}
/** Text that no two addresses of the switch share: the address, with its VLAN. */
function ownIdentity({ address, vlan }) {
    return address + (vlan === undefined ? '' : ` in VLAN ${vlan}`);
}
