// Answers pings of every address behind a TUN device, IPv4 and IPv6.
//
//     sudo node examples/tun-ping.mjs tun0 192.0.2.1/24 2001:db8::1/64
//
// In another terminal: ping 192.0.2.2; ping 2001:db8::2. The interface has the given addresses; this
// program answers for all others of their networks. It does not reassemble fragments.

import { Buffer } from 'node:buffer';
import { openTun } from '../dist/index.js'; // in a program of your own: from 'tapswitch'

// Offsets and values in a packet: RFC 791 and 792 for IPv4, RFC 8200 and 4443 for IPv6.
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

  // Exchanging the addresses does not change the checksums.
  const destination = ip.source + ip.addressBytes;
  const asked = Buffer.from(packet.subarray(destination, destination + ip.addressBytes));
  packet.copy(packet, destination, ip.source, destination);
  asked.copy(packet, ip.source);

  // Changing the type does: the checksum grows by what the sum loses (RFC 1624).
  packet[icmp] = ip.reply;
  const sum = packet.readUInt16BE(icmp + ICMP_CHECKSUM) + ((ip.request - ip.reply) << 8);
  const folded = sum < 0 ? sum + 0xffff : (sum & 0xffff) + (sum >> 16);
  packet.writeUInt16BE(folded, icmp + ICMP_CHECKSUM);
  return true;
}
