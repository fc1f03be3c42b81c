"use strict";
/** Static bindings of IP addresses to stations, of both families. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.staticNeighbours = staticNeighbours;
const host_address_1 = require("../config/values/host-address");
const static_neighbour_1 = require("../config/values/static-neighbour");
const binding_table_1 = require("../hosts/binding-table");
const ip_key_1 = require("../wire/ip-key");
const mac_1 = require("../wire/mac");
const vlan_1 = require("../wire/vlan");
const static_entries_1 = require("./static-entries");
/** @param own MAC of the switch. No entry may have the link-local address that is made from it. */
function staticNeighbours(ports, dataPlane, own) {
    const linkLocal = (0, ip_key_1.formatIpKey)((0, ip_key_1.linkLocalKey)(own));
    return new static_entries_1.StaticEntries(ports, {
        key: 'neigh',
        identityOf: static_neighbour_1.neighbourIdentity,
        ...static_neighbour_1.NEIGHBOUR_LIMIT,
        objectionTo: ({ address }) => address === linkLocal
            ? 'the link-local address of the switch itself; bind the address of another host'
            : undefined,
        add: ({ address, mac, vlan = vlan_1.NO_VLAN }, port) => dataPlane.order({
            kind: 'add-neighbour',
            bytes: host_address_1.hostAddress.fromText(address).bytes,
            vlan,
            mac: (0, mac_1.parseMac)(mac),
            port: port?.id ?? binding_table_1.ANY_PORT,
        }),
        remove: (identity) => {
            const [address = '', , vlan = vlan_1.NO_VLAN] = identity.split(' ');
            const { bytes } = host_address_1.hostAddress.fromText(address);
            return dataPlane.order({ kind: 'remove-neighbour', bytes, vlan: Number(vlan) });
        },
    });
}
