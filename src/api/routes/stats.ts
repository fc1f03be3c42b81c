/** Counters of each port and in total. */

import { mapping, textField } from '../../config/rule-schema';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { type StatsBody, statsShape } from '../shapes';
import type * as metricsModule from '../metrics';
import { streamOf } from '../openapi';
import { findPort, portName } from './ports';

export function statsRoutes(api: Api, tapSwitch: TapSwitch): void {
  const { ports } = tapSwitch;
  api.get(
    '/v1/stats',
    {
      schema: {
        operationId: 'getStats',
        summary: 'Counters, and drops by reason',
        querystring: mapping(
          { port: textField(portName).optional() },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { 200: statsShape },
      },
    },
    async ({ query }): Promise<StatsBody> => {
      await tapSwitch.settle();
      const all = ports.infos();
      const wanted = query.port === undefined ? undefined : findPort(ports, query.port).id;
      const infos = all.filter(({ id }) => wanted === undefined || id === wanted);
      return {
        total: ports.total(all),
        ports: infos.map(({ port, counters }) => ({ port, ...counters })),
        bursts: tapSwitch.burstSizes(),
      };
    },
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
