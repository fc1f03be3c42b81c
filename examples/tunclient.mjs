// Prints the length of every packet that comes out of a TUN device.
//
//     sudo ip tuntap add tun77 mode tun user $USER
//     sudo ip address add 192.0.2.1/24 dev tun77
//     sudo ip link set tun77 up
//     node examples/tunclient.mjs tun77
//
// In another terminal: ping 192.0.2.2. Nobody answers, but this program reads each request:
//
//     Read 84 bytes from device tun77
//
// It needs no root, because the device exists and belongs to you.

import { openTun } from '../dist/index.js'; // in a program of your own: from 'tapswitch'

const [name = 'tun77'] = process.argv.slice(2);

try {
  const tun = openTun({ name, onlyExisting: true });
  console.log(`Attached to ${tun.name}`);
  for await (const packet of tun) {
    console.log(`Read ${packet.length} bytes from device ${tun.name}`);
  }
} catch (error) {
  console.error(`tunclient: ${error.message}`);
  process.exitCode = 1;
}
