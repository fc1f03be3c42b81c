"use strict";
/** A group as an operator writes it: an IP group of either family, or a group MAC. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.groupAddress = void 0;
const ip_text_1 = require("../../wire/ip-text");
const mac_1 = require("../../wire/mac");
const ethernet_1 = require("../../wire/ethernet");
const rule_1 = require("./rule");
const WHAT = 'a group, such as 239.1.1.1, ff0e::1 or 01:02:03:04:05:06';
exports.groupAddress = (0, rule_1.textRule)(WHAT, (text) => {
    const bytes = (0, ip_text_1.parseIpAddress)(text);
    if (bytes !== undefined) {
        const [first = 0] = bytes;
        const isIpGroup = bytes.length === 4 ? first >> 4 === 0xe : first === 0xff;
        if (!isIpGroup)
            throw (0, rule_1.expected)(WHAT, text, 'the address of one host');
        return { text: (0, ip_text_1.canonicalIpAddress)(text), bytes };
    }
    const mac = (0, mac_1.parseMac)(text);
    if (mac === undefined)
        return undefined;
    if (!(0, ethernet_1.isGroup)(mac.hi16))
        throw (0, rule_1.expected)(WHAT, text, 'the MAC of one station');
    return {
        text: (0, mac_1.formatMac)(mac.hi16, mac.lo32),
        bytes: Uint8Array.from((0, mac_1.macToBytes)(mac.hi16, mac.lo32)),
    };
});
