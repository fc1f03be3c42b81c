"use strict";
/**
 * Mask of the reserved addresses that a switch forwards: bit X stands for 01-80-C2-00-00-0X, as in
 * `group_fwd_mask` of the Linux bridge. Unlike there, bits 0 to 2 (STP, PAUSE, LACP) are allowed.
 *
 * Source: `br_group_fwd_mask` in net/bridge/br_netlink.c; IEEE 802.1Q-2022 table 8-1.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.groupForwardMask = void 0;
exports.formatGroupForwardMask = formatGroupForwardMask;
const rule_1 = require("./rule");
const WHAT = 'a mask of 16 bits from 0 to 0xffff, such as 0x4000 for LLDP';
const MASK_MAX = 0xffff;
const ofText = (0, rule_1.textRule)(WHAT, (text) => {
    const mask = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
    return mask <= MASK_MAX ? mask : undefined;
});
exports.groupForwardMask = {
    fromText: ofText.fromText,
    fromValue: (value) => {
        if (typeof value === 'string')
            return ofText.fromText(value);
        if (typeof value !== 'number')
            throw (0, rule_1.expected)(WHAT, value);
        if (!Number.isInteger(value) || value < 0 || value > MASK_MAX)
            throw (0, rule_1.expected)(WHAT, value);
        return value;
    },
    schema: {
        anyOf: [
            { type: 'integer', minimum: 0, maximum: MASK_MAX },
            { type: 'string', pattern: '^([0-9]+|0[xX][0-9a-fA-F]+)$' },
        ],
        description: WHAT,
    },
};
/** Text of a mask, from which the rule reads it again. */
function formatGroupForwardMask(mask) {
    return `0x${mask.toString(16)}`;
}
