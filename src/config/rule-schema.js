"use strict";
/**
 * The rules of the configuration as zod schemas. The same rules as on the command line check the
 * values. zod adds the shape around the values, and the path of each fault.
 *
 * Files and API bodies are read with these schemas. This module is loaded only when there is one to read:
 * zod alone takes 45 ms and 11 MB.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.readShape = readShape;
exports.formatPath = formatPath;
exports.toJsonSchema = toJsonSchema;
exports.field = field;
exports.textField = textField;
exports.mapping = mapping;
exports.listOf = listOf;
exports.portSchema = portSchema;
exports.portListSchema = portListSchema;
exports.portSettingsSchema = portSettingsSchema;
const zod_1 = require("zod");
const port_spec_1 = require("./values/port-spec");
const rule_1 = require("./values/rule");
const list_limit_1 = require("./list-limit");
const schema_1 = require("./schema");
const suggest_1 = require("./values/suggest");
/** @returns the value that the schema reads, or all faults. */
function readShape(schema, value) {
    const { success, data, error } = schema.safeParse(value, { reportInput: true });
    return success ? { data } : { faults: error.issues.flatMap(faultsOf) };
}
/** Text of a path: `ports[1].mtu`. */
function formatPath(path) {
    return path
        .map((key) => (typeof key === 'number' ? `[${key}]` : `.${printable(String(key))}`))
        .join('')
        .replace(/^\./, '');
}
function printable(key) {
    return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}
/** JSON Schema (2020-12) of the values that may be written. */
function toJsonSchema(schema) {
    const { $schema, ...rest } = zod_1.z.toJSONSchema(schema, {
        io: 'input',
        unrepresentable: 'any',
        // The bounds of every safe integer tell the reader nothing.
        override: ({ jsonSchema }) => {
            if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER)
                delete jsonSchema.minimum;
            if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER)
                delete jsonSchema.maximum;
        },
    });
    void $schema;
    return rest;
}
/** Schema of a value in a file or an API body. */
function field(rule) {
    return judged(rule.fromValue, rule.schema);
}
/** Schema of a value that always comes as text: a part of a URL. */
function textField(rule) {
    const read = (value) => {
        if (typeof value !== 'string')
            throw (0, rule_1.expected)('one value', value);
        return rule.fromText(value);
    };
    return judged(read, rule.schema);
}
/**
 * Schema of a mapping with these keys and no others.
 * @param what words for the mapping, for the complaint about another value
 * @param keyIs word for a key, for the complaint about an unknown one
 */
function mapping(shape, { what, keyIs }) {
    const keys = Object.keys(shape);
    return zod_1.z.strictObject(shape, {
        error: (issue) => issue.code === 'unrecognized_keys'
            ? (0, suggest_1.noneSuch)(keyIs, issue.keys, keys).join('\n')
            : (0, rule_1.expected)(what, issue.input).message,
    });
}
/**
 * Schema of one item or a list of items, none of them twice.
 * @param limit how many there may be; any number by default
 */
function listOf(item, identityOf, limit) {
    const items = toJsonSchema(item);
    return zod_1.z
        .unknown()
        .meta({ anyOf: [items, { type: 'array', items }] })
        .transform((value) => (Array.isArray(value) ? value : [value]))
        .pipe(zod_1.z.array(item))
        .superRefine((list, context) => {
        const faults = [(0, schema_1.findRepeated)(list, identityOf), limit && (0, list_limit_1.findExcess)(list, limit)];
        for (const fault of faults) {
            if (fault === undefined)
                continue;
            context.addIssue({ code: 'custom', path: [fault.index], message: fault.complaint });
        }
    });
}
/** Schema of a port: a mapping, or the same text as on the command line. */
function portSchema(grammar) {
    const mappings = new Map(grammar.kinds.map((kind) => [kind.name, portMapping(grammar, kind)]));
    return zod_1.z
        .unknown()
        .meta({
        anyOf: [
            { type: 'string', description: '[KIND:]NAME[@NETNS][,KEY[=VALUE]]...' },
            ...[...mappings.values()].map(toJsonSchema),
        ],
    })
        .transform((value, context) => {
        if (typeof value === 'string')
            return judge((text) => grammar.parse(text), value, context);
        const kind = judge((port) => grammar.kindOf(kindIn(port)), value, context);
        if (context.issues.length > 0)
            return zod_1.z.NEVER;
        const schema = mappings.get(kind.name);
        const { success, data, error } = schema.safeParse(value, { reportInput: true });
        if (success)
            return judge((given) => grammar.complete(kind, given), data, context);
        context.issues.push(...error.issues);
        return zod_1.z.NEVER;
    });
}
function portListSchema(grammar) {
    const specs = listOf(portSchema(grammar), port_spec_1.portIdentity);
    return specs.transform((list) => grammar.expand(list));
}
/** Schema of the keys that can be set on an open port of a kind. */
function portSettingsSchema(grammar, kind) {
    return mapping(optionalFields(grammar.liveKeys(kind)), { what: 'a mapping', keyIs: 'key' });
}
function portMapping(grammar, kind) {
    const kindName = field((0, rule_1.oneOf)(kind.name));
    return mapping({
        kind: kind.name === port_spec_1.DEFAULT_KIND ? kindName.optional() : kindName,
        name: field(kind.nameRule),
        ...(kind.hasNetns && { netns: field(port_spec_1.portNamespace).optional() }),
        ...optionalFields(grammar.openKeys(kind)),
    }, { what: 'a port as text or as a mapping', keyIs: 'key' });
}
function optionalFields(keys) {
    return Object.fromEntries(Object.entries(keys).map(([key, { rule, identityOf }]) => {
        const value = field(rule);
        const values = identityOf && listOf(value, (item) => identityOf(item));
        return [key, (values ?? value).optional()];
    }));
}
/** Kind that a mapping names. A value that is not a mapping counts as one of the default kind. */
function kindIn(value) {
    if (typeof value !== 'object' || value === null || !('kind' in value))
        return {};
    if (typeof value.kind !== 'string')
        throw (0, rule_1.expected)('a kind of port', value.kind);
    return { kind: value.kind };
}
function judged(read, schema) {
    return zod_1.z
        .unknown()
        .meta(schema)
        .transform((value, context) => judge(read, value, context));
}
/** Applies a rule, and turns its complaint into a zod issue. */
function judge(read, value, context) {
    try {
        return read(value);
    }
    catch (error) {
        if (!(error instanceof rule_1.ValueError))
            throw error;
        context.issues.push({ code: 'custom', message: error.message, input: value });
        return zod_1.z.NEVER;
    }
}
/** Faults of one issue. The message about unknown keys has a line for each of them: see `mapping`. */
function faultsOf(issue) {
    const { path, message } = issue;
    if (issue.code !== 'unrecognized_keys')
        return [{ path, message }];
    const lines = message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...path, key], message: lines[index] ?? '' }));
}
