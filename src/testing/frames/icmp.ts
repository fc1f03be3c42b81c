/** ICMP and ICMPv6 messages. Source: RFC 792, RFC 4443. */

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
import { type IpFields, checksumWithPseudoHeader, ip } from './ip';

export interface IcmpFields extends IpFields {
  readonly type: number;
  readonly code?: number;
  /** What follows the checksum: the rest of the header and the data. */
  readonly body?: Payload;
  readonly checksum?: ChecksumChoice;
}

export interface EchoFields extends IpFields {
  readonly identifier?: number;
  readonly sequence?: number;
  readonly payload?: Payload;
  readonly checksum?: ChecksumChoice;
}

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_ICMPV6 = 58;
export const ECHO_TYPES = { request: [8, 128], reply: [0, 129] } as const;
const CHECKSUM_AT = 2;

/** An ICMP message, or an ICMPv6 message between IPv6 addresses. */
export function icmp(fields: IcmpFields): Uint8Array {
  const { type, code = 0, body = '', checksum } = fields;
  const message = join(
    numberField('type', type, 1),
    numberField('code', code, 1),
    [0, 0],
    payloadBytes(body),
  );
  const isIpv4 = ipField('source', fields.source).length === 4;
  const protocol = isIpv4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
  const sum = isIpv4
    ? internetChecksum(message)
    : checksumWithPseudoHeader(fields, protocol, message);
  putChecksum(message, CHECKSUM_AT, sum, checksum);
  return ip({ ...fields, protocol, payload: message });
}

/** An echo request: a ping. */
export function echoRequest(fields: EchoFields): Uint8Array {
  return echo(fields, 'request');
}

export function echoReply(fields: EchoFields): Uint8Array {
  return echo(fields, 'reply');
}

function echo(fields: EchoFields, kind: keyof typeof ECHO_TYPES): Uint8Array {
  const { identifier = 1, sequence = 1, payload = '' } = fields;
  const [ipv4, ipv6] = ECHO_TYPES[kind];
  const body = join(
    numberField('identifier', identifier, 2),
    numberField('sequence', sequence, 2),
    payloadBytes(payload),
  );
  return icmp({ ...fields, type: fields.source.includes(':') ? ipv6 : ipv4, body });
}
