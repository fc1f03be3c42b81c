/** IP packets, and what they carry. Source: RFC 791, RFC 8200 4. */

import { internetChecksum } from '../frames/bytes';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from '../frames/icmp';
import { PROTOCOL_TCP, PROTOCOL_UDP } from '../frames/transport';
import type { DecodedFrame, DecodedIp } from './decoded';
import { decodeIgmp } from './groups';
import { decodeIcmp, decodeIcmpv6 } from './icmp';
import { CutOff, Reader } from './reader';
import { decodeTcp, decodeUdp } from './transport';

const PROTOCOL_IGMP = 2;
const FRAGMENT_OFFSET = 0x1fff;
/** Extension headers whose second byte is their length in units of eight bytes. */
const EXTENSION_HEADERS = [0, 43, 60];

type Draft = { -readonly [Key in keyof DecodedFrame]: DecodedFrame[Key] };

/** @param frame takes the packet before its payload is read */
export function decodeIp(family: 4 | 6, reader: Reader, frame: Draft): Partial<DecodedFrame> {
  const packet = family === 4 ? decodeIpv4(reader) : decodeIpv6(reader);
  frame.ip = packet;
  const isLaterFragment = ((packet.fragment ?? 0) & FRAGMENT_OFFSET) !== 0;
  return isLaterFragment ? {} : decodeProtocol(packet);
}

function decodeProtocol(packet: DecodedIp): Partial<DecodedFrame> {
  switch (packet.protocol) {
    case PROTOCOL_ICMP:
      return decodeIcmp(packet);
    case PROTOCOL_IGMP:
      return decodeIgmp(packet);
    case PROTOCOL_TCP:
      return decodeTcp(packet);
    case PROTOCOL_UDP:
      return decodeUdp(packet);
    case PROTOCOL_ICMPV6:
      return decodeIcmpv6(packet);
    default:
      return {};
  }
}

function decodeIpv4(reader: Reader): DecodedIp {
  const first = reader.number(1);
  const headerLength = 4 * (first & 0xf);
  if (first >> 4 !== 4 || headerLength < 20) throw new CutOff();
  const rest = reader.take(headerLength - 1);
  const header = new Reader(rest);
  const trafficClass = header.number(1);
  const totalLength = header.number(2);
  const id = header.number(2);
  const fragment = header.number(2);
  const ttl = header.number(1);
  const protocol = header.number(1);
  header.take(2);
  const sum = internetChecksum(Buffer.concat([Uint8Array.of(first), rest]));
  return {
    family: 4,
    source: header.ipv4(),
    destination: header.ipv4(),
    protocol,
    ttl,
    trafficClass,
    id,
    fragment,
    headerChecksum: sum === 0 ? 'right' : 'wrong',
    payload: reader.take(totalLength - headerLength),
  };
}

function decodeIpv6(reader: Reader): DecodedIp {
  const head = reader.number(4);
  if (head >>> 28 !== 6) throw new CutOff();
  const payloadLength = reader.number(2);
  const nextHeader = reader.number(1);
  const ttl = reader.number(1);
  const source = reader.ipv6();
  const destination = reader.ipv6();
  const body = new Reader(reader.take(payloadLength));
  return {
    family: 6,
    source,
    destination,
    protocol: skipExtensions(nextHeader, body),
    ttl,
    trafficClass: (head >>> 20) & 0xff,
    payload: body.rest(),
  };
}

/** @returns the header behind the extension headers */
function skipExtensions(first: number, body: Reader): number {
  let header = first;
  while (EXTENSION_HEADERS.includes(header)) {
    const next = body.number(1);
    body.take(8 * body.number(1) + 6);
    header = next;
  }
  return header;
}
