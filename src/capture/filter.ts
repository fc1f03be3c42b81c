/**
 * Whether a frame is one of those that a capture wants. A filter is plain data, so that it can
 * travel to the data plane; `filter-parser.ts` makes one from words.
 */

export type Side = 'src' | 'dst' | 'either';

export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'mac'; readonly side: Side; readonly bytes: readonly number[] }
  | { readonly kind: 'ether-type'; readonly type: number }
  | { readonly kind: 'tagged'; readonly vid?: number }
  | { readonly kind: 'ip'; readonly side: Side; readonly bytes: readonly number[] }
  | { readonly kind: 'protocol'; readonly number: number }
  | { readonly kind: 'port'; readonly side: Side; readonly port: number };

export const IPV4 = 0x0800;
export const ARP = 0x0806;
export const IPV6 = 0x86dd;
const TAGS = [0x8100, 0x88a8];

export const TCP = 6;
export const UDP = 17;

const MAC_BYTES = 6;
const TYPE_AT = 12;
const TAG_BYTES = 4;
const IPV4_PROTOCOL_AT = 9;
const IPV6_PROTOCOL_AT = 6;
const IPV6_HEADER_BYTES = 40;
/** Of fields that hold an address: where, and of which family. */
const IPV4_ADDRESSES = { src: 12, dst: 16 };
const IPV6_ADDRESSES = { src: 8, dst: 24 };
const ARP_ADDRESSES = { src: 14, dst: 24 };

/**
 * Whether a frame is one of those. What it is too short for, it does not match.
 * @param frame from the destination address to the end
 */
export function matches(filter: Filter, frame: Uint8Array): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'not':
      return !matches(filter.of, frame);
    case 'and':
      return matches(filter.left, frame) && matches(filter.right, frame);
    case 'or':
      return matches(filter.left, frame) || matches(filter.right, frame);
    case 'mac':
      return matchesSide(filter.side, frame, { src: MAC_BYTES, dst: 0 }, filter.bytes);
    case 'ether-type':
      return word(frame, typeAt(frame)) === filter.type;
    case 'tagged':
      return isTagged(frame, filter.vid);
    case 'ip':
      return matchesIp(filter.side, frame, filter.bytes);
    case 'protocol':
      return protocolOf(frame) === filter.number;
    case 'port':
      return matchesPort(filter.side, filter.port, frame);
  }
}

function typeAt(frame: Uint8Array): number {
  let at = TYPE_AT;
  while (TAGS.includes(word(frame, at))) at += TAG_BYTES;
  return at;
}

function isTagged(frame: Uint8Array, vid: number | undefined): boolean {
  if (!TAGS.includes(word(frame, TYPE_AT))) return false;
  return vid === undefined || (word(frame, TYPE_AT + 2) & 0xfff) === vid;
}

function matchesIp(side: Side, frame: Uint8Array, bytes: readonly number[]): boolean {
  const at = typeAt(frame);
  const base = at + 2;
  switch (word(frame, at)) {
    case IPV4:
      return bytes.length === 4 && matchesSide(side, frame, IPV4_ADDRESSES, bytes, base);
    case ARP:
      return bytes.length === 4 && matchesSide(side, frame, ARP_ADDRESSES, bytes, base);
    case IPV6:
      return bytes.length === 16 && matchesSide(side, frame, IPV6_ADDRESSES, bytes, base);
    default:
      return false;
  }
}

/** Extension headers of IPv6 are not followed, as by tcpdump. */
function protocolOf(frame: Uint8Array): number | undefined {
  const at = typeAt(frame);
  switch (word(frame, at)) {
    case IPV4:
      return frame[at + 2 + IPV4_PROTOCOL_AT];
    case IPV6:
      return frame[at + 2 + IPV6_PROTOCOL_AT];
    default:
      return undefined;
  }
}

/** Only the first fragment of a datagram has ports. */
function matchesPort(side: Side, port: number, frame: Uint8Array): boolean {
  const protocol = protocolOf(frame);
  if (protocol !== TCP && protocol !== UDP) return false;
  const base = typeAt(frame) + 2;
  const isIpv4 = word(frame, base - 2) === IPV4;
  if (isIpv4 && (word(frame, base + 6) & 0x1fff) !== 0) return false;
  const headerBytes = isIpv4 ? ((frame[base] ?? 0) & 0xf) * 4 : IPV6_HEADER_BYTES;
  const at = base + headerBytes;
  return (
    (side !== 'dst' && word(frame, at) === port) || (side !== 'src' && word(frame, at + 2) === port)
  );
}

function matchesSide(
  side: Side,
  frame: Uint8Array,
  at: { readonly src: number; readonly dst: number },
  bytes: readonly number[],
  base = 0,
): boolean {
  const isAt = (start: number): boolean =>
    bytes.every((byte, index) => frame[base + start + index] === byte);
  return (side !== 'dst' && isAt(at.src)) || (side !== 'src' && isAt(at.dst));
}

/** Big endian; NaN behind the end, which equals nothing. */
function word(frame: Uint8Array, at: number): number {
  const high = frame[at];
  const low = frame[at + 1];
  return high === undefined || low === undefined ? Number.NaN : (high << 8) | low;
}
