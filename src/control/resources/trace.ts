/** The path of a frame through the switch, without sending it. */

import type { z } from 'zod';
import { type Rule, ValueError, textRule } from '../../config/values/rule';
import { field, mapping } from '../../config/rule-schema';
import { vid } from '../../config/values/vid';
import { ADDRESSES_BYTES, push } from '../../frame/tag-operation';
import type { Trace } from '../../l2/trace';
import { VLAN_TAG_BYTES, putI32 } from '../../wire/ethernet';
import { TPID_CUSTOMER, TPID_SERVICE } from '../../wire/vlan';
import type { TapSwitch } from '../tap-switch';
import { traceWithHooks } from '../traces';
import { MAPPING } from './forms';
import { findPort, portName } from './ports';

/** MTU 9000, and room for the Ethernet header and tags. */
const FRAME_MAX_BYTES = 9_100;

const hexFrame = textRule('the bytes of a frame as hexadecimal digits', (text) => {
  const digits = text.replace(/[\s:]/g, '');
  if (!/^([\da-f]{2})+$/i.test(digits)) return undefined;
  return ofAllowedLength(Uint8Array.from(Buffer.from(digits, 'hex')));
});

/** A frame of a program: bytes, or hexadecimal digits. */
const frame: Rule<Uint8Array> = {
  ...hexFrame,
  fromValue: (value) =>
    value instanceof Uint8Array ? ofAllowedLength(value) : hexFrame.fromValue(value),
};

function ofAllowedLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= FRAME_MAX_BYTES) return bytes;
  throw new ValueError(`expected a frame of ${FRAME_MAX_BYTES} bytes at most`);
}

export const tracedFrame = mapping(
  { port: field(portName), frame: field(frame), vlan: field(vid).optional() },
  MAPPING,
);
export type TracedFrame = z.output<typeof tracedFrame>;

/** @throws RequestError where there is no such port */
export async function trace(
  tapSwitch: TapSwitch,
  { port: label, frame: bytes, vlan }: TracedFrame,
): Promise<Trace> {
  const port = findPort(tapSwitch.ports, label);
  const isService = tapSwitch.config.vlanProtocol === '802.1ad';
  const tpid = isService ? TPID_SERVICE : TPID_CUSTOMER;
  const traced = vlan === undefined ? bytes : tagged(bytes, push(tpid, vlan));
  return traceWithHooks(await tapSwitch.traceOrder(), port.id, traced);
}

/** The frame with one more tag. @param tag operation of `push` */
function tagged(bytes: Uint8Array, tag: number): Uint8Array {
  const out = new Uint8Array(bytes.length + VLAN_TAG_BYTES);
  out.set(bytes.subarray(0, ADDRESSES_BYTES));
  putI32(out, ADDRESSES_BYTES, tag);
  out.set(bytes.subarray(ADDRESSES_BYTES), ADDRESSES_BYTES + VLAN_TAG_BYTES);
  return out;
}
