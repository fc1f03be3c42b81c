/** The path of a frame through the switch, without sending it. */

import { ValueError, textRule } from '../../config/values/rule';
import { field, mapping } from '../../config/rule-schema';
import type { TapSwitch } from '../../control/tap-switch';
import { traceFrame } from '../../l2/trace';
import type { Api } from '../api';
import { traceShape } from '../shapes';
import { findPort, portName } from './ports';

/** MTU 9000, and room for the Ethernet header and tags. */
const FRAME_MAX_BYTES = 9_100;

const frame = textRule('the bytes of a frame as hexadecimal digits', (text) => {
  const digits = text.replace(/[\s:]/g, '');
  if (!/^([\da-f]{2})+$/i.test(digits)) return undefined;
  if (digits.length / 2 > FRAME_MAX_BYTES) {
    throw new ValueError(`expected a frame of ${FRAME_MAX_BYTES} bytes at most`);
  }
  return Uint8Array.from(Buffer.from(digits, 'hex'));
});

export function traceRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.post(
    '/v1/trace',
    {
      schema: {
        operationId: 'traceFrame',
        summary: 'The path that a frame would take, and why; nothing is sent or learned',
        body: mapping(
          { port: field(portName), frame: field(frame) },
          { what: 'a mapping', keyIs: 'key' },
        ),
        response: { 200: traceShape },
      },
    },
    async ({ body }) => {
      const port = findPort(tapSwitch.ports, body.port);
      return traceFrame(await tapSwitch.tracedState(), port.id, body.frame);
    },
  );
}
