"use strict";
/** The ports of the running switch: what may be asked of them, and how they are shown. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PortSettingsSchemas = exports.portName = void 0;
exports.newPortSchema = newPortSchema;
exports.addPorts = addPorts;
exports.setPort = setPort;
exports.removePort = removePort;
exports.findPort = findPort;
exports.portBody = portBody;
const zod_1 = require("zod");
const rule_1 = require("../../config/values/rule");
const port_spec_1 = require("../../config/values/port-spec");
const rule_schema_1 = require("../../config/rule-schema");
const bridge_keys_1 = require("../../ports/bridge-keys");
const refuse_port_1 = require("../../ports/refuse-port");
const request_error_1 = require("../../system/request-error");
const invalid_request_1 = require("../invalid-request");
/** Label of a port. The rule does not check whether the port exists. */
exports.portName = (0, rule_1.textRule)('a port: [KIND:]NAME[@NETNS]', (text) => text || undefined);
/**
 * Schema of a new port: text, or a mapping. A mapping may have the label of the port under `port`, as the
 * answers have, in place of `kind`, `name` and `netns`.
 */
function newPortSchema(grammar) {
    const schema = (0, rule_schema_1.portSchema)(grammar);
    const { anyOf } = (0, rule_schema_1.toJsonSchema)(schema);
    const labelled = {
        type: 'object',
        properties: { port: { type: 'string', description: '[KIND:]NAME[@NETNS]' } },
        required: ['port'],
        description: 'the label of the port, and any key of its kind',
    };
    return zod_1.z
        .unknown()
        .meta({ anyOf: [...anyOf, labelled] })
        .transform((value) => withoutLabel(grammar, value))
        .pipe(schema)
        .meta({ id: 'NewPort' });
}
/** A mapping with `kind`, `name` and `netns` in place of `port`. Any other value stays as it is. */
function withoutLabel(grammar, value) {
    if (typeof value !== 'object' || value === null || !('port' in value))
        return value;
    const { port, ...settings } = value;
    if (typeof port !== 'string' || 'name' in value)
        return value;
    const { kind, rest } = (0, port_spec_1.splitKind)(port);
    const hasNetns = grammar.kinds.some((one) => one.name === (kind ?? port_spec_1.DEFAULT_KIND) && one.hasNetns);
    const [name, netns] = hasNetns ? (0, port_spec_1.splitAtFirst)(rest, '@') : [rest];
    return {
        ...(kind !== undefined && { kind }),
        name,
        ...(netns !== undefined && { netns }),
        ...settings,
    };
}
/** Settings of open ports: which ones depends on the kind of the port. */
class PortSettingsSchemas {
    /** Schema of a mapping, for a document: the mapping of some kind. */
    any;
    schemas;
    constructor(kinds) {
        this.schemas = new Map(kinds.kinds.map((kind) => [kind, (0, rule_schema_1.portSettingsSchema)(kinds, kind)]));
        this.any = zod_1.z
            .record(zod_1.z.string(), zod_1.z.unknown(), {
            error: ({ input }) => (0, rule_1.expected)('a mapping', input).message,
        })
            .meta({ id: 'PortSettings', anyOf: [...this.schemas.values()].map(rule_schema_1.toJsonSchema) });
    }
    /** @throws InvalidRequest */
    read({ kind }, settings) {
        const read = (0, rule_schema_1.readShape)(this.schemas.get(kind), settings);
        if ('faults' in read)
            throw new invalid_request_1.InvalidRequest(read.faults);
        return read.data;
    }
}
exports.PortSettingsSchemas = PortSettingsSchemas;
/** Adds all ports of one specification, or none. @throws InvalidRequest, RequestError, StartError */
async function addPorts(tapSwitch, spec) {
    const { ports } = tapSwitch;
    refuseUnknown(ports.kinds.kindOf(spec), spec);
    return tapSwitch.change(() => {
        tapSwitch.refusePort(spec);
        return ports.addAll(spec);
    });
}
/**
 * Changes settings of a port.
 * @param given settings that are not checked yet
 * @throws InvalidRequest, RequestError, StartError; nothing has changed then
 */
function setPort(tapSwitch, label, schemas, given) {
    const { ports } = tapSwitch;
    return tapSwitch.change(async () => {
        const port = findPort(ports, label);
        const settings = schemas.read(port, given);
        refuseUnknown(port.kind, settings);
        tapSwitch.refusePort({ ...port.namedSpec, ...settings });
        await consistent(() => ports.set(port, settings));
        return port;
    });
}
function removePort(tapSwitch, label) {
    const { ports } = tapSwitch;
    return tapSwitch.change(() => ports.remove(findPort(ports, label)));
}
/** @throws InvalidRequest for a value that this machine does not have, such as an owner. */
function refuseUnknown(kind, settings) {
    const unknown = (0, refuse_port_1.findUnknownValues)(kind, settings);
    if (unknown.length === 0)
        return;
    throw new invalid_request_1.InvalidRequest(unknown.map(({ key, message }) => ({ path: [key], message })));
}
/** @throws InvalidRequest for keys that contradict each other, or a key that the port has already */
async function consistent(set) {
    try {
        await set();
    }
    catch (error) {
        if (error instanceof rule_1.ValueError) {
            throw new invalid_request_1.InvalidRequest([{ path: [], message: error.message }]);
        }
        throw error;
    }
}
/** @throws RequestError where there is no such port. */
function findPort(ports, label) {
    const port = ports.find(label);
    if (port !== undefined)
        return port;
    throw new request_error_1.RequestError('not-found', ports.explainMissing(label), 'ERR_NO_SUCH_PORT');
}
function portBody(port) {
    const { id, kind, label, kernelName, origin, shownState, mtuBytes, takesOffloads, problem } = port;
    const { fastObstacle, shutReason } = port;
    const trouble = problem ?? shutReason;
    return {
        id,
        port: label,
        kind: kind.name,
        kernelName,
        origin,
        state: shownState,
        mtu: mtuBytes,
        offload: takesOffloads,
        fast: fastObstacle === undefined,
        ...(fastObstacle !== undefined && { fastObstacle }),
        ...Object.fromEntries([...bridge_keys_1.BRIDGE_KEYS.keys()].map((key) => [key, port.holds(key)])),
        ...('address' in kind.keys && { address: port.holds('address') }),
        ...(trouble !== undefined && { problem: trouble }),
    };
}
