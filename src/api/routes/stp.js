"use strict";
/** The spanning tree. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.stpRoutes = stpRoutes;
const spanning_tree_1 = require("../../control/resources/spanning-tree");
const shapes_1 = require("../../control/shapes");
function stpRoutes(api, tapSwitch) {
    api.get('/v1/stp', {
        schema: {
            operationId: 'getSpanningTree',
            summary: 'State of the spanning tree',
            response: { 200: shapes_1.stpShape },
        },
    }, () => (0, spanning_tree_1.spanningTreeBody)(tapSwitch));
}
