"use strict";
/** Mirrors: copies of the frames of some ports for another port. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mirrorRoutes = mirrorRoutes;
const zod_1 = require("zod");
const mirrors_1 = require("../../control/resources/mirrors");
const shapes_1 = require("../../control/shapes");
const openapi_1 = require("../openapi");
const NO_CONTENT = 204;
const CREATED = 201;
function mirrorRoutes(api, tapSwitch) {
    api.get('/v1/mirrors', {
        schema: {
            operationId: 'listMirrors',
            summary: 'Mirrors',
            response: { 200: zod_1.z.array(shapes_1.mirrorShape) },
        },
    }, () => tapSwitch.mirrors());
    api.post('/v1/mirrors', {
        schema: {
            operationId: 'addMirror',
            summary: 'Add a mirror, or replace the one of the same name',
            body: mirrors_1.newMirror,
            response: { [CREATED]: zod_1.z.array(shapes_1.mirrorShape) },
        },
    }, async ({ body }, reply) => {
        await (0, mirrors_1.addMirror)(tapSwitch, body);
        reply.code(CREATED);
        return tapSwitch.mirrors();
    });
    api.delete('/v1/mirrors', {
        schema: {
            operationId: 'removeMirror',
            summary: 'Remove a mirror',
            querystring: mirrors_1.mirrorRemoval.query,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ query }, reply) => {
        await (0, mirrors_1.removeMirror)(tapSwitch, query.name);
        return reply.code(NO_CONTENT).send();
    });
}
