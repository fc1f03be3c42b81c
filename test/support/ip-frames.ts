/**
 * ARP, ND, DHCP and ICMP frames for tests, as hex with named fields. Checksums are computed here in
 * another way, so that a mistake in the code under test is not repeated in the test.
 */

import { SocketAddress, isIPv4 } from 'node:net';
import { BROADCAST } from './ethernet';
import { frameOf, fromHex, toHex } from './room-harness';

export const NOBODY = '000000000000';
export const UNSPECIFIED_V4 = '00000000';

/** `192.0.2.1` or `2001:db8::1` as hex. */
export function ipHex(text: string): string {
  if (isIPv4(text)) return toHex(Uint8Array.from(text.split('.'), Number));
  const [head = '', tail] = text.split('::');
  const groups = (side: string): string[] =>
    side === '' ? [] : side.split(':').map((group) => group.padStart(4, '0'));
  if (tail === undefined) return groups(head).join('');
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...new Array<string>(missing).fill('0000'), ...groups(tail)].join('');
}

/** Text of an IPv6 address from 16 bytes, as Node writes it. */
export function ipv6Text(hex: string): string {
  const address = (hex.match(/.{4}/g) ?? []).join(':');
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** A 16-bit number as hex. */
export function word(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** Checksum of RFC 1071 over hex, by long division instead of folding. */
export function internetChecksum(hex: string): string {
  const bytes = fromHex(hex);
  let sum = 0;
  bytes.forEach((byte, index) => {
    sum += index % 2 === 0 ? byte * 256 : byte;
  });
  const remainder = sum % 0xffff;
  return word(0xffff - (remainder === 0 && sum > 0 ? 0xffff : remainder));
}

// ARP -------------------------------------------------------------------------------------------

export interface ArpFields {
  /** Ethernet destination; broadcast unless given. */
  readonly to?: string;
  /** Ethernet source; the sender unless given. */
  readonly from?: string;
  readonly operation?: string;
  readonly senderMac: string;
  /** Address as hex or text. */
  readonly senderIp: string;
  readonly targetMac?: string;
  readonly targetIp: string;
}

/** An ARP frame; a request unless the operation says otherwise. */
export function arpFrame(fields: ArpFields): string {
  return frameOf({
    destination: fields.to ?? BROADCAST,
    source: fields.from ?? fields.senderMac,
    etherTypeAndFormat: '0806 0001 0800 06 04',
    operation: fields.operation ?? '0001',
    senderHardware: fields.senderMac,
    senderProtocol: asHex(fields.senderIp),
    targetHardware: fields.targetMac ?? NOBODY,
    targetProtocol: asHex(fields.targetIp),
  });
}

function asHex(ip: string): string {
  return /[.:]/.test(ip) ? ipHex(ip) : ip;
}

// IPv6 ------------------------------------------------------------------------------------------

export interface Ipv6Fields {
  readonly to: string;
  readonly from: string;
  readonly source: string;
  readonly destination: string;
  readonly nextHeader?: string;
  readonly hopLimit?: string;
  /** Traffic class and flow label, five digits. */
  readonly classAndFlow?: string;
  readonly payload: string;
}

export function ipv6Frame(fields: Ipv6Fields): string {
  return frameOf({
    destination: fields.to,
    source: fields.from,
    etherType: '86dd',
    versionClassAndFlow: `6${fields.classAndFlow ?? '0000000'}`,
    payloadLength: word(fromHex(fields.payload).length),
    nextHeader: fields.nextHeader ?? '3a',
    hopLimit: fields.hopLimit ?? 'ff',
    sourceAddress: ipHex(fields.source),
    destinationAddress: ipHex(fields.destination),
    payload: fields.payload,
  });
}

export interface Icmpv6Fields extends Omit<Ipv6Fields, 'payload'> {
  readonly typeAndCode: string;
  /** Bytes behind the checksum. */
  readonly body: string;
  /** The right one unless given. */
  readonly checksum?: string;
}

/** A frame with ICMPv6 directly behind the IPv6 header. */
export function icmpv6Frame(fields: Icmpv6Fields): string {
  const { typeAndCode, body } = fields;
  const checksum =
    fields.checksum ?? icmpv6Checksum(fields.source, fields.destination, typeAndCode + body);
  return ipv6Frame({ ...fields, payload: typeAndCode + checksum + body });
}

/** @param message ICMPv6 message without its checksum */
export function icmpv6Checksum(source: string, destination: string, message: string): string {
  const messageHex = toHex(fromHex(message));
  const pseudoHeader =
    ipHex(source) + ipHex(destination) + `0000${word(messageHex.length / 2 + 2)}0000003a`;
  return internetChecksum(pseudoHeader + messageHex);
}

/** Solicited-node group ff02::1:ffXX:XXXX of an address, and the group's MAC. */
export function solicitedNode(address: string): { ip: string; mac: string } {
  const last = ipHex(address).slice(-6);
  return { ip: `ff02::1:ff${last.slice(0, 2)}:${last.slice(2)}`, mac: `3333ff${last}` };
}

export interface SolicitationFields {
  readonly mac: string;
  readonly source: string;
  readonly target: string;
  /** Ethernet destination; the group's MAC unless given. */
  readonly to?: string;
  /** IPv6 destination; the solicited-node group unless given. */
  readonly destination?: string;
  /** Options; the source's MAC unless given. */
  readonly options?: string;
  readonly hopLimit?: string;
  readonly checksum?: string;
}

export function solicitation(fields: SolicitationFields): string {
  const group = solicitedNode(fields.target);
  return icmpv6Frame({
    to: fields.to ?? group.mac,
    from: fields.mac,
    source: fields.source,
    destination: fields.destination ?? group.ip,
    typeAndCode: '8700',
    body: `00000000${ipHex(fields.target)}${fields.options ?? `0101${fields.mac}`}`,
    ...(fields.hopLimit === undefined ? {} : { hopLimit: fields.hopLimit }),
    ...(fields.checksum === undefined ? {} : { checksum: fields.checksum }),
  });
}

/** Duplicate address detection. */
export function ipv6Probe(mac: string, target: string): string {
  return solicitation({ mac, source: '::', target, options: '' });
}

export interface AdvertisementFields {
  readonly mac: string;
  readonly target: string;
  /** Flags, two digits: R 80, S 40, O 20. */
  readonly flags: string;
  /** IPv6 source; the target unless given. */
  readonly source?: string;
  /** Destination; all nodes unless given. */
  readonly to?: string;
  readonly destination?: string;
  readonly options?: string;
  readonly hopLimit?: string;
  readonly checksum?: string;
}

export function advertisement(fields: AdvertisementFields): string {
  return icmpv6Frame({
    to: fields.to ?? '333300000001',
    from: fields.mac,
    source: fields.source ?? fields.target,
    destination: fields.destination ?? 'ff02::1',
    typeAndCode: '8800',
    body: `${fields.flags}000000${ipHex(fields.target)}${fields.options ?? `0201${fields.mac}`}`,
    ...(fields.hopLimit === undefined ? {} : { hopLimit: fields.hopLimit }),
    ...(fields.checksum === undefined ? {} : { checksum: fields.checksum }),
  });
}

// IPv4 and UDP ------------------------------------------------------------------------------------

export interface UdpFields {
  readonly to: string;
  readonly from: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: string;
  /** The right one unless given. */
  readonly checksum?: string;
  /** Flags and fragment offset, four digits. */
  readonly fragment?: string;
  /** IPv4 options, hex, a multiple of four bytes. */
  readonly options?: string;
}

export function udpFrame(fields: UdpFields): string {
  const { source, destination, options = '' } = fields;
  const udpBytes = 8 + fromHex(fields.payload).length;
  const ports = word(fields.sourcePort) + word(fields.destinationPort);
  const datagram = ports + word(udpBytes);
  const pseudoHeader = ipHex(source) + ipHex(destination) + `0011${word(udpBytes)}`;
  const checksum = fields.checksum ?? internetChecksum(pseudoHeader + datagram + fields.payload);
  const headerUnits = 5 + options.length / 8;
  const start = `4${headerUnits}00${word(headerUnits * 4 + udpBytes)}0000${fields.fragment ?? '0000'}4011`;
  const addresses = ipHex(source) + ipHex(destination) + options;
  return frameOf({
    destination: fields.to,
    source: fields.from,
    etherType: '0800',
    header: start + internetChecksum(start + addresses) + addresses,
    datagram: datagram + checksum + fields.payload,
  });
}

/** UDP over IPv6. */
export function udpV6Frame(fields: Omit<UdpFields, 'fragment' | 'options'>): string {
  const { source, destination } = fields;
  const udpBytes = 8 + fromHex(fields.payload).length;
  const datagram = word(fields.sourcePort) + word(fields.destinationPort) + word(udpBytes);
  const pseudoHeader = `${ipHex(source)}${ipHex(destination)}0000${word(udpBytes)}00000011`;
  const checksum = fields.checksum ?? internetChecksum(pseudoHeader + datagram + fields.payload);
  const payload = datagram + checksum + fields.payload;
  return ipv6Frame({ ...fields, nextHeader: '11', hopLimit: '40', payload });
}

export interface DhcpFields {
  /** Operation: 1 request, 2 reply. */
  readonly operation: number;
  readonly clientMac: string;
  readonly clientIp?: string;
  readonly yourIp?: string;
  /** Options, without the magic cookie and the end option, which are added. */
  readonly options: string;
}

/** The payload of a DHCPv4 message. */
export function dhcpMessage(fields: DhcpFields): string {
  return frameOf({
    operation: fields.operation.toString(16).padStart(2, '0'),
    hardware: '01 06 00',
    transactionAndFlags: '12345678 0000 0000',
    clientAddress: ipHex(fields.clientIp ?? '0.0.0.0'),
    yourAddress: ipHex(fields.yourIp ?? '0.0.0.0'),
    serverAndRelay: '00000000 00000000',
    clientHardware: fields.clientMac.padEnd(32, '0'),
    names: '00'.repeat(64 + 128),
    cookie: '63825363',
    options: `${fields.options}ff`,
  });
}
