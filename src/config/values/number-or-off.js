"use strict";
/** A whole number, or `off` where there is none. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.numberOrOff = numberOrOff;
const rule_1 = require("./rule");
/** Rule for a whole number or `off`, which a file may also write as `false`. The range includes both ends. */
function numberOrOff({ from, to, unit }) {
    const what = `a whole number of ${unit} from ${from} to ${to}, or off`;
    const isRight = (value) => value >= from && value <= to;
    return {
        fromText: (text) => {
            if (text === 'off')
                return text;
            const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
            if (!isRight(value))
                throw (0, rule_1.expected)(what, text);
            return value;
        },
        fromValue: (value) => {
            if (value === 'off' || value === false)
                return 'off';
            if (!Number.isInteger(value) || !isRight(value))
                throw (0, rule_1.expected)(what, value);
            return value;
        },
        schema: {
            anyOf: [{ type: 'integer', minimum: from, maximum: to }, { enum: ['off', false] }],
            description: what,
        },
    };
}
