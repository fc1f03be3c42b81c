"use strict";
/** The forwarding database, in the words of `bridge fdb`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.fdbRoutes = fdbRoutes;
const zod_1 = require("zod");
const stations_1 = require("../../control/resources/stations");
const shapes_1 = require("../../control/shapes");
const limit_1 = require("../limit");
const openapi_1 = require("../openapi");
const stream_1 = require("../stream");
const NO_CONTENT = 204;
/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;
function fdbRoutes(api, tapSwitch) {
    const readers = new limit_1.Limit(READERS_MAX, 'forwarding database');
    api.get('/v1/fdb', {
        schema: {
            operationId: 'listStations',
            summary: 'The forwarding database',
            querystring: stations_1.stationFilter.query,
            response: { 200: zod_1.z.array(shapes_1.stationShape) },
        },
    }, async (request, reply) => {
        readers.enter(reply.raw);
        const entries = await (0, stations_1.listStations)(tapSwitch, request.query);
        return (0, stream_1.sendList)(reply, entries, (entry) => (0, stations_1.stationBody)(entry, tapSwitch));
    });
    api.post('/v1/fdb', {
        schema: {
            operationId: 'setStation',
            summary: 'Add or replace an entry',
            body: stations_1.newStation,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ body }, reply) => {
        await (0, stations_1.addStation)(tapSwitch, body);
        return reply.code(NO_CONTENT).send();
    });
    api.delete('/v1/fdb', {
        schema: {
            operationId: 'removeStations',
            summary: 'Remove one entry, or, without an address, all learned entries',
            querystring: stations_1.stationRemoval.query,
            response: { 200: shapes_1.removedShape },
        },
    }, async ({ query }) => ({ removed: await (0, stations_1.removeStations)(tapSwitch, query) }));
}
