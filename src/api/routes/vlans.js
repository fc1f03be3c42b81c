"use strict";
/** The VLANs of the ports, in the words of `bridge vlan`. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.vlanRoutes = vlanRoutes;
const zod_1 = require("zod");
const stats_1 = require("../../control/resources/stats");
const vlans_1 = require("../../control/resources/vlans");
const shapes_1 = require("../../control/shapes");
const openapi_1 = require("../openapi");
const NO_CONTENT = 204;
function vlanRoutes(api, tapSwitch) {
    api.get('/v1/vlans', {
        schema: {
            operationId: 'listVlans',
            summary: 'The VLANs of the ports',
            querystring: stats_1.portFilter.query,
            response: { 200: zod_1.z.array(shapes_1.portVlansShape) },
        },
    }, ({ query }) => (0, vlans_1.listVlans)(tapSwitch, query));
    api.post('/v1/vlans', {
        schema: {
            operationId: 'addVlans',
            summary: 'Make a port a member of VLANs; a VID that it has takes the new flags',
            body: vlans_1.newVlans,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ body }, reply) => {
        await (0, vlans_1.addVlans)(tapSwitch, body);
        return reply.code(NO_CONTENT).send();
    });
    api.delete('/v1/vlans', {
        schema: {
            operationId: 'removeVlans',
            summary: 'End the membership of a port in VLANs',
            querystring: vlans_1.vlanRemoval.query,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ query }, reply) => {
        await (0, vlans_1.removeVlans)(tapSwitch, query);
        return reply.code(NO_CONTENT).send();
    });
}
