"use strict";
/** The shape of a configuration file: the keys of the option table and `ports`, nothing else. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.readFileValues = readFileValues;
exports.configFileSchema = configFileSchema;
const rule_schema_1 = require("./rule-schema");
const schema_1 = require("./schema");
const PROPERTY_OF_KEY = new Map(schema_1.CONFIG_OPTIONS.map(({ key, property }) => [key, property]));
/** Schemas that were made, by grammar. One takes longer to make than a file takes to read. */
const schemas = new WeakMap();
function fileSchema(grammar) {
    const schema = schemas.get(grammar) ?? makeSchema(grammar);
    schemas.set(grammar, schema);
    return schema;
}
/** @param grammar how ports are written */
function makeSchema(grammar) {
    return (0, rule_schema_1.mapping)({
        ...Object.fromEntries(schema_1.CONFIG_OPTIONS.map(({ key, rule, identityOf, limit }) => {
            const value = (0, rule_schema_1.field)(rule);
            return [key, (identityOf ? (0, rule_schema_1.listOf)(value, identityOf, limit) : value).optional()];
        })),
        ports: (0, rule_schema_1.portListSchema)(grammar).optional(),
    }, { what: 'a mapping of options', keyIs: 'option' }).transform((file) => Object.fromEntries(Object.entries(file).map(([key, value]) => [PROPERTY_OF_KEY.get(key) ?? key, value])));
}
/** @param document the parsed file. An empty file is valid: it sets nothing. */
function readFileValues(document, grammar) {
    const read = (0, rule_schema_1.readShape)(fileSchema(grammar), document ?? {});
    return 'data' in read ? { given: read.data } : read;
}
/** JSON Schema of a configuration file, for editors. */
function configFileSchema(grammar) {
    return (0, rule_schema_1.toJsonSchema)(fileSchema(grammar));
}
