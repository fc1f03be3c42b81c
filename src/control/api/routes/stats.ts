/** Counters: of each port and in total. */

import { mapping, textField } from '../../../config/rule-schema';
import type { TapSwitch } from '../../tap-switch';
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
        total: ports.total(),
        ports: infos.map(({ port, counters }) => ({ port, ...counters })),
      };
    },
  );
}
