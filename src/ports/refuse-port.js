"use strict";
/** Reasons to refuse ports before one of them is opened, and the error for a port that could not be opened. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.portFailure = portFailure;
exports.findUnknownValues = findUnknownValues;
exports.refuseUnknownValues = refuseUnknownValues;
exports.refuseSameInterface = refuseSameInterface;
const port_spec_1 = require("../config/values/port-spec");
const start_error_1 = require("../system/start-error");
const usage_error_1 = require("../system/usage-error");
/** @returns an error of opening or changing a port, as one line for a person. */
function portFailure(kind, spec, error) {
    return new start_error_1.StartError(`${(0, port_spec_1.portLabel)(spec)}: ${kind.explain(spec, error)}`, { cause: error });
}
/** @returns the values of a port that do not exist on this machine. */
function findUnknownValues(kind, settings) {
    return Object.entries(kind.keys).flatMap(([key, { verify }]) => {
        const value = settings[key];
        if (verify === undefined || value === undefined)
            return [];
        try {
            verify(value);
            return [];
        }
        catch (error) {
            return [{ key, message: error.message }];
        }
    });
}
/** @throws UsageError that names the port, for values that do not exist on this machine. */
function refuseUnknownValues(kind, label, settings) {
    const unknown = findUnknownValues(kind, settings);
    if (unknown.length === 0)
        return;
    throw new usage_error_1.UsageError(...unknown.map(({ key, message }) => `${label}: ${key}: ${message}`));
}
/** @throws UsageError that names two ports which are the same interface. */
function refuseSameInterface(kinds, ports) {
    const seen = new Map();
    for (const port of ports) {
        const identity = kinds.kindOf(port).identity(port);
        if (identity === undefined)
            continue;
        const other = seen.get(identity);
        if (other !== undefined) {
            const both = `${(0, port_spec_1.portLabel)(other)} and ${(0, port_spec_1.portLabel)(port)}`;
            throw new usage_error_1.UsageError(`${both} are the same interface; give it once`);
        }
        seen.set(identity, port);
    }
}
