"use strict";
/** Opens the address for Prometheus that a configuration asks for. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.openMetrics = openMetrics;
/**
 * @returns undefined where no address is given; the module is not loaded then
 * @throws StartError
 */
async function openMetrics({ metrics }, log) {
    if (metrics === undefined)
        return undefined;
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { MetricsServer } = require('./api/metrics-server');
    return MetricsServer.listen(metrics, log);
}
