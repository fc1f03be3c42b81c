"use strict";
/** The IP address of one host, of either family, as the operator of a switch writes it. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.hostAddress = void 0;
const cidr_1 = require("./cidr");
const ip_text_1 = require("../../wire/ip-text");
const rule_1 = require("./rule");
const WHAT = 'the IP address of a host, such as 192.0.2.1 or 2001:db8::1';
exports.hostAddress = (0, rule_1.textRule)(WHAT, (text) => {
    const bytes = (0, ip_text_1.parseIpAddress)(text);
    if (bytes === undefined)
        return undefined;
    const fault = (0, cidr_1.faultOfAddress)(bytes);
    if (fault !== undefined)
        throw (0, rule_1.expected)(WHAT, text, fault);
    return { text: (0, ip_text_1.canonicalIpAddress)(text), bytes };
});
