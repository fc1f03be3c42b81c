// Answers pings of one IPv4 address behind a TAP. A host on an Ethernet asks for the MAC of an
// address before it sends anything there, so the program answers ARP, too. It uses the switch's own
// code for both, and reads and writes bursts.
//
//     sudo node examples/tap-ping.mjs tap0 192.0.2.1/24 192.0.2.2
//
// In another terminal: ping 192.0.2.2. The interface has the first address; this program answers for
// the second one.

import { answer } from '../dist/arp/speak.js';
import {
  REQUEST,
  isEthernetIpv4,
  isFromSender,
  operation,
  targetAddress,
} from '../dist/wire/arp.js';
import { EchoResponder } from '../dist/icmp/echo.js';
import { TUNTAP_PORT, openTap } from '../dist/index.js'; // elsewhere: from 'tapswitch'
import { ipv4OfKey } from '../dist/wire/ip-key.js';
import { parseIpv4 } from '../dist/wire/ipv4.js';
import { parseMac } from '../dist/wire/mac.js';
import { ETHER_TYPE_ARP, ETHER_TYPE_IPV4, etherType } from '../dist/wire/ethernet.js';

const [name = 'tap%d', interfaceAddress = '192.0.2.1/24', address = '192.0.2.2'] =
  process.argv.slice(2);
const ours = parseIpv4(address);
const mac = parseMac('02:00:00:00:00:02');

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
  // The outbox of the switch's protocol rooms: they make a frame in the burst and name its port.
  const outbox = {
    burst,
    make: (lengthBytes) => burst.make(lengthBytes),
    toPort: (frame) => burst.send(frame, TUNTAP_PORT),
  };
  const echo = new EchoResponder(mac, { owns: (key) => ipv4OfKey(key) === ours }, { count() {} });
  while ((await tap.readBurst()) > 0) {
    for (let frame = 0; frame < burst.receivedCount; frame++) {
      const type = etherType(burst.u16, burst.offset[frame]);
      if (type === ETHER_TYPE_ARP && asksForUs(burst, frame)) {
        answer(outbox, frame, mac.hi16, mac.lo32, ours);
      }
      if (type === ETHER_TYPE_IPV4) echo.receive(frame, outbox);
    }
    await tap.writeBurst();
  }
}

function asksForUs({ u8, u16, offset, length }, frame) {
  const at = offset[frame];
  return (
    isEthernetIpv4(u16, at, length[frame]) &&
    isFromSender(u16, at) &&
    operation(u16, at) === REQUEST &&
    targetAddress(u8, at) === ours
  );
}
