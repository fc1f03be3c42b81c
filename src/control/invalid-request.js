"use strict";
/** A request with a value that is wrong by itself, whatever the state of the switch. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.InvalidRequest = void 0;
const rule_schema_1 = require("../config/rule-schema");
class InvalidRequest extends Error {
    name = 'InvalidRequest';
    code = 'ERR_INVALID_VALUE';
    /** Each wrong value. */
    errors;
    constructor(faults) {
        const errors = faults.map(({ path, message }) => ({
            field: (0, rule_schema_1.formatPath)(path),
            detail: message,
        }));
        super(errors.map(sentenceOf).join('; '));
        this.errors = errors;
    }
}
exports.InvalidRequest = InvalidRequest;
function sentenceOf({ field, detail }) {
    return field === '' ? detail : `${field}: ${detail}`;
}
