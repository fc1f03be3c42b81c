/** The spanning tree. */

import { spanningTreeBody } from '../../control/resources/spanning-tree';
import { stpShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';

export function stpRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/stp',
    {
      schema: {
        operationId: 'getSpanningTree',
        summary: 'State of the spanning tree',
        response: { 200: stpShape },
      },
    },
    () => spanningTreeBody(tapSwitch),
  );
}
