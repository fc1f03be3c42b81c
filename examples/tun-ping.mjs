// Answers pings of every address behind a TUN device, IPv4 and IPv6.
//
//     sudo node examples/tun-ping.mjs tun0 192.0.2.1/24 2001:db8::1/64
//
// In another terminal: ping 192.0.2.2; ping 2001:db8::2. The interface has the addresses that are
// given; all others of their networks are here. Fragments are not put together.

import { Buffer } from 'node:buffer';
import { openTun } from '../dist/index.js'; // in a program of your own: from 'tapswitch'

// Where things lie in a packet: RFC 791 and 792 for IPv4, RFC 8200 and 4443 for IPv6.
const IPV4 = { protocol: 9, icmp: 1, source: 12, addressBytes: 4, request: 8, reply: 0 };
const IPV6 = { protocol: 6, icmp: 58, source: 8, addressBytes: 16, request: 128, reply: 129 };
const IPV6_HEADER_BYTES = 40;
const ICMP_CHECKSUM = 2;

const [name = 'tun%d', ...addresses] = process.argv.slice(2);

try {
  const tun = openTun({ name, addresses });
  console.log(`Answering pings on ${tun.name}`);
  for await (const packet of tun) {
    if (turnIntoReply(packet)) await tun.write(packet);
  }
} catch (error) {
  console.error(`tun-ping: ${error.message}`);
  process.exitCode = 1;
}

/** Changes an echo request into its reply; leaves any other packet alone and returns false. */
function turnIntoReply(packet) {
  const isIpv4 = packet[0] >> 4 === 4;
  const ip = isIpv4 ? IPV4 : IPV6;
  const icmp = isIpv4 ? (packet[0] & 0x0f) * 4 : IPV6_HEADER_BYTES;
  if (packet[ip.protocol] !== ip.icmp || packet[icmp] !== ip.request) return false;

  // Exchanged addresses add up to the same checksums.
  const destination = ip.source + ip.addressBytes;
  const asked = Buffer.from(packet.subarray(destination, destination + ip.addressBytes));
  packet.copy(packet, destination, ip.source, destination);
  asked.copy(packet, ip.source);

  // Another type does not: what the sum loses, its complement gains (RFC 1624).
  packet[icmp] = ip.reply;
  const sum = packet.readUInt16BE(icmp + ICMP_CHECKSUM) + ((ip.request - ip.reply) << 8);
  const folded = sum < 0 ? sum + 0xffff : (sum & 0xffff) + (sum >> 16);
  packet.writeUInt16BE(folded, icmp + ICMP_CHECKSUM);
  return true;
}
