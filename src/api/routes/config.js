"use strict";
/** The running configuration, and reload. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.configRoutes = configRoutes;
const zod_1 = require("zod");
const document_1 = require("../../config/document");
function configRoutes(api, tapSwitch, reload) {
    api.get('/v1/config', {
        schema: {
            operationId: 'getConfig',
            summary: 'The running state in the form of a configuration file',
            response: { 200: zod_1.z.record(zod_1.z.string(), zod_1.z.unknown()).meta({ id: 'Config' }) },
        },
    }, () => (0, document_1.configDocument)(tapSwitch.config, tapSwitch.ports.kinds, tapSwitch.ports.all.map(({ namedSpec }) => namedSpec)));
    const labels = zod_1.z.array(zod_1.z.string());
    api.post('/v1/reload', {
        schema: {
            operationId: 'reload',
            summary: 'Read the configuration file again, and apply the difference',
            response: {
                200: zod_1.z
                    .object({ added: labels, removed: labels, changed: labels })
                    .meta({ id: 'Reloaded' }),
            },
        },
    }, () => reload());
}
