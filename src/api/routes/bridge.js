"use strict";
/** An overview of the bridge. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.bridgeRoutes = bridgeRoutes;
const bridge_1 = require("../../control/resources/bridge");
const shapes_1 = require("../../control/shapes");
function bridgeRoutes(api, tapSwitch) {
    api.get('/v1/bridge', {
        schema: {
            operationId: 'getBridge',
            summary: 'Overview of the bridge',
            response: { 200: shapes_1.bridgeShape },
        },
    }, () => (0, bridge_1.bridgeBody)(tapSwitch));
}
