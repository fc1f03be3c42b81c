"use strict";
/** Turns a configuration into the values of a configuration file: the inverse of reading one. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.configDocument = configDocument;
const node_util_1 = require("node:util");
const rule_1 = require("./values/rule");
const schema_1 = require("./schema");
/**
 * @param grammar how ports are written
 * @param ports ports to write instead of those in `config`
 */
function configDocument(config, grammar, ports = config.ports) {
    const options = schema_1.CONFIG_OPTIONS.flatMap(({ key, property, identityOf, toDocument }) => {
        const value = config[property];
        if (value === undefined)
            return [];
        const write = toDocument ?? ((item) => item);
        return [[key, identityOf ? value.map(write) : write(value)]];
    });
    return {
        ...Object.fromEntries(options),
        ports: ports.map((port) => portDocument(port, grammar)),
    };
}
/** A port as text, or as a mapping where its text would read as another port. */
function portDocument(spec, grammar) {
    const text = grammar.format(spec);
    return (0, node_util_1.isDeepStrictEqual)(readPort(text, grammar), { ...spec }) ? text : { ...spec };
}
function readPort(text, grammar) {
    try {
        return grammar.parse(text);
    }
    catch (error) {
        if (error instanceof rule_1.ValueError)
            return undefined;
        throw error;
    }
}
