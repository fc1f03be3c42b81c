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
const CUSTOMER_TAG = 0x8100;
const SERVICE_TAG = 0x88a8;

export const TCP = 6;
export const UDP = 17;

const TYPE_AT = 12;
const TAG_BYTES = 4;
const IPV4_PROTOCOL_AT = 9;
const IPV6_PROTOCOL_AT = 6;
const IPV6_HEADER_BYTES = 40;

/** Where the addresses are. */
interface Fields {
  readonly src: number;
  readonly dst: number;
  readonly sizeBytes: number;
}

const MAC_ADDRESSES: Fields = { src: 6, dst: 0, sizeBytes: 6 };
/** Behind the EtherType. */
const ADDRESSES: ReadonlyMap<number, Fields> = new Map([
  [IPV4, { src: 12, dst: 16, sizeBytes: 4 }],
  [IPV6, { src: 8, dst: 24, sizeBytes: 16 }],
  [ARP, { src: 14, dst: 24, sizeBytes: 4 }],
]);

/**
 * Whether a frame is one of those. What it is too short for, it does not match.
 * @param bytes with the frame among them
 * @param start where its destination address begins
 * @param end behind its last byte
 */
export function matches(filter: Filter, bytes: Uint8Array, start: number, end: number): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'not':
      return !matches(filter.of, bytes, start, end);
    case 'and':
      return matches(filter.left, bytes, start, end) && matches(filter.right, bytes, start, end);
    case 'or':
      return matches(filter.left, bytes, start, end) || matches(filter.right, bytes, start, end);
    case 'mac':
      return matchesSide(filter.side, filter.bytes, MAC_ADDRESSES, bytes, start, end);
    case 'ether-type':
      return word(bytes, typeAt(bytes, start, end), end) === filter.type;
    case 'tagged':
      return isTagged(filter.vid, bytes, start, end);
    case 'ip':
      return matchesIp(filter.side, filter.bytes, bytes, start, end);
    case 'protocol':
      return protocolOf(bytes, start, end) === filter.number;
    case 'port':
      return matchesPort(filter.side, filter.port, bytes, start, end);
  }
}

function typeAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start + TYPE_AT;
  while (isTag(word(bytes, at, end))) at += TAG_BYTES;
  return at;
}

const isTag = (type: number): boolean => type === CUSTOMER_TAG || type === SERVICE_TAG;

function isTagged(vid: number | undefined, bytes: Uint8Array, start: number, end: number): boolean {
  if (!isTag(word(bytes, start + TYPE_AT, end))) return false;
  return vid === undefined || (word(bytes, start + TYPE_AT + 2, end) & 0xfff) === vid;
}

function matchesIp(
  side: Side,
  address: readonly number[],
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const at = typeAt(bytes, start, end);
  const fields = ADDRESSES.get(word(bytes, at, end));
  if (fields?.sizeBytes !== address.length) return false;
  return matchesSide(side, address, fields, bytes, at + 2, end);
}

/** Extension headers of IPv6 are not followed, as by tcpdump. NaN where there is none. */
function protocolOf(bytes: Uint8Array, start: number, end: number): number {
  const at = typeAt(bytes, start, end);
  switch (word(bytes, at, end)) {
    case IPV4:
      return byte(bytes, at + 2 + IPV4_PROTOCOL_AT, end);
    case IPV6:
      return byte(bytes, at + 2 + IPV6_PROTOCOL_AT, end);
    default:
      return Number.NaN;
  }
}

/** Only the first fragment of a datagram has ports. */
function matchesPort(
  side: Side,
  port: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const protocol = protocolOf(bytes, start, end);
  if (protocol !== TCP && protocol !== UDP) return false;
  const base = typeAt(bytes, start, end) + 2;
  const isIpv4 = word(bytes, base - 2, end) === IPV4;
  if (isIpv4 && (word(bytes, base + 6, end) & 0x1fff) !== 0) return false;
  const headerBytes = isIpv4 ? (byte(bytes, base, end) & 0xf) * 4 : IPV6_HEADER_BYTES;
  const at = base + headerBytes;
  return (
    (side !== 'dst' && word(bytes, at, end) === port) ||
    (side !== 'src' && word(bytes, at + 2, end) === port)
  );
}

/** @param at where in `bytes` the fields are counted from */
function matchesSide(
  side: Side,
  address: readonly number[],
  fields: Fields,
  bytes: Uint8Array,
  at: number,
  end: number,
): boolean {
  return (
    (side !== 'dst' && isThere(address, bytes, at + fields.src, end)) ||
    (side !== 'src' && isThere(address, bytes, at + fields.dst, end))
  );
}

function isThere(address: readonly number[], bytes: Uint8Array, at: number, end: number): boolean {
  for (let index = 0; index < address.length; index++) {
    if (byte(bytes, at + index, end) !== address[index]) return false;
  }
  return true;
}

/** NaN behind the end, which equals nothing. */
function byte(bytes: Uint8Array, at: number, end: number): number {
  return at < end ? (bytes[at] as number) : Number.NaN;
}

/** Big endian; NaN behind the end. */
function word(bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end ? ((bytes[at] as number) << 8) | (bytes[at + 1] as number) : Number.NaN;
}
