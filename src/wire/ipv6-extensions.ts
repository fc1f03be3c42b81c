/**
 * IPv6 packets that hide Neighbor Discovery, or a DHCPv6 server, behind extension headers or in a
 * fragment. A switch that reads the first header only would forward them, and hosts would act on them.
 *
 * Source: RFC 7113 (how router advertisements were hidden), RFC 7112 (the whole chain of headers
 * belongs into the first fragment), RFC 6980 (no fragments in Neighbor Discovery).
 */

import {
  IPV6_HEADER_BYTES,
  NEXT_HEADER,
  NEXT_HEADER_DESTINATION_OPTIONS,
  NEXT_HEADER_FRAGMENT,
  NEXT_HEADER_HOP_BY_HOP,
  NEXT_HEADER_ICMPV6,
  NEXT_HEADER_ROUTING,
  NEXT_HEADER_UDP,
} from './ipv6';
import { PAYLOAD, getU16 } from './ethernet';
import { isNdType } from './nd';
import { u8At } from './read';

/** Extension headers (RFC 8200 section 4): next header, then the length in units beyond the first. */
const EXTENSION_LENGTH = 1;
const EXTENSION_UNIT_BYTES = 8;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_OFFSET_MASK = 0xfff8;

const UDP_DESTINATION_PORT = 2;
const DHCPV6_CLIENT_PORT = 546;

/** Whether an extension header follows the IPv6 header of a frame. */
export function hasExtensionHeaders(u8: Uint8Array, at: number, lengthBytes: number): boolean {
  return (
    lengthBytes >= PAYLOAD + IPV6_HEADER_BYTES && isExtension(u8At(u8, at + PAYLOAD + NEXT_HEADER))
  );
}

/**
 * Whether a frame for which `hasExtensionHeaders` holds carries a message that hosts may not send
 * behind extension headers. A truncated chain of headers counts as such a message. A later fragment
 * does not: it is harmless without the first one.
 */
export function isDisguised(u8: Uint8Array, at: number, lengthBytes: number): boolean {
  const end = at + lengthBytes;
  let header = at + PAYLOAD + IPV6_HEADER_BYTES;
  let type = u8At(u8, at + PAYLOAD + NEXT_HEADER);
  while (isExtension(type)) {
    if (header + EXTENSION_UNIT_BYTES > end) return true;
    const isFragment = type === NEXT_HEADER_FRAGMENT;
    if (isFragment && (getU16(u8, header + FRAGMENT_OFFSET) & FRAGMENT_OFFSET_MASK) !== 0) {
      return false;
    }
    type = u8At(u8, header);
    const units = isFragment ? 0 : u8At(u8, header + EXTENSION_LENGTH);
    header += (units + 1) * EXTENSION_UNIT_BYTES;
  }
  if (type === NEXT_HEADER_ICMPV6) return header >= end || isNdType(u8At(u8, header));
  if (type !== NEXT_HEADER_UDP) return false;
  const port = header + UDP_DESTINATION_PORT;
  return port + 2 > end || getU16(u8, port) === DHCPV6_CLIENT_PORT;
}

function isExtension(type: number): boolean {
  return (
    type === NEXT_HEADER_HOP_BY_HOP ||
    type === NEXT_HEADER_ROUTING ||
    type === NEXT_HEADER_FRAGMENT ||
    type === NEXT_HEADER_DESTINATION_OPTIONS
  );
}
