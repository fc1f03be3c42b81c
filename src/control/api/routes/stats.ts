/** Counters: of each port and in total. */

import { mapping, textField } from '../../../config/rule-schema';
import type { PortInfo } from '../../port-set';
import type { TapSwitch } from '../../tap-switch';
import type { PortCounters } from '../../../l2/counters';
import type { Api } from '../app';
import { type StatsBody, statsShape } from '../shapes';
import { findPort, portName } from './ports';

export function statsRoutes(api: Api, { ports }: TapSwitch): void {
  api.get(
    '/v1/stats',
    {
      schema: {
        summary: 'Counters, and every reason for which a frame was dropped',
        querystring: mapping(
          { port: textField(portName).optional() },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { 200: statsShape },
      },
    },
    ({ query }): StatsBody => {
      const infos =
        query.port === undefined ? ports.infos() : [ports.info(findPort(ports, query.port))];
      return {
        total: totalOf(infos),
        ports: infos.map(({ port, counters }) => ({ port, ...counters })),
      };
    },
  );
}

export function totalOf(infos: readonly PortInfo[]): PortCounters {
  const all = infos.map(({ counters }) => counters);
  return {
    counters: sum(all.map(({ counters }) => counters)),
    drops: sum(all.map(({ drops }) => drops)),
  };
}

function sum(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}
