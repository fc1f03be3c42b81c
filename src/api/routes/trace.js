"use strict";
/** The path of a frame through the switch, without sending it. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.traceRoutes = traceRoutes;
const trace_1 = require("../../control/resources/trace");
const shapes_1 = require("../../control/shapes");
function traceRoutes(api, tapSwitch) {
    api.post('/v1/trace', {
        schema: {
            operationId: 'traceFrame',
            summary: 'The path that a frame would take, and why; nothing is sent or learned',
            body: trace_1.tracedFrame,
            response: { 200: shapes_1.traceShape },
        },
    }, ({ body }) => (0, trace_1.trace)(tapSwitch, body));
}
