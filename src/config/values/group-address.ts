/** A group as an operator writes it: an IP group of either family, or a group MAC. */

import { canonicalIpAddress, parseIpAddress } from '../../wire/ip-text';
import { formatMac, macToBytes, parseMac } from '../../wire/mac';
import { isGroup } from '../../wire/ethernet';
import { expected, textRule } from './rule';

export interface GroupAddress {
  /** Address in canonical form. */
  readonly text: string;
  /** 4, 16 or, of a MAC, 6 bytes, in wire order. */
  readonly bytes: Uint8Array;
}

const WHAT = 'a group, such as 239.1.1.1, ff0e::1 or 01:02:03:04:05:06';

export const groupAddress = textRule(WHAT, (text): GroupAddress | undefined => {
  const bytes = parseIpAddress(text);
  if (bytes !== undefined) {
    const [first = 0] = bytes;
    const isIpGroup = bytes.length === 4 ? first >> 4 === 0xe : first === 0xff;
    if (!isIpGroup) throw expected(WHAT, text, 'the address of one host');
    return { text: canonicalIpAddress(text), bytes };
  }
  const mac = parseMac(text);
  if (mac === undefined) return undefined;
  if (!isGroup(mac.hi16)) throw expected(WHAT, text, 'the MAC of one station');
  return {
    text: formatMac(mac.hi16, mac.lo32),
    bytes: Uint8Array.from(macToBytes(mac.hi16, mac.lo32)),
  };
});
