/** Addresses in a frame as text, and text as addresses, for the views of a hook. */

import type { FrameBytes } from './frame-bytes';
import { getI32, macHi16, macLo32 } from '../wire/ethernet';
import { parseIpAddress } from '../wire/ip-text';
import { formatIpv4 } from '../wire/ipv4';
import { IPV6_ADDRESS_BYTES, formatIpv6 } from '../wire/ipv6';
import { type MacWords, formatMac, parseMac } from '../wire/mac';

/** @param at arena offset, even */
export function macText({ burst }: FrameBytes, at: number): string {
  return formatMac(macHi16(burst.u16, at), macLo32(burst.u16, at));
}

export function ipv4Text({ burst }: FrameBytes, at: number): string {
  return formatIpv4(getI32(burst.u8, at));
}

export function ipv6Text({ burst }: FrameBytes, at: number): string {
  return formatIpv6(burst.u8.subarray(at, at + IPV6_ADDRESS_BYTES));
}

/** @throws TypeError for text that is no MAC address */
export function wordsOfMac(text: string): MacWords {
  const mac = parseMac(text);
  if (mac === undefined) throw new TypeError(`${text} is no MAC address`);
  return mac;
}

/** @throws TypeError for text that is no address of this many bytes */
export function ipBytes(text: string, lengthBytes: 4 | 16): Uint8Array {
  const bytes = parseIpAddress(text);
  if (bytes?.length === lengthBytes) return bytes;
  throw new TypeError(`${text} is no ${lengthBytes === 4 ? 'IPv4' : 'IPv6'} address`);
}
