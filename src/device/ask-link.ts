/** The kernel's description of one interface, as it sends it: RTM_GETLINK of rtnetlink(7). */

import {
  Flag,
  LINK_PART_BYTES,
  LinkAttribute,
  Message,
  type NetlinkMessage,
  encodeAttribute,
  encodeMessage,
  encodeName,
} from './rtnetlink';
import { RouteRefusal, ask } from './route';

const ENODEV = 19;

/**
 * @param which its name, or its index in the namespace
 * @returns `undefined` where there is none
 * @throws NativeError
 */
export function askLink(which: string | number, netnsPath?: string): NetlinkMessage | undefined {
  const part = Buffer.alloc(LINK_PART_BYTES);
  if (typeof which === 'number') part.writeInt32LE(which, 4);
  const attributes =
    typeof which === 'number' ? [] : [encodeAttribute(LinkAttribute.Name, encodeName(which))];
  const request = encodeMessage(Message.GetLink, Flag.Acknowledge, part, attributes);
  try {
    return ask(request, 'RTM_GETLINK', String(which), netnsPath)[0];
  } catch (error) {
    if (error instanceof RouteRefusal && error.errno === ENODEV) return undefined;
    throw error;
  }
}
