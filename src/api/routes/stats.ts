/** Counters of each port and in total. */

import { portFilter, readStats } from '../../control/resources/stats';
import { statsShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import type * as metricsModule from '../metrics';
import { streamOf } from '../openapi';

export function statsRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/stats',
    {
      schema: {
        operationId: 'getStats',
        summary: 'Counters, and drops by reason',
        querystring: portFilter.query,
        response: { 200: statsShape },
      },
    },
    ({ query }) => readStats(tapSwitch, query),
  );
  let metrics: metricsModule.SwitchMetrics | undefined;
  api.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Counters for Prometheus',
        response: { 200: streamOf('text/plain', 'text format of Prometheus') },
      },
    },
    async (_, reply) => {
      metrics ??= loadMetrics(tapSwitch);
      return reply.type(metrics.contentType).send(await metrics.render());
    },
  );
}

function loadMetrics(tapSwitch: TapSwitch): metricsModule.SwitchMetrics {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { SwitchMetrics } = require('../metrics') as typeof metricsModule;
  return new SwitchMetrics(tapSwitch);
}
