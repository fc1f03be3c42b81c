"use strict";
/**
 * Stations that an operator placed behind a port: static ones permanently, sticky ones until they age.
 *
 * The data plane forgets a sticky entry when its station is silent for the ageing time, when its port goes
 * down, and when it is flushed. The configuration keeps the entry, and a reload adds it again.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.hostMacObjection = hostMacObjection;
exports.staticStations = staticStations;
const static_station_1 = require("../config/values/static-station");
const mac_1 = require("../wire/mac");
const vlan_1 = require("../wire/vlan");
const static_entries_1 = require("./static-entries");
/** Why an operator cannot decide about an entry: the host's own leg has this MAC. */
function hostMacObjection(ports, mac) {
    const leg = ports.all.find(({ hostMac }) => hostMac === mac);
    return leg && `the MAC of ${leg.label}, which is the host's own leg and has the entry already`;
}
/** @param own MAC of the switch, which no entry may have */
function staticStations(ports, dataPlane, own) {
    const ownMac = (0, mac_1.formatMac)(own.hi16, own.lo32);
    const stationOf = (identity) => {
        const [mac = '', , vlan = vlan_1.NO_VLAN] = identity.split(' ');
        return { ...(0, mac_1.parseMac)(mac), vlan: Number(vlan) };
    };
    return new static_entries_1.StaticEntries(ports, {
        key: 'fdb',
        identityOf: static_station_1.stationIdentity,
        ...static_station_1.STATION_LIMIT,
        objectionTo: ({ mac }) => mac === ownMac
            ? "the switch's own MAC address, which is behind no port"
            : hostMacObjection(ports, mac),
        fades: ({ kind }) => kind === 'sticky',
        add: (entry, port) => dataPlane.order({
            kind: 'add-station',
            station: stationOf((0, static_station_1.stationIdentity)(entry)),
            port: port.id,
            isStatic: entry.kind === 'static',
        }),
        remove: (identity) => dataPlane.order({ kind: 'remove-station', station: stationOf(identity) }),
    });
}
