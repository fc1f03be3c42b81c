"use strict";
/**
 * A static binding of an IP address to a station, written as for `tapctl neigh add`:
 * `192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.staticNeighbour = exports.NEIGHBOUR_LIMIT = void 0;
exports.formatStaticNeighbour = formatStaticNeighbour;
exports.neighbourIdentity = neighbourIdentity;
const binding_table_1 = require("../../hosts/binding-table");
const host_address_1 = require("./host-address");
const rule_1 = require("./rule");
const station_mac_1 = require("./station-mac");
const vid_1 = require("./vid");
/** Limit of the table: each family has its own. */
exports.NEIGHBOUR_LIMIT = {
    max: binding_table_1.MAX_STATIC,
    groupOf: ({ address }) => (address.includes(':') ? 'IPv6' : 'IPv4'),
    limitText: () => `${binding_table_1.MAX_STATIC} static bindings of a family at most`,
};
const WHAT = 'IP lladdr MAC [vlan VID] [dev PORT], such as 192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1';
/** Words of a binding. Spaces, tabs and line feeds separate them; other white space can be part of a name. */
const WORDS = /^[ \t\n]*([^ \t\n]+)[ \t\n]+lladdr[ \t\n]+([^ \t\n]+)(?:[ \t\n]+vlan[ \t\n]+([^ \t\n]+))?(?:[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*[^ \t\n])?))?[ \t\n]*$/;
exports.staticNeighbour = (0, rule_1.textRule)(WHAT, (text) => {
    const words = WORDS.exec(text);
    if (words === null)
        return undefined;
    const [, address = '', lladdr = '', vlan, port] = words;
    return {
        address: host_address_1.hostAddress.fromText(address).text,
        mac: (0, rule_1.at)('lladdr', () => station_mac_1.stationMac.fromText(lladdr)),
        ...(vlan !== undefined && { vlan: (0, rule_1.at)('vlan', () => vid_1.vid.fromText(vlan)) }),
        ...(port !== undefined && { port }),
    };
});
/** Text from which `staticNeighbour` reads the same. */
function formatStaticNeighbour({ address, mac, port, vlan }) {
    const inVlan = vlan === undefined ? '' : ` vlan ${vlan}`;
    return `${address} lladdr ${mac}${inVlan}${port === undefined ? '' : ` dev ${port}`}`;
}
/** Text that no two bindings share: the address, with its VLAN. */
function neighbourIdentity({ address, vlan, }) {
    return address + (vlan === undefined ? '' : ` vlan ${vlan}`);
}
