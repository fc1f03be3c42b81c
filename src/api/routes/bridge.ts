/** An overview of the bridge. */

import { bridgeBody } from '../../control/resources/bridge';
import { bridgeShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';

export function bridgeRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/bridge',
    {
      schema: {
        operationId: 'getBridge',
        summary: 'Overview of the bridge',
        response: { 200: bridgeShape },
      },
    },
    () => bridgeBody(tapSwitch),
  );
}
