/** Messages of DHCP. Source: RFC 2131 2, RFC 2132. */

import { ipv4Field, join, macField, numberField } from './bytes';
import type { LinkFields } from './ethernet';
import { udp } from './transport';

export const DHCP_TYPES = [
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
] as const;
export type DhcpType = (typeof DHCP_TYPES)[number];

export interface DhcpFields extends LinkFields {
  readonly type: DhcpType;
  /** MAC of the client; `from` unless given, which is right for its own messages only. */
  readonly clientMac?: string;
  readonly transactionId?: number;
  /** `ciaddr`, the address that the client has. */
  readonly clientIp?: string;
  /** `yiaddr`, the address that the client gets. */
  readonly yourIp?: string;
  /** Source of the packet; 0.0.0.0 unless given. */
  readonly source?: string;
  /** Destination of the packet; 255.255.255.255 unless given. */
  readonly destination?: string;
  /** Seconds of the lease. */
  readonly leaseTime?: number;
  /** Address of the server, option 54. */
  readonly server?: string;
  /** Address that the client asks for, option 50. */
  readonly requestedIp?: string;
  /** More options by number, behind those above. */
  readonly options?: Readonly<Record<number, Uint8Array>>;
}

const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const FROM_SERVER: readonly DhcpType[] = ['offer', 'ack', 'nak'];
const COOKIE = [99, 130, 83, 99];
const OPTION = { requestedIp: 50, leaseTime: 51, type: 53, server: 54 };
const END = 255;
const NO_ADDRESS = '0.0.0.0';

/** A message of a client, or of a server if its type is one of a server. */
export function dhcp(fields: DhcpFields): Uint8Array {
  const isReply = FROM_SERVER.includes(fields.type);
  const message = join(
    [isReply ? BOOT_REPLY : BOOT_REQUEST, 1, 6, 0],
    numberField('transactionId', fields.transactionId ?? 1, 4),
    [0, 0, 0, 0],
    ipv4Field('clientIp', fields.clientIp ?? NO_ADDRESS),
    ipv4Field('yourIp', fields.yourIp ?? NO_ADDRESS),
    new Uint8Array(8),
    macField('clientMac', fields.clientMac ?? fields.from),
    new Uint8Array(10 + 64 + 128),
    COOKIE,
    ...optionsOf(fields),
    [END],
  );
  return udp({
    from: fields.from,
    ...(fields.to !== undefined && { to: fields.to }),
    ...(fields.vlan !== undefined && { vlan: fields.vlan }),
    source: fields.source ?? NO_ADDRESS,
    destination: fields.destination ?? '255.255.255.255',
    sourcePort: isReply ? SERVER_PORT : CLIENT_PORT,
    destinationPort: isReply ? CLIENT_PORT : SERVER_PORT,
    payload: message,
  });
}

function optionsOf(fields: DhcpFields): Buffer[] {
  const { leaseTime, options = {}, requestedIp, server, type } = fields;
  return [
    option(OPTION.type, Uint8Array.of(DHCP_TYPES.indexOf(type) + 1)),
    ...(requestedIp === undefined
      ? []
      : [option(OPTION.requestedIp, ipv4Field('requestedIp', requestedIp))]),
    ...(leaseTime === undefined
      ? []
      : [option(OPTION.leaseTime, numberField('leaseTime', leaseTime, 4))]),
    ...(server === undefined ? [] : [option(OPTION.server, ipv4Field('server', server))]),
    ...Object.entries(options).map(([code, value]) => option(Number(code), value)),
  ];
}

function option(code: number, value: Uint8Array): Buffer {
  return join(numberField('options', code, 1), numberField('options', value.length, 1), value);
}
