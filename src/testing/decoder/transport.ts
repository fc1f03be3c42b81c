/** UDP, TCP and DHCP. Source: RFC 768, RFC 9293 3.1, RFC 2131 2. */

import { DHCP_TYPES } from '../frames/dhcp';
import { checksumWithPseudoHeader } from '../frames/ip';
import { TCP_FLAGS } from '../frames/transport';
import type { ChecksumFound, DecodedDhcp, DecodedFrame, DecodedIp } from './decoded';
import { Reader } from './reader';

const DHCP_PORTS = [67, 68];
const COOKIE = Buffer.from([99, 130, 83, 99]);
const MESSAGE_TYPE = 53;
const PAD = 0;
const END = 255;

export function decodeUdp(packet: DecodedIp): Partial<DecodedFrame> {
  const reader = new Reader(packet.payload);
  const sourcePort = reader.number(2);
  const destinationPort = reader.number(2);
  const length = reader.number(2);
  const hasNone = reader.number(2) === 0 && packet.family === 4;
  const payload = reader.take(length - 8);
  const checksum = hasNone ? 'none' : checksumOf(packet, packet.payload.subarray(0, length));
  const udp = { sourcePort, destinationPort, checksum, payload };
  const isDhcp = DHCP_PORTS.includes(sourcePort) || DHCP_PORTS.includes(destinationPort);
  return isDhcp ? { udp, ...decodeDhcp(payload) } : { udp };
}

export function decodeTcp(packet: DecodedIp): Partial<DecodedFrame> {
  const reader = new Reader(packet.payload);
  const sourcePort = reader.number(2);
  const destinationPort = reader.number(2);
  const sequence = reader.number(4);
  const acknowledgement = reader.number(4);
  const headerLength = 4 * (reader.number(1) >> 4);
  const bits = reader.number(1);
  const window = reader.number(2);
  reader.take(headerLength - 16);
  return {
    tcp: {
      sourcePort,
      destinationPort,
      sequence,
      acknowledgement,
      flags: TCP_FLAGS.filter((_, bit) => ((bits >> bit) & 1) === 1),
      window,
      checksum: checksumOf(packet, packet.payload),
      payload: reader.rest(),
    },
  };
}

/** Whether the checksum in a message that has a pseudo-header is right. */
export function checksumOf(packet: DecodedIp, message: Uint8Array): ChecksumFound {
  const { source, destination, protocol } = packet;
  const fields = { from: '', source, destination };
  return checksumWithPseudoHeader(fields, protocol, message) === 0 ? 'right' : 'wrong';
}

/** @returns nothing for what is not DHCP */
function decodeDhcp(message: Uint8Array): { dhcp?: DecodedDhcp } {
  if (message.length < 240 || !COOKIE.equals(message.subarray(236, 240))) return {};
  const reader = new Reader(message);
  reader.take(4);
  const transactionId = reader.number(4);
  reader.take(4);
  const clientIp = reader.ipv4();
  const yourIp = reader.ipv4();
  reader.take(8);
  const clientMac = reader.mac();
  reader.take(240 - 34);
  const options = decodeOptions(reader);
  const type = DHCP_TYPES[(options[MESSAGE_TYPE]?.[0] ?? 0) - 1];
  return { dhcp: { type, clientMac, transactionId, clientIp, yourIp, options } };
}

function decodeOptions(reader: Reader): Record<number, Uint8Array> {
  const options: Record<number, Uint8Array> = {};
  while (reader.left > 0) {
    const code = reader.number(1);
    if (code === PAD) continue;
    if (code === END) break;
    options[code] = reader.take(reader.number(1));
  }
  return options;
}
