"use strict";
/** Captures of frames: what may be asked of them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.newCapture = void 0;
exports.captureRequest = captureRequest;
const filter_compiler_1 = require("../../capture/filter-compiler");
const filter_error_1 = require("../../capture/filter-error");
const pcapng_1 = require("../../wire/pcapng");
const rule_1 = require("../../config/values/rule");
const rule_schema_1 = require("../../config/rule-schema");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
/** Wireshark's limit for a packet on Ethernet, and more than the longest frame of a TAP. */
const SNAP_BYTES_MAX = 262_144;
const directions = (0, rule_1.mapRule)((0, rule_1.oneOf)('in', 'out', 'both'), (word) => ({
    in: [pcapng_1.Direction.In],
    out: [pcapng_1.Direction.Out],
    both: [pcapng_1.Direction.In, pcapng_1.Direction.Out],
})[word]);
const filter = (0, rule_1.textRule)('a filter in the words of tcpdump', (text) => {
    try {
        return (0, filter_compiler_1.compileFilter)(text);
    }
    catch (error) {
        throw error instanceof filter_error_1.FilterError ? new rule_1.ValueError(error.message) : error;
    }
});
exports.newCapture = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({
    port: (0, rule_schema_1.listOf)(to(ports_1.portName), (label) => label).optional(),
    direction: to(directions).optional(),
    snaplen: to((0, rule_1.wholeNumber)({ from: 14, to: SNAP_BYTES_MAX, unit: 'bytes' })).optional(),
    count: to((0, rule_1.wholeNumber)({ from: 1, to: 2 ** 31, unit: 'frames' })).optional(),
    filter: to(filter).optional(),
}, words));
/** @throws RequestError where there is no such port */
function captureRequest({ ports }, capture) {
    const { port, direction, snaplen, count, filter: wanted } = capture;
    const ids = port?.map((label) => (0, ports_1.findPort)(ports, label).id);
    return {
        ...(ids !== undefined && { ports: ids }),
        directions: direction ?? [pcapng_1.Direction.In, pcapng_1.Direction.Out],
        snapBytes: snaplen ?? SNAP_BYTES_MAX,
        filter: wanted ?? (0, filter_compiler_1.compileFilter)(''),
        ...(count !== undefined && { count }),
    };
}
