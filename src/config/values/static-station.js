"use strict";
/**
 * An entry of the forwarding database that an operator makes, written as for `tapctl fdb add`:
 * `02:00:00:00:00:07 dev tap1 static`.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.staticStation = exports.STATION_LIMIT = void 0;
exports.formatStaticStation = formatStaticStation;
exports.stationIdentity = stationIdentity;
const table_1 = require("../../l2/fdb/table");
const rule_1 = require("./rule");
const station_mac_1 = require("./station-mac");
const vid_1 = require("./vid");
/** Limit of the table: each kind has its own. */
exports.STATION_LIMIT = {
    max: table_1.MAX_ENTERED,
    groupOf: ({ kind }) => kind,
    limitText: (kind) => `${table_1.MAX_ENTERED} ${kind} entries at most`,
};
const WHAT = 'MAC dev PORT [vlan VID] [static|sticky], such as 02:00:00:00:00:07 dev tap1 static';
/** Words of an entry. A port's name may have spaces. The last word is the kind, if it is one of the two. */
const WORDS = /^[ \t\n]*([^ \t\n]+)[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*?[^ \t\n])??)(?:[ \t\n]+vlan[ \t\n]+(\d+))?(?:[ \t\n]+(static|sticky))?[ \t\n]*$/;
exports.staticStation = (0, rule_1.textRule)(WHAT, (text) => {
    const words = WORDS.exec(text);
    if (words === null)
        return undefined;
    const [, mac = '', port = '', vlan, kind] = words;
    return {
        mac: station_mac_1.stationMac.fromText(mac),
        port,
        ...(vlan !== undefined && { vlan: (0, rule_1.at)('vlan', () => vid_1.vid.fromText(vlan)) }),
        kind: kind === 'sticky' ? 'sticky' : 'static',
    };
});
/** Text from which `staticStation` reads the same. The kind always stands at the end. */
function formatStaticStation({ mac, port, kind, vlan }) {
    return `${mac} dev ${port}${vlan === undefined ? '' : ` vlan ${vlan}`} ${kind}`;
}
/** Text that no two entries share: the MAC, with its VLAN. */
function stationIdentity({ mac, vlan }) {
    return mac + (vlan === undefined ? '' : ` vlan ${vlan}`);
}
