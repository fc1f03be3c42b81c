/** The path of a frame through the switch, without sending it. */

import { ValueError, textRule } from '../../config/values/rule';
import { field, mapping } from '../../config/rule-schema';
import type { TapSwitch } from '../../control/tap-switch';
import { vid } from '../../config/values/vid';
import { ADDRESSES_BYTES, push } from '../../frame/tag-operation';
import { traceFrame } from '../../l2/trace';
import { VLAN_TAG_BYTES, putI32 } from '../../wire/ethernet';
import { TPID_CUSTOMER, TPID_SERVICE } from '../../wire/vlan';
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
          { port: field(portName), frame: field(frame), vlan: field(vid).optional() },
          { what: 'a mapping', keyIs: 'key' },
        ),
        response: { 200: traceShape },
      },
    },
    async ({ body }) => {
      const port = findPort(tapSwitch.ports, body.port);
      const { frame: bytes, vlan } = body;
      const isService = tapSwitch.config.vlanProtocol === '802.1ad';
      const tpid = isService ? TPID_SERVICE : TPID_CUSTOMER;
      const traced = vlan === undefined ? bytes : tagged(bytes, push(tpid, vlan));
      return traceFrame(await tapSwitch.tracedState(), port.id, traced);
    },
  );
}

/** The frame with one more tag. @param tag operation of `push` */
function tagged(bytes: Uint8Array, tag: number): Uint8Array {
  const out = new Uint8Array(bytes.length + VLAN_TAG_BYTES);
  out.set(bytes.subarray(0, ADDRESSES_BYTES));
  putI32(out, ADDRESSES_BYTES, tag);
  out.set(bytes.subarray(ADDRESSES_BYTES), ADDRESSES_BYTES + VLAN_TAG_BYTES);
  return out;
}
