"use strict";
/** A MAC address that one station may have, in canonical form: lower case with colons. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.stationMac = void 0;
const mac_1 = require("../../wire/mac");
const rule_1 = require("./rule");
const WHAT = 'the MAC address of one station, such as 02:00:00:00:00:01';
/** Source: `is_valid_ether_addr` in the kernel's include/linux/etherdevice.h. */
exports.stationMac = (0, rule_1.textRule)(WHAT, (text) => {
    const mac = (0, mac_1.parseMac)(text);
    if (mac === undefined)
        return undefined;
    if (!(0, mac_1.isStation)(mac))
        throw (0, rule_1.expected)(WHAT, text, 'a group address or zero');
    return (0, mac_1.formatMac)(mac.hi16, mac.lo32);
});
