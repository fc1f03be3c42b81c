"use strict";
/** The ports of the running switch. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.portRoutes = portRoutes;
const zod_1 = require("zod");
const rule_schema_1 = require("../../config/rule-schema");
const ports_1 = require("../../control/resources/ports");
const shapes_1 = require("../../control/shapes");
const openapi_1 = require("../openapi");
const CREATED = 201;
const NO_CONTENT = 204;
const onePort = zod_1.z.object({ port: (0, rule_schema_1.textField)(ports_1.portName) });
function portRoutes(api, tapSwitch) {
    const { ports } = tapSwitch;
    const { kinds } = ports;
    const settings = new ports_1.PortSettingsSchemas(kinds);
    api.get('/v1/ports', {
        schema: {
            operationId: 'listPorts',
            summary: 'All ports',
            response: { 200: zod_1.z.array(shapes_1.portShape) },
        },
    }, () => ports.all.map(ports_1.portBody));
    api.post('/v1/ports', {
        schema: {
            operationId: 'addPort',
            summary: 'Add a port; the answer is a list where one specification asks for several',
            body: (0, ports_1.newPortSchema)(kinds),
            response: { [CREATED]: zod_1.z.union([shapes_1.portShape, zod_1.z.array(shapes_1.portShape)]) },
        },
    }, async ({ body }, reply) => {
        const added = await (0, ports_1.addPorts)(tapSwitch, body);
        const [port] = added;
        if (added.length > 1)
            return reply.code(CREATED).send(added.map(ports_1.portBody));
        return reply
            .code(CREATED)
            .header('location', `/v1/ports/${encodeURIComponent(port.label)}`)
            .send((0, ports_1.portBody)(port));
    });
    api.get('/v1/ports/:port', {
        schema: {
            operationId: 'getPort',
            summary: 'One port',
            params: onePort,
            response: { 200: shapes_1.portShape },
        },
    }, ({ params }) => (0, ports_1.portBody)((0, ports_1.findPort)(ports, params.port)));
    api.patch('/v1/ports/:port', {
        schema: {
            operationId: 'changePort',
            summary: "Change the settings of a port's interface, or the port's ARP, ND and inspection",
            params: onePort,
            body: settings.any,
            response: { 200: shapes_1.portShape },
        },
    }, async ({ params, body }) => (0, ports_1.portBody)(await (0, ports_1.setPort)(tapSwitch, params.port, settings, body)));
    api.delete('/v1/ports/:port', {
        schema: {
            operationId: 'removePort',
            summary: 'Remove a port',
            params: onePort,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ params }, reply) => {
        await (0, ports_1.removePort)(tapSwitch, params.port);
        return reply.code(NO_CONTENT).send();
    });
}
