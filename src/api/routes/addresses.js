"use strict";
/** The switch's own addresses. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.addressRoutes = addressRoutes;
const zod_1 = require("zod");
const addresses_1 = require("../../control/resources/addresses");
const shapes_1 = require("../../control/shapes");
const openapi_1 = require("../openapi");
const NO_CONTENT = 204;
const CREATED = 201;
function addressRoutes(api, tapSwitch) {
    api.get('/v1/addresses', {
        schema: {
            operationId: 'listAddresses',
            summary: "The switch's own addresses and the progress of their claims",
            response: { 200: zod_1.z.array(shapes_1.ownAddressShape) },
        },
    }, () => tapSwitch.ownAddresses());
    api.post('/v1/addresses', {
        schema: {
            operationId: 'addAddress',
            summary: 'Start to claim an address',
            body: addresses_1.ownAddress.value.meta({ id: 'NewOwnAddress' }),
            response: { [CREATED]: zod_1.z.array(shapes_1.ownAddressShape) },
        },
    }, async ({ body }, reply) => {
        await (0, addresses_1.addAddress)(tapSwitch, body);
        reply.code(CREATED);
        return tapSwitch.ownAddresses();
    });
    api.delete('/v1/addresses', {
        schema: {
            operationId: 'removeAddress',
            summary: 'Give up an address',
            querystring: addresses_1.ownAddress.query,
            response: { [NO_CONTENT]: openapi_1.NO_BODY },
        },
    }, async ({ query }, reply) => {
        await (0, addresses_1.removeAddress)(tapSwitch, query);
        return reply.code(NO_CONTENT).send();
    });
}
