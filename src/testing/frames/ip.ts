/** IPv4 and IPv6 packets in frames. Source: RFC 791, RFC 8200; RFC 1112 6.4, RFC 2464 7 (MACs of groups). */

import { formatMac, macFromBytes } from '../../wire/mac';
import {
  type ChecksumChoice,
  type Payload,
  internetChecksum,
  ipField,
  join,
  numberField,
  payloadBytes,
  putChecksum,
} from './bytes';
import { BROADCAST, type LinkFields, link } from './ethernet';

/** Fields that every IP packet has. The family is that of the addresses. */
export interface IpFields extends LinkFields {
  /** Destination MAC; that of the group where `destination` is one. */
  readonly to?: string;
  readonly source: string;
  readonly destination: string;
  /** Time to live, or hop limit; 64 unless given. */
  readonly ttl?: number;
  /** Type of service, or traffic class. */
  readonly trafficClass?: number;
  /** Identification of an IPv4 packet. */
  readonly id?: number;
  /** Flags and fragment offset of an IPv4 packet, as in its header. */
  readonly fragment?: number;
  /** Checksum of the IPv4 header. */
  readonly headerChecksum?: ChecksumChoice;
}

export interface IpPacketFields extends IpFields {
  /** Protocol, or next header. */
  readonly protocol: number;
  readonly payload?: Payload;
  /** IPv4 options; their length is a multiple of four. */
  readonly options?: Uint8Array;
}

const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
const IPV4_CHECKSUM_AT = 10;

/** An IP packet of any protocol. @throws TypeError where the addresses are of two families */
export function ip(fields: IpPacketFields): Uint8Array {
  const source = ipField('source', fields.source);
  const destination = ipField('destination', fields.destination);
  if (source.length !== destination.length) {
    throw new TypeError(
      `destination: not of the family of ${fields.source}: ${fields.destination}`,
    );
  }
  const payload = payloadBytes(fields.payload ?? '');
  const isIpv4 = source.length === 4;
  const header = isIpv4
    ? ipv4Header(fields, source, destination, payload.length)
    : ipv6Header(fields, source, destination, payload.length);
  const type = isIpv4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6;
  return link(fields, type, join(header, payload), groupMac(destination));
}

function ipv4Header(
  fields: IpPacketFields,
  source: Uint8Array,
  destination: Uint8Array,
  payloadLength: number,
): Buffer {
  const { options = new Uint8Array(0), ttl = 64, trafficClass = 0, id = 0, fragment = 0 } = fields;
  const headerLength = 20 + options.length;
  const header = join(
    [0x40 | (headerLength / 4), trafficClass],
    numberField('payload', headerLength + payloadLength, 2),
    numberField('id', id, 2),
    numberField('fragment', fragment, 2),
    numberField('ttl', ttl, 1),
    numberField('protocol', fields.protocol, 1),
    [0, 0],
    source,
    destination,
    options,
  );
  putChecksum(header, IPV4_CHECKSUM_AT, internetChecksum(header), fields.headerChecksum);
  return header;
}

function ipv6Header(
  { ttl = 64, trafficClass = 0, protocol }: IpPacketFields,
  source: Uint8Array,
  destination: Uint8Array,
  payloadLength: number,
): Buffer {
  return join(
    [0x60 | (trafficClass >> 4), (trafficClass << 4) & 0xf0, 0, 0],
    numberField('payload', payloadLength, 2),
    numberField('protocol', protocol, 1),
    numberField('ttl', ttl, 1),
    source,
    destination,
  );
}

/** The MAC of a group or of all; `undefined` for the address of one host. */
export function groupMac(destination: Uint8Array): string | undefined {
  const [first = 0, second = 0, ...rest] = destination;
  if (destination.length === 16) {
    return first === 0xff ? macText([0x33, 0x33, ...destination.subarray(12)]) : undefined;
  }
  if (destination.every((byte) => byte === 0xff)) return BROADCAST;
  const isGroup = first >= 224 && first < 240;
  return isGroup ? macText([0x01, 0x00, 0x5e, second & 0x7f, ...rest]) : undefined;
}

/**
 * The checksum of a message whose pseudo-header has the addresses of the packet.
 * Source: RFC 768, RFC 9293 3.1, RFC 8200 8.1.
 */
export function checksumWithPseudoHeader(
  fields: IpFields,
  protocol: number,
  message: Uint8Array,
): number {
  const source = ipField('source', fields.source);
  const destination = ipField('destination', fields.destination);
  const length = numberField('payload', message.length, 4);
  return internetChecksum(join(source, destination, length, [0, 0, 0, protocol]), message);
}

function macText(bytes: readonly number[]): string {
  const { hi16, lo32 } = macFromBytes(bytes);
  return formatMac(hi16, lo32);
}
