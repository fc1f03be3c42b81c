/** The path of a frame through the switch, without sending it. */

import { trace, tracedFrame } from '../../control/resources/trace';
import { traceShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';

export function traceRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.post(
    '/v1/trace',
    {
      schema: {
        operationId: 'traceFrame',
        summary: 'The path that a frame would take, and why; nothing is sent or learned',
        body: tracedFrame,
        response: { 200: traceShape },
      },
    },
    ({ body }) => trace(tapSwitch, body),
  );
}
