"use strict";
/** Mirrors: what may be asked of them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mirrorRemoval = exports.newMirror = void 0;
exports.addMirror = addMirror;
exports.removeMirror = removeMirror;
const zod_1 = require("zod");
const rule_schema_1 = require("../../config/rule-schema");
const mirror_1 = require("../../config/values/mirror");
const rule_1 = require("../../config/values/rule");
const request_error_1 = require("../../system/request-error");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
const filter = (0, rule_1.textRule)('a filter in the words of tcpdump', (text) => text);
exports.newMirror = (0, rule_schema_1.mapping)({
    name: (0, rule_schema_1.field)(mirror_1.mirrorName),
    from: zod_1.z.array((0, rule_schema_1.field)(ports_1.portName)).min(1).describe('ports whose frames are copied'),
    direction: (0, rule_schema_1.field)(mirror_1.mirrorDirection).optional(),
    vlan: (0, rule_schema_1.field)(mirror_1.mirrorVlan).optional(),
    filter: (0, rule_schema_1.field)(filter).optional(),
    to: (0, rule_schema_1.field)(ports_1.portName),
    shared: (0, rule_schema_1.field)(rule_1.onOff).optional(),
}, forms_1.MAPPING).meta({ id: 'NewMirror' });
exports.mirrorRemoval = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ name: to(mirror_1.mirrorName) }, words));
/** Adds a mirror, or replaces the one of the same name. @throws RequestError */
function addMirror(tapSwitch, mirror) {
    const { name, from, direction = 'both', vlan, filter: words, to, shared = false } = mirror;
    const more = {
        ...(vlan !== undefined && { vlan }),
        ...(words !== undefined && { filter: words }),
    };
    const spec = { name, from, direction, ...more, port: to, shared };
    return tapSwitch.change(() => tapSwitch.addMirror(checked(spec)));
}
/** @throws RequestError if there is no such mirror */
function removeMirror(tapSwitch, name) {
    return tapSwitch.change(() => tapSwitch.removeMirror(name));
}
/** @throws RequestError for a mirror that contradicts itself */
function checked(spec) {
    try {
        return (0, mirror_1.checkMirror)(spec);
    }
    catch (error) {
        if (error instanceof rule_1.ValueError)
            throw new request_error_1.RequestError('conflict', error.message);
        throw error;
    }
}
