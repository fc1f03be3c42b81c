"use strict";
/** The path of a frame through the switch, without sending it. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.tracedFrame = void 0;
exports.trace = trace;
const rule_1 = require("../../config/values/rule");
const rule_schema_1 = require("../../config/rule-schema");
const vid_1 = require("../../config/values/vid");
const tag_operation_1 = require("../../frame/tag-operation");
const trace_1 = require("../../l2/trace");
const ethernet_1 = require("../../wire/ethernet");
const vlan_1 = require("../../wire/vlan");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
/** MTU 9000, and room for the Ethernet header and tags. */
const FRAME_MAX_BYTES = 9_100;
const hexFrame = (0, rule_1.textRule)('the bytes of a frame as hexadecimal digits', (text) => {
    const digits = text.replace(/[\s:]/g, '');
    if (!/^([\da-f]{2})+$/i.test(digits))
        return undefined;
    return ofAllowedLength(Uint8Array.from(Buffer.from(digits, 'hex')));
});
/** A frame of a program: bytes, or hexadecimal digits. */
const frame = {
    ...hexFrame,
    fromValue: (value) => value instanceof Uint8Array ? ofAllowedLength(value) : hexFrame.fromValue(value),
};
function ofAllowedLength(bytes) {
    if (bytes.length <= FRAME_MAX_BYTES)
        return bytes;
    throw new rule_1.ValueError(`expected a frame of ${FRAME_MAX_BYTES} bytes at most`);
}
exports.tracedFrame = (0, rule_schema_1.mapping)({ port: (0, rule_schema_1.field)(ports_1.portName), frame: (0, rule_schema_1.field)(frame), vlan: (0, rule_schema_1.field)(vid_1.vid).optional() }, forms_1.MAPPING);
/** @throws RequestError where there is no such port */
async function trace(tapSwitch, { port: label, frame: bytes, vlan }) {
    const port = (0, ports_1.findPort)(tapSwitch.ports, label);
    const isService = tapSwitch.config.vlanProtocol === '802.1ad';
    const tpid = isService ? vlan_1.TPID_SERVICE : vlan_1.TPID_CUSTOMER;
    const traced = vlan === undefined ? bytes : tagged(bytes, (0, tag_operation_1.push)(tpid, vlan));
    return (0, trace_1.traceFrame)(await tapSwitch.tracedState(), port.id, traced);
}
/** The frame with one more tag. @param tag operation of `push` */
function tagged(bytes, tag) {
    const out = new Uint8Array(bytes.length + ethernet_1.VLAN_TAG_BYTES);
    out.set(bytes.subarray(0, tag_operation_1.ADDRESSES_BYTES));
    (0, ethernet_1.putI32)(out, tag_operation_1.ADDRESSES_BYTES, tag);
    out.set(bytes.subarray(tag_operation_1.ADDRESSES_BYTES), tag_operation_1.ADDRESSES_BYTES + ethernet_1.VLAN_TAG_BYTES);
    return out;
}
