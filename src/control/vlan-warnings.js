"use strict";
/** Warnings about settings of VLANs that have no effect, or shut everybody out. Each is said once, as long as it holds. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VlanWarnings = void 0;
const own_address_1 = require("../config/values/own-address");
const vlan_keys_1 = require("../ports/vlan-keys");
const vlan_1 = require("../wire/vlan");
class VlanWarnings {
    log;
    said = new Set();
    constructor(log) {
        this.log = log;
    }
    /** Says what is new since the last call. */
    check(config, ports) {
        const warnings = [strandedAddress(config), idleKeys(config, ports)].filter((warning) => warning !== undefined);
        for (const warning of warnings)
            if (!this.said.has(warning))
                this.log.warn(warning);
        this.said = new Set(warnings);
    }
}
exports.VlanWarnings = VlanWarnings;
function strandedAddress({ vlanFiltering, vlanDefaultPvid, addresses, }) {
    if (!vlanFiltering || vlanDefaultPvid !== vlan_1.NO_VLAN)
        return undefined;
    const [own, ...others] = addresses.filter(({ vlan }) => vlan === undefined);
    if (own === undefined)
        return undefined;
    const text = (0, own_address_1.formatOwnCidr)(own);
    const cure = `give it a VLAN, as in ${text},vlan=10, or set vlan-default-pvid`;
    return `address: ${text}${andOthers(others)}: nobody can reach it, because it is in the VLAN of the default PVID, which is none; ${cure}`;
}
function idleKeys({ vlanFiltering }, ports) {
    if (vlanFiltering)
        return undefined;
    const [idle, ...others] = ports.filter((port) => vlanKeysAt(port).length > 0);
    if (idle === undefined)
        return undefined;
    const keys = vlanKeysAt(idle).join(', ');
    return `${idle.label}: ${keys}: counts only with --vlan-filtering${andOthers(others)}`;
}
function vlanKeysAt(port) {
    return (0, vlan_keys_1.givenVlanKeys)((key) => port.holds(key));
}
function andOthers(others) {
    return others.length === 0 ? '' : ` (and ${others.length} more)`;
}
