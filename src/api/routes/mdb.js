"use strict";
/** The group table, in the words of `bridge mdb`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mdbRoutes = mdbRoutes;
const zod_1 = require("zod");
const groups_1 = require("../../control/resources/groups");
const stats_1 = require("../../control/resources/stats");
const shapes_1 = require("../../control/shapes");
const limit_1 = require("../limit");
const openapi_1 = require("../openapi");
const NO_CONTENT = 204;
/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;
function mdbRoutes(api, tapSwitch) {
    const readers = new limit_1.Limit(READERS_MAX, 'group table');
    api.get('/v1/mdb', {
        schema: {
            operationId: 'getGroups',
            summary: 'The group table, and the ports of multicast routers',
            querystring: stats_1.portFilter.query,
            response: { 200: zod_1.z.array(shapes_1.mdbShape) },
        },
    }, async (request, reply) => {
        readers.enter(reply.raw);
        return [await (0, groups_1.listGroups)(tapSwitch, request.query)];
    });
    api.post('/v1/mdb', {
        schema: {
            operationId: 'addGroup',
            summary: 'Add an entry, or replace it',
            body: groups_1.newGroup,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ body }, reply) => {
        await (0, groups_1.addGroup)(tapSwitch, body);
        return reply.code(NO_CONTENT).send();
    });
    api.delete('/v1/mdb', {
        schema: {
            operationId: 'removeGroups',
            summary: 'Remove one entry, or, without a group, each entry that matches',
            querystring: groups_1.groupRemoval.query,
            response: { 200: shapes_1.removedShape },
        },
    }, async ({ query }) => ({ removed: await (0, groups_1.removeGroups)(tapSwitch, query) }));
}
