// A tunnel between two machines. Packets from a TUN device or a TAP on one machine go into the device of
// the other, over one TCP connection. A length of two bytes, in network order, precedes each packet.
//
//     here$  sudo node examples/tunnel.mjs -i tun0 -s -p 5555
//     there$ sudo node examples/tunnel.mjs -i tun0 -c here -p 5555
//
//   -i NAME   the interface, made unless it exists
//   -s        wait for a connection
//   -c HOST   connect to a server
//   -p PORT   55555 unless given
//   -u        a TUN device, which carries IP packets (the default)
//   -a        a TAP, which carries Ethernet frames
//   -d        print each packet's length
//
// Then give each end an address of its own: sudo ip address add 192.0.2.1/24 dev tun0.
// Use it in labs only: it neither encrypts packets nor checks who connects.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { openTap, openTun } from '../dist/index.js'; // in a program of your own: from 'tapswitch'

const LENGTH_BYTES = 2;
const USAGE = 'usage: tunnel.mjs -i NAME (-s | -c HOST) [-p PORT] [-u | -a] [-d]';

try {
  const options = readOptions();
  const device = (options.a ? openTap : openTun)({ name: options.i });
  console.log(`Opened ${device.name}`);
  const socket = options.s ? await accept(options.p) : await reach(options.c, options.p);
  console.log(`Connected to ${socket.remoteAddress}`);
  const debug = options.d ? console.log : () => {};
  try {
    await Promise.race([
      deviceToSocket(device, socket, debug),
      socketToDevice(socket, device, debug),
    ]);
  } finally {
    socket.destroy();
    device.close();
  }
} catch (error) {
  // A peer that leaves while packets are under way resets the connection. That is a normal end.
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
    console.error(`tunnel: ${error.message}`);
    process.exitCode = 1;
  }
}

function readOptions() {
  const flag = (short) => ({ type: 'boolean', short, default: false });
  const text = (short, value) => ({ type: 'string', short, ...(value && { default: value }) });
  const options = { i: text('i'), s: flag('s'), c: text('c'), p: text('p', '55555') };
  const { values } = parseArgs({
    options: { ...options, u: flag('u'), a: flag('a'), d: flag('d') },
  });
  if (values.i === undefined || values.s === (values.c !== undefined)) throw new Error(USAGE);
  return values;
}

async function accept(port) {
  const server = createServer();
  server.listen(port);
  await once(server, 'listening');
  console.log(`Listening on port ${port}`);
  const [socket] = await once(server, 'connection');
  server.close();
  return socket;
}

async function reach(host, port) {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

/** Sends each burst of packets in one piece. */
async function deviceToSocket(device, socket, debug) {
  const { burst } = device;
  socket.setNoDelay();
  while ((await device.readBurst()) > 0) {
    socket.cork();
    for (let frame = 0; frame < burst.receivedCount; frame++) {
      const packet = Buffer.from(burst.bytes(frame));
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(packet.length);
      socket.write(length);
      socket.write(packet);
      debug(`${packet.length} bytes from ${device.name} to the network`);
    }
    socket.uncork();
    // Reads on when the network has taken the burst, so that only the device's queue drops packets.
    if (socket.writableNeedDrain) await once(socket, 'drain');
  }
}

async function socketToDevice(socket, device, debug) {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk]);
    let at = 0;
    for (;;) {
      const end = endOfPacket(received, at);
      if (end > received.length) break;
      await writeOrDrop(device, received.subarray(at + LENGTH_BYTES, end), debug);
      at = end;
    }
    received = received.subarray(at);
  }
}

/** End of the packet at `at`, its length included; Infinity where the length has not arrived yet. */
function endOfPacket(received, at) {
  if (received.length < at + LENGTH_BYTES) return Infinity;
  return at + LENGTH_BYTES + received.readUInt16BE(at);
}

/** A packet that the interface refuses is lost, as on any wire. */
async function writeOrDrop(device, packet, debug) {
  try {
    await device.write(packet);
    debug(`${packet.length} bytes from the network to ${device.name}`);
  } catch (error) {
    if (error.code !== 'EIO' && error.code !== 'EINVAL') throw error;
    debug(error.message);
  }
}
