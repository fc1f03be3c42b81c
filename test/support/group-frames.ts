/** Frames of IGMP, MLD and their kin, and data to groups, as a test names them. */

import { isIPv4 } from 'node:net';
import { frameOf, fromHex } from './room-harness';
import { internetChecksum, ipHex, word } from './ip-frames';
import { station } from './ethernet';

/** A record of a report: type, group, sources. */
export type Record = readonly [type: string | number, group: string, sources: readonly string[]];

const RECORD_TYPES: Readonly<{ [name: string]: number }> = {
  is_in: 1,
  is_ex: 2,
  to_in: 3,
  to_ex: 4,
  allow: 5,
  block: 6,
};

const byte = (value: number): string => value.toString(16).padStart(2, '0');

/** MAC of an IP group. */
export function groupMac(group: string): string {
  const hex = ipHex(group);
  if (!isIPv4(group)) return `3333${hex.slice(-8)}`;
  return `01005e${byte(parseInt(hex.slice(2, 4), 16) & 0x7f)}${hex.slice(4)}`;
}

export interface GroupFrame {
  /** Number of the station that sends; 1 unless given. */
  readonly from?: number;
  /** IP source; of the station unless given. */
  readonly source?: string;
  /** Hex of the VLAN tags. */
  readonly tags?: string;
}

/** IPv4 with router alert. */
function ipv4(to: string, protocol: number, payload: string, options: GroupFrame): Uint8Array {
  const { from = 1, source = '192.0.2.1', tags = '' } = options;
  const start = `46c0${word(24 + payload.length / 2)}0000400001${byte(protocol)}`;
  const addresses = `${ipHex(source)}${ipHex(to)}94040000`;
  const header = start + internetChecksum(`${start}0000${addresses}`) + addresses;
  return fromHex(
    frameOf({ to: groupMac(to), from: station(from), tags, type: '0800', header, payload }),
  );
}

/** IPv6 with a hop-by-hop router alert and ICMPv6. */
function ipv6(to: string, type: string, body: string, options: GroupFrame): Uint8Array {
  const { from = 1, source = 'fe80::1', tags = '' } = options;
  const bytes = 4 + body.length / 2;
  const pseudo = `${ipHex(source)}${ipHex(to)}${word(0)}${word(bytes)}0000003a`;
  const checksum = internetChecksum(`${pseudo}${type}00${'0000'}${body}`);
  const header = `60000000${word(8 + bytes)}0001${ipHex(source)}${ipHex(to)}3a00050200000100`;
  const message = `${type}00${checksum}${body}`;
  return fromHex(
    frameOf({ to: groupMac(to), from: station(from), tags, type: '86dd', header, message }),
  );
}

function igmp(to: string, message: string, options: GroupFrame): Uint8Array {
  const checksum = internetChecksum(message);
  return ipv4(to, 2, message.slice(0, 4) + checksum + message.slice(8), options);
}

/** Report of IGMPv1 or v2, or of MLDv1. */
export function join(group: string, options: GroupFrame & { version?: number } = {}): Uint8Array {
  if (!isIPv4(group)) return ipv6(group, '83', `00000000${ipHex(group)}`, options);
  return igmp(group, `${options.version === 1 ? '12' : '16'}000000${ipHex(group)}`, options);
}

export function leave(group: string, options: GroupFrame = {}): Uint8Array {
  if (!isIPv4(group)) return ipv6('ff02::2', '84', `00000000${ipHex(group)}`, options);
  return igmp('224.0.0.2', `17000000${ipHex(group)}`, options);
}

/** Report of IGMPv3 or MLDv2. */
export function report(records: readonly Record[], options: GroupFrame = {}): Uint8Array {
  const body = records.map(([type, group, sources]) => {
    const number = typeof type === 'number' ? type : (RECORD_TYPES[type] ?? 0);
    return `${byte(number)}00${word(sources.length)}${ipHex(group)}${sources.map(ipHex).join('')}`;
  });
  const isV4 = isIPv4(records[0]?.[1] ?? '');
  const count = `0000${word(records.length)}`;
  if (isV4) return igmp('224.0.0.22', `22000000${count}${body.join('')}`, options);
  return ipv6('ff02::16', '8f', `${count}${body.join('')}`, options);
}

export interface Query extends GroupFrame {
  readonly group?: string;
  /** Maximum response in seconds; 10 unless given. */
  readonly maxResponse?: number;
  /** Sources, for a query of IGMPv3 or MLDv2. */
  readonly sources?: readonly string[];
  /** Whether routers are to leave their timers alone. */
  readonly isSuppressed?: boolean;
  /** Address to which it goes; the group, or all hosts, unless given. */
  readonly to?: string;
}

/** A query of IGMPv2 or MLDv1, or, with sources, of IGMPv3 or MLDv2. The family is that of its source. */
export function query(options: Query = {}): Uint8Array {
  const {
    source = '192.0.2.1',
    group,
    maxResponse = 10,
    sources,
    isSuppressed = false,
    to,
  } = options;
  const end = (sources ?? []).map(ipHex).join('');
  const more =
    sources === undefined ? '' : `${isSuppressed ? '0a' : '02'}7d${word(sources.length)}${end}`;
  if (isIPv4(source)) {
    const body = `11${byte(maxResponse * 10)}0000${ipHex(group ?? '0.0.0.0')}${more}`;
    return igmp(to ?? group ?? '224.0.0.1', body, { ...options, source });
  }
  const body = `${word(maxResponse * 1000)}0000${ipHex(group ?? '::')}${more}`;
  return ipv6(to ?? group ?? 'ff02::1', '82', body, { ...options, source });
}

export function pimHello(options: GroupFrame = {}): Uint8Array {
  return ipv4('224.0.0.13', 103, '2000df93000100020069', options);
}

/** Multicast Router Advertisement. */
export function routerAdvertisement(family: number, options: GroupFrame = {}): Uint8Array {
  if (family === 6) return ipv6('ff02::6a', '97', '00000000', options);
  return igmp('224.0.0.106', '3014000000000000', options);
}

/** A datagram to a group. */
export function data(group: string, source: string, options: GroupFrame = {}): Uint8Array {
  const { from = 9, tags = '' } = options;
  const udp = `08001000${word(26)}0000${'00'.repeat(18)}`;
  const isV4 = isIPv4(group);
  const start = `45c0${word(46)}000040004011`;
  const addresses = ipHex(source) + ipHex(group);
  const header = isV4
    ? start + internetChecksum(`${start}0000${addresses}`) + addresses
    : `60000000${word(26)}1140${addresses}`;
  const type = isV4 ? '0800' : '86dd';
  return fromHex(frameOf({ to: groupMac(group), from: station(from), tags, type, header, udp }));
}
