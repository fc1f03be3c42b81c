// Answers pings of one IPv4 address behind a TAP. A host on an Ethernet asks for the MAC of an
// address before it sends anything there, so the program answers ARP, too. It reads and writes bursts.
//
//     sudo node examples/tap-ping.mjs tap0 192.0.2.1/24 192.0.2.2
//
// In another terminal: ping 192.0.2.2. The interface has the first address; this program answers for
// the second one.

import { TUNTAP_PORT, openTap } from '../dist/index.js'; // elsewhere: from 'tapswitch'
import { decode, frame } from '../dist/testing/index.js'; // elsewhere: from 'tapswitch/testing'

const [name = 'tap%d', interfaceAddress = '192.0.2.1/24', address = '192.0.2.2'] =
  process.argv.slice(2);
const MAC = '02:00:00:00:00:02';

try {
  const tap = openTap({ name, addresses: [interfaceAddress] });
  console.log(`Answering pings of ${address} on ${tap.name}`);
  await answerPings(tap);
} catch (error) {
  console.error(`tap-ping: ${error.message}`);
  process.exitCode = 1;
}

async function answerPings(tap) {
  const { burst } = tap;
  while ((await tap.readBurst()) > 0) {
    for (let index = 0; index < burst.receivedCount; index++) {
      const at = burst.offset[index];
      const answer = answerTo(burst.u8.subarray(at, at + burst.length[index]));
      if (answer === undefined) continue;
      const reply = burst.make(answer.length);
      burst.u8.set(answer, burst.offset[reply]);
      burst.send(reply, TUNTAP_PORT);
    }
    await tap.writeBurst();
  }
}

/** The answer to a frame; undefined for one that asks nothing of us. */
function answerTo(bytes) {
  const { from, arp, ip, echo } = decode(bytes);
  if (arp?.operation === 'request' && arp.targetIp === address) {
    const { senderMac, senderIp } = arp;
    const both = { targetMac: senderMac, targetIp: senderIp };
    return frame.arp({ operation: 'reply', senderMac: MAC, senderIp: address, ...both });
  }
  if (echo?.kind === 'request' && ip.destination === address) {
    return frame.echoReply({
      from: MAC,
      to: from,
      source: address,
      destination: ip.source,
      ...echo,
    });
  }
  return undefined;
}
