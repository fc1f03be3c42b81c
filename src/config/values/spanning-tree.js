"use strict";
/** Values of the spanning tree. Source: IEEE 802.1D-2004 tables 17-1 to 17-3. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.pathCost = exports.edge = exports.portPriority = exports.bridgePriority = exports.treeProtocol = void 0;
const rule_1 = require("./rule");
/** Protocol of the spanning tree. */
exports.treeProtocol = (0, rule_1.oneOf)('off', 'stp', 'rstp');
/** Priority of a bridge: the upper 4 of 16 bits (9.2.5). */
exports.bridgePriority = multipleOf(4_096, 61_440);
/** Priority of a port: the upper 4 of 8 bits (9.2.7). */
exports.portPriority = multipleOf(16, 240);
/** Whether a port is an edge of the network; `auto`: the port finds out. */
exports.edge = (0, rule_1.mapRule)((0, rule_1.oneOf)('auto', 'on', 'off'), (word) => word);
const cost = (0, rule_1.wholeNumber)({ from: 1, to: 200_000_000 });
const AUTO = 'auto';
/** Cost of a path, or the default. */
exports.pathCost = {
    fromText: (text) => (text === AUTO ? AUTO : cost.fromText(text)),
    fromValue: (value) => (value === AUTO ? AUTO : cost.fromValue(value)),
    schema: { anyOf: [{ const: AUTO }, cost.schema] },
};
/** Rule for a multiple of `step`, from 0 to `to`. */
function multipleOf(step, to) {
    const what = `a multiple of ${step} from 0 to ${to}`;
    const isRight = (value) => typeof value === 'number' && Number.isInteger(value / step) && value >= 0 && value <= to;
    return {
        fromText: (text) => {
            const value = /^\d+$/.test(text) ? Number(text) : undefined;
            if (!isRight(value))
                throw (0, rule_1.expected)(what, text);
            return value;
        },
        fromValue: (value) => {
            if (!isRight(value))
                throw (0, rule_1.expected)(what, value);
            return value;
        },
        schema: { type: 'integer', minimum: 0, maximum: to, multipleOf: step, description: what },
    };
}
