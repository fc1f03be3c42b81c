// A TUN echo on the library: what tun-echo.c does, in JavaScript. See tun-echo.ts.
//
// usage: node tun-echo.mjs bursts|packets NAME

import tapswitch from '../dist/index.js';

const { openTun, TUNTAP_PORT } = tapswitch;

const SOURCE = 12;
const DESTINATION = 16;
const ADDRESS_BYTES = 4;

const [mode, name] = process.argv.slice(2);
const tun = openTun({ name });
console.log('ready');
await (mode === 'bursts' ? echoBursts() : echoPackets());

async function echoBursts() {
  const { burst } = tun;
  const { u8, offset } = burst;
  while ((await tun.readBurst()) > 0) {
    for (let frame = 0; frame < burst.receivedCount; frame++) {
      swapAddresses(u8, offset[frame]);
      burst.send(frame, TUNTAP_PORT);
    }
    await tun.writeBurst();
  }
}

async function echoPackets() {
  for await (const packet of tun) {
    swapAddresses(packet, 0);
    await tun.write(packet);
  }
}

function swapAddresses(u8, at) {
  for (let byte = 0; byte < ADDRESS_BYTES; byte++) {
    const asked = u8[at + DESTINATION + byte];
    u8[at + DESTINATION + byte] = u8[at + SOURCE + byte];
    u8[at + SOURCE + byte] = asked;
  }
}
