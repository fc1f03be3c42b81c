/** ICMP, ICMPv6 and Neighbor Discovery. Source: RFC 792, RFC 4443, RFC 4861 4. */

import { internetChecksum } from '../frames/bytes';
import { ECHO_TYPES } from '../frames/icmp';
import type { ChecksumFound, DecodedEcho, DecodedFrame, DecodedIp, DecodedNd } from './decoded';
import { decodeMld, isMldType } from './groups';
import { Reader } from './reader';
import { checksumOf } from './transport';

const ND_KINDS: Readonly<Record<number, DecodedNd['kind']>> = {
  133: 'router-solicitation',
  134: 'router-advertisement',
  135: 'neighbour-solicitation',
  136: 'neighbour-advertisement',
};
const FLAGS = { router: 0x80, solicited: 0x40, override: 0x20 } as const;
const LINK_LAYER_OPTIONS = [1, 2];
const PREFIX_OPTION = 3;

export function decodeIcmp(packet: DecodedIp): Partial<DecodedFrame> {
  const sum = internetChecksum(packet.payload) === 0 ? 'right' : 'wrong';
  const { icmp, echo } = decodeMessage(packet, sum, 0);
  return { icmp, ...echo };
}

export function decodeIcmpv6(packet: DecodedIp): Partial<DecodedFrame> {
  const { icmp, echo } = decodeMessage(packet, checksumOf(packet, packet.payload), 1);
  const kind = ND_KINDS[icmp.type];
  if (kind !== undefined) return { icmp, nd: decodeNd(kind, new Reader(icmp.body)) };
  return isMldType(icmp.type) ? { icmp, groups: decodeMld(icmp) } : { icmp, ...echo };
}

/** @param family index into the types of echo messages */
function decodeMessage(
  packet: DecodedIp,
  checksum: ChecksumFound,
  family: 0 | 1,
): { icmp: NonNullable<DecodedFrame['icmp']>; echo: { echo?: DecodedEcho } } {
  const reader = new Reader(packet.payload);
  const type = reader.number(1);
  const code = reader.number(1);
  reader.take(2);
  const body = reader.rest();
  const kind = (['request', 'reply'] as const).find((name) => ECHO_TYPES[name][family] === type);
  const echo = kind === undefined ? {} : { echo: decodeEcho(kind, new Reader(body)) };
  return { icmp: { type, code, checksum, body }, echo };
}

function decodeEcho(kind: 'request' | 'reply', reader: Reader): DecodedEcho {
  return {
    kind,
    identifier: reader.number(2),
    sequence: reader.number(2),
    payload: reader.rest(),
  };
}

function decodeNd(kind: DecodedNd['kind'], reader: Reader): DecodedNd {
  if (kind === 'router-solicitation') {
    reader.take(4);
    return { kind, ...decodeOptions(reader) };
  }
  if (kind === 'router-advertisement') {
    reader.take(2);
    const lifetime = reader.number(2);
    reader.take(8);
    return { kind, lifetime, ...decodeOptions(reader) };
  }
  const bits = reader.number(1);
  reader.take(3);
  const target = reader.ipv6();
  if (kind === 'neighbour-solicitation') return { kind, target, ...decodeOptions(reader) };
  const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
  const flags = names.filter((name) => (bits & FLAGS[name]) !== 0);
  return { kind, target, flags, ...decodeOptions(reader) };
}

function decodeOptions(reader: Reader): Pick<DecodedNd, 'linkLayer' | 'prefixes'> {
  let linkLayer: string | undefined;
  const prefixes: string[] = [];
  while (reader.left > 0) {
    const kind = reader.number(1);
    const option = new Reader(reader.take(8 * reader.number(1) - 2));
    if (LINK_LAYER_OPTIONS.includes(kind)) linkLayer ??= option.mac();
    if (kind !== PREFIX_OPTION) continue;
    option.take(14);
    prefixes.push(option.ipv6());
  }
  return {
    ...(linkLayer !== undefined && { linkLayer }),
    ...(prefixes.length > 0 && { prefixes }),
  };
}
