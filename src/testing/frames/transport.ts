/** UDP datagrams and TCP segments. Source: RFC 768, RFC 9293 3.1. */

import {
  type ChecksumChoice,
  type Payload,
  join,
  numberField,
  payloadBytes,
  putChecksum,
} from './bytes';
import { type IpFields, checksumWithPseudoHeader, ip } from './ip';

export interface UdpFields extends IpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload?: Payload;
  readonly checksum?: ChecksumChoice;
}

export const TCP_FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'] as const;
export type TcpFlag = (typeof TCP_FLAGS)[number];

export interface TcpFields extends IpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  /** None unless given. */
  readonly flags?: readonly TcpFlag[];
  /** 65535 unless given. */
  readonly window?: number;
  /** Options; their length is a multiple of four. */
  readonly tcpOptions?: Uint8Array;
  readonly payload?: Payload;
  readonly checksum?: ChecksumChoice;
}

export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
const UDP_CHECKSUM_AT = 6;
const TCP_CHECKSUM_AT = 16;
const TCP_HEADER_BYTES = 20;

export function udp(fields: UdpFields): Uint8Array {
  const payload = payloadBytes(fields.payload ?? '');
  const message = join(
    numberField('sourcePort', fields.sourcePort, 2),
    numberField('destinationPort', fields.destinationPort, 2),
    numberField('payload', 8 + payload.length, 2),
    [0, 0],
    payload,
  );
  // A sum of zero is sent as ones: zero says that there is no checksum.
  const sum = checksumWithPseudoHeader(fields, PROTOCOL_UDP, message) || 0xffff;
  putChecksum(message, UDP_CHECKSUM_AT, sum, fields.checksum);
  return ip({ ...fields, protocol: PROTOCOL_UDP, payload: message });
}

export function tcp(fields: TcpFields): Uint8Array {
  const { tcpOptions = new Uint8Array(0), flags = [] } = fields;
  const headerLength = TCP_HEADER_BYTES + tcpOptions.length;
  const message = join(
    numberField('sourcePort', fields.sourcePort, 2),
    numberField('destinationPort', fields.destinationPort, 2),
    numberField('sequence', fields.sequence ?? 0, 4),
    numberField('acknowledgement', fields.acknowledgement ?? 0, 4),
    [(headerLength / 4) << 4, flagBits(flags)],
    numberField('window', fields.window ?? 0xffff, 2),
    [0, 0, 0, 0],
    tcpOptions,
    payloadBytes(fields.payload ?? ''),
  );
  const sum = checksumWithPseudoHeader(fields, PROTOCOL_TCP, message);
  putChecksum(message, TCP_CHECKSUM_AT, sum, fields.checksum);
  return ip({ ...fields, protocol: PROTOCOL_TCP, payload: message });
}

function flagBits(flags: readonly TcpFlag[]): number {
  return flags.reduce((bits, flag) => bits | (1 << TCP_FLAGS.indexOf(flag)), 0);
}
