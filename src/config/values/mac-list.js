"use strict";
/** A list of MAC addresses of stations, `02:00:00:00:00:01+02:00:00:00:00:02`, or `off` for none. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.macList = void 0;
const rule_1 = require("./rule");
const station_mac_1 = require("./station-mac");
const MACS_MAX = 256;
const WHAT = `MAC addresses with + between them, at most ${MACS_MAX}, or off`;
function ofMacs(texts, got) {
    if (texts.length === 0 || texts.length > MACS_MAX)
        throw (0, rule_1.expected)(WHAT, got);
    const macs = texts.map((text) => station_mac_1.stationMac.fromValue(text));
    const repeated = macs.find((mac, at) => macs.indexOf(mac) !== at);
    if (repeated === undefined)
        return macs.join('+');
    throw new rule_1.ValueError(`${repeated} is given twice; once is enough`);
}
/** The value is the text in canonical form. A file may have a list of MACs, too. */
exports.macList = {
    fromText: (text) => (text === 'off' ? text : ofMacs(text.split('+'), text)),
    fromValue: (value) => {
        if (value === 'off' || value === false)
            return 'off';
        if (typeof value === 'string')
            return ofMacs(value.split('+'), value);
        if (Array.isArray(value))
            return ofMacs(value, value);
        throw (0, rule_1.expected)(WHAT, value);
    },
    schema: {
        anyOf: [
            { type: 'string' },
            { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: MACS_MAX },
            { const: false },
        ],
        description: WHAT,
    },
};
