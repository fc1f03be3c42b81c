/** Ethernet frames for tests of the bridge: hex whose fields are named. */

import { fromHex } from './room-harness';

export const BROADCAST = 'ffffffffffff';
/** MAC address of the group of all IPv6 nodes. */
export const MULTICAST = '333300000001';
/** IEEE 802 local experimental EtherType 1: no protocol room of the switch reads such frames. */
export const EXPERIMENTAL = '88b5';

/** MAC address of host number `index`, from 1 on: 02:00:xx:xx:xx:xx. A bridge may use number 0. */
export function station(index: number): string {
  return `0200${index.toString(16).padStart(8, '0')}`;
}

/** `02:00:00:00:00:01`, as the switch prints it. */
export function printed(mac: string): string {
  return mac.replace(/..(?!$)/g, '$&:');
}

export interface EthernetFields {
  readonly to: string;
  readonly from: string;
  /** EtherType or length; experimental unless given. */
  readonly type?: string;
  readonly payload?: string;
}

export function ethernet({
  to,
  from,
  type = EXPERIMENTAL,
  payload = '00112233',
}: EthernetFields): Uint8Array {
  return fromHex(to + from + type + payload);
}

/** A frame of exactly `lengthBytes` with bytes that repeat only after 251. */
export function ethernetOf(lengthBytes: number, to: string, from: string): Uint8Array {
  const frame = Uint8Array.from({ length: lengthBytes }, (_, index) => index % 251);
  frame.set(ethernet({ to, from, payload: '' }).subarray(0, lengthBytes));
  return frame;
}
