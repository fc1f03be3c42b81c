"use strict";
/** Counters of each port and in total. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.statsRoutes = statsRoutes;
const stats_1 = require("../../control/resources/stats");
const shapes_1 = require("../../control/shapes");
const openapi_1 = require("../openapi");
function statsRoutes(api, tapSwitch) {
    api.get('/v1/stats', {
        schema: {
            operationId: 'getStats',
            summary: 'Counters, and drops by reason',
            querystring: stats_1.portFilter.query,
            response: { 200: shapes_1.statsShape },
        },
    }, ({ query }) => (0, stats_1.readStats)(tapSwitch, query));
    let metrics;
    api.get('/metrics', {
        schema: {
            operationId: 'getMetrics',
            summary: 'Counters for Prometheus',
            response: { 200: (0, openapi_1.streamOf)('text/plain', 'text format of Prometheus') },
        },
    }, async (_, reply) => {
        metrics ??= loadMetrics(tapSwitch);
        return reply.type(metrics.contentType).send(await metrics.render());
    });
}
function loadMetrics(tapSwitch) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { SwitchMetrics } = require('../metrics');
    return new SwitchMetrics(tapSwitch);
}
