/** The IP address of one host, of either family, as the operator of a switch writes it. */

import { faultOfAddress } from './cidr';
import { canonicalIpAddress, parseIpAddress } from '../../wire/ip-text';
import { expected, textRule } from './rule';

export interface HostAddress {
  /** Address in canonical form (RFC 5952 for IPv6). */
  readonly text: string;
  /** 4 or 16 bytes, in wire order. */
  readonly bytes: Uint8Array;
}

const WHAT = 'the IP address of a host, such as 192.0.2.1 or 2001:db8::1';

export const hostAddress = textRule(WHAT, (text): HostAddress | undefined => {
  const bytes = parseIpAddress(text);
  if (bytes === undefined) return undefined;
  const fault = faultOfAddress(bytes);
  if (fault !== undefined) throw expected(WHAT, text, fault);
  return { text: canonicalIpAddress(text), bytes };
});
