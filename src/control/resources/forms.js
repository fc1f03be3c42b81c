"use strict";
/** A request in two forms: as the query of a URL, whose values are text, and as a mapping of a program. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MAPPING = exports.QUERY = void 0;
exports.inBothForms = inBothForms;
const rule_schema_1 = require("../../config/rule-schema");
exports.QUERY = { what: 'a query', keyIs: 'parameter' };
exports.MAPPING = { what: 'a mapping', keyIs: 'key' };
/** @param make makes the schema of a request with these fields and words */
function inBothForms(make) {
    return { query: make(rule_schema_1.textField, exports.QUERY), value: make(rule_schema_1.field, exports.MAPPING) };
}
