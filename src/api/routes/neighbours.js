"use strict";
/** The neighbour table, in the words of `ip neigh`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.neighbourRoutes = neighbourRoutes;
const zod_1 = require("zod");
const neighbours_1 = require("../../control/resources/neighbours");
const shapes_1 = require("../../control/shapes");
const limit_1 = require("../limit");
const openapi_1 = require("../openapi");
const stream_1 = require("../stream");
const NO_CONTENT = 204;
/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;
function neighbourRoutes(api, tapSwitch) {
    const readers = new limit_1.Limit(READERS_MAX, 'neighbour table');
    api.get('/v1/neighbours', {
        schema: {
            operationId: 'listNeighbours',
            summary: 'The neighbour table: hosts of IPv4 and IPv6',
            querystring: neighbours_1.neighbourFilter.query,
            response: { 200: zod_1.z.array(shapes_1.neighbourShape) },
        },
    }, async (request, reply) => {
        readers.enter(reply.raw);
        const neighbours = await (0, neighbours_1.listNeighbours)(tapSwitch, request.query);
        return (0, stream_1.sendList)(reply, neighbours, (one) => (0, neighbours_1.neighbourBody)(one, tapSwitch));
    });
    api.post('/v1/neighbours', {
        schema: {
            operationId: 'setNeighbour',
            summary: 'Bind an address to a station permanently, in place of an existing binding',
            body: neighbours_1.newNeighbour,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ body }, reply) => {
        await (0, neighbours_1.addNeighbour)(tapSwitch, body);
        return reply.code(NO_CONTENT).send();
    });
    api.delete('/v1/neighbours', {
        schema: {
            operationId: 'removeNeighbours',
            summary: 'Remove one binding, or, without an address, all learned bindings',
            querystring: neighbours_1.neighbourRemoval.query,
            response: { 200: shapes_1.removedShape },
        },
    }, async ({ query }) => ({ removed: await (0, neighbours_1.removeNeighbours)(tapSwitch, query) }));
}
