/** IGMP and MLD. Source: RFC 2236, RFC 9776, RFC 2710, RFC 9777. */

import { internetChecksum } from '../frames/bytes';
import type {
  DecodedFrame,
  DecodedGroupMessage,
  DecodedGroupRecord,
  DecodedIcmp,
  DecodedIp,
} from './decoded';
import { Reader } from './reader';

type Kind = DecodedGroupMessage['kind'];
type Address = (reader: Reader) => string;

const IGMP_KINDS: Readonly<Record<number, Kind>> = {
  0x11: 'query',
  0x12: 'report-v1',
  0x16: 'report-v2',
  0x22: 'report-v3',
  0x17: 'leave',
};
const MLD_KINDS: Readonly<Record<number, Kind>> = {
  130: 'query',
  131: 'report-v1',
  132: 'done',
  143: 'report-v2',
};
const RECORD_TYPES = ['is-in', 'is-ex', 'to-in', 'to-ex', 'allow', 'block'] as const;

export function isMldType(type: number): boolean {
  return MLD_KINDS[type] !== undefined;
}

export function decodeIgmp(packet: DecodedIp): Partial<DecodedFrame> {
  const reader = new Reader(packet.payload);
  const type = reader.number(1);
  const kind = IGMP_KINDS[type] ?? type;
  const maxResponse = reader.number(1);
  reader.take(2);
  const checksum = internetChecksum(packet.payload) === 0 ? 'right' : 'wrong';
  const body = kind === 'report-v3' ? decodeReport(reader, ipv4) : decodeGroup(reader, ipv4);
  return {
    groups: { protocol: 'igmp', kind, checksum, ...(kind === 'query' && { maxResponse }), ...body },
  };
}

export function decodeMld({ body, checksum, type }: DecodedIcmp): DecodedGroupMessage {
  const kind = MLD_KINDS[type] ?? type;
  const reader = new Reader(body);
  if (kind === 'report-v2') {
    return { protocol: 'mld', kind, checksum, ...decodeReport(reader, ipv6) };
  }
  const maxResponse = reader.number(2);
  reader.take(2);
  return {
    protocol: 'mld',
    kind,
    checksum,
    ...(kind === 'query' && { maxResponse }),
    ...decodeGroup(reader, ipv6),
  };
}

/** The group of a message, and the sources of a query that has them. */
function decodeGroup(
  reader: Reader,
  address: Address,
): Pick<DecodedGroupMessage, 'group' | 'sources'> {
  const group = address(reader);
  if (reader.left < 4) return { group };
  reader.take(2);
  return { group, sources: decodeSources(reader.number(2), reader, address) };
}

function decodeReport(reader: Reader, address: Address): Pick<DecodedGroupMessage, 'records'> {
  reader.take(2);
  const count = reader.number(2);
  return { records: Array.from({ length: count }, () => decodeRecord(reader, address)) };
}

function decodeRecord(reader: Reader, address: Address): DecodedGroupRecord {
  const number = reader.number(1);
  const auxiliaryWords = reader.number(1);
  const count = reader.number(2);
  const group = address(reader);
  const sources = decodeSources(count, reader, address);
  reader.take(4 * auxiliaryWords);
  return { type: RECORD_TYPES[number - 1] ?? number, group, sources };
}

function decodeSources(count: number, reader: Reader, address: Address): string[] {
  return Array.from({ length: count }, () => address(reader));
}

const ipv4: Address = (reader) => reader.ipv4();
const ipv6: Address = (reader) => reader.ipv6();
