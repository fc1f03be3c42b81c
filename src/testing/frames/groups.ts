/** Messages about multicast groups: IGMP and MLD. Source: RFC 2236, RFC 9776, RFC 2710, RFC 9777. */

import {
  type ChecksumChoice,
  internetChecksum,
  ipv4Field,
  ipv6Field,
  join,
  numberField,
  putChecksum,
} from './bytes';
import type { LinkFields } from './ethernet';
import { PROTOCOL_ICMPV6 } from './icmp';
import { checksumWithPseudoHeader, ip } from './ip';

export interface GroupRecord {
  readonly type: 'is-in' | 'is-ex' | 'to-in' | 'to-ex' | 'allow' | 'block';
  readonly group: string;
  readonly sources?: readonly string[];
}

interface GroupFields extends LinkFields {
  readonly source: string;
  readonly destination?: string;
  readonly checksum?: ChecksumChoice;
  /** Time in which hosts report: tenths of a second (IGMP), milliseconds (MLD). */
  readonly maxResponse?: number;
}

/** A query has a group or asks for all; a report of the newest version has records. */
export interface IgmpFields extends GroupFields {
  readonly type: 'query' | 'report-v1' | 'report-v2' | 'report-v3' | 'leave';
  readonly group?: string;
  /** Sources of a query of version 3. A query without it is one of version 2. */
  readonly sources?: readonly string[];
  readonly records?: readonly GroupRecord[];
}

export interface MldFields extends GroupFields {
  readonly type: 'query' | 'report-v1' | 'report-v2' | 'done';
  readonly group?: string;
  /** Sources of a query of version 2. A query without it is one of version 1. */
  readonly sources?: readonly string[];
  readonly records?: readonly GroupRecord[];
}

const PROTOCOL_IGMP = 2;
const IGMP_TYPES = {
  query: 0x11,
  'report-v1': 0x12,
  'report-v2': 0x16,
  'report-v3': 0x22,
  leave: 0x17,
};
const MLD_TYPES = { query: 130, 'report-v1': 131, 'report-v2': 143, done: 132 };
const RECORD_TYPES = ['is-in', 'is-ex', 'to-in', 'to-ex', 'allow', 'block'];
/** Router alert, which every message must have. */
const ROUTER_ALERT_V4 = [0x94, 0x04, 0, 0];
const ROUTER_ALERT_V6 = [PROTOCOL_ICMPV6, 0, 0x05, 0x02, 0, 0, 0x01, 0];
const HOP_BY_HOP = 0;
const IGMP_MAX_RESPONSE = 100;
const MLD_MAX_RESPONSE = 10_000;
const CHECKSUM_AT = 2;
const NO_GROUP_V4 = '0.0.0.0';
const NO_GROUP_V6 = '::';

export function igmp(fields: IgmpFields): Uint8Array {
  const { group = NO_GROUP_V4, type } = fields;
  const records = fields.records?.map((record) => recordBytes(record, ipv4Field));
  const maxResponse = type === 'query' ? (fields.maxResponse ?? IGMP_MAX_RESPONSE) : 0;
  const head = [IGMP_TYPES[type], maxResponse, 0, 0];
  const message =
    type === 'report-v3'
      ? join(head, [0, 0], numberField('records', records?.length ?? 0, 2), ...(records ?? []))
      : join(head, ipv4Field('group', group), querySources(fields.sources, ipv4Field));
  putChecksum(message, CHECKSUM_AT, internetChecksum(message), fields.checksum);
  return ip({
    destination: defaultIgmpDestination(type, group),
    ttl: 1,
    options: Uint8Array.from(ROUTER_ALERT_V4),
    ...fields,
    protocol: PROTOCOL_IGMP,
    payload: message,
  });
}

export function mld(fields: MldFields): Uint8Array {
  const { group = NO_GROUP_V6, type } = fields;
  const records = fields.records?.map((record) => recordBytes(record, ipv6Field));
  const maxResponse = type === 'query' ? (fields.maxResponse ?? MLD_MAX_RESPONSE) : 0;
  const head = [MLD_TYPES[type], 0, 0, 0];
  const message =
    type === 'report-v2'
      ? join(head, [0, 0], numberField('records', records?.length ?? 0, 2), ...(records ?? []))
      : join(
          head,
          numberField('maxResponse', maxResponse, 2),
          [0, 0],
          ipv6Field('group', group),
          querySources(fields.sources, ipv6Field),
        );
  const packet = { destination: defaultMldDestination(type, group), ttl: 1, ...fields };
  const sum = checksumWithPseudoHeader(packet, PROTOCOL_ICMPV6, message);
  putChecksum(message, CHECKSUM_AT, sum, fields.checksum);
  return ip({ ...packet, protocol: HOP_BY_HOP, payload: join(ROUTER_ALERT_V6, message) });
}

type AddressField = (name: string, text: string) => Uint8Array;

/** Robustness 2, interval 125 s, and the sources of a query of the newest version. */
function querySources(sources: readonly string[] | undefined, field: AddressField): Uint8Array {
  if (sources === undefined) return new Uint8Array(0);
  const count = numberField('sources', sources.length, 2);
  return join([2, 125], count, ...sources.map((source) => field('sources', source)));
}

function recordBytes({ group, sources = [], type }: GroupRecord, field: AddressField): Buffer {
  return join(
    [RECORD_TYPES.indexOf(type) + 1, 0],
    numberField('sources', sources.length, 2),
    field('group', group),
    ...sources.map((source) => field('sources', source)),
  );
}

function defaultIgmpDestination(type: IgmpFields['type'], group: string): string {
  if (type === 'report-v3') return '224.0.0.22';
  if (type === 'leave') return '224.0.0.2';
  return type === 'query' && group === NO_GROUP_V4 ? '224.0.0.1' : group;
}

function defaultMldDestination(type: MldFields['type'], group: string): string {
  if (type === 'report-v2') return 'ff02::16';
  if (type === 'done') return 'ff02::2';
  return type === 'query' && group === NO_GROUP_V6 ? 'ff02::1' : group;
}
