/** Sockets as ports of the addon, from TypeScript: descriptors, signals and the errors of a wrong call. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NativeIo } from '../../src/dataplane/native-io';
import { Burst } from '../../src/frame/burst';
import { push } from '../../src/frame/tag-operation';
import { native } from '../../src/native/native';
import { describeNetns } from './describe-netns';
import { until } from './support/until';

const PORT = 3;
const FRAME = Buffer.from(`ffffffffffff02000000000188b5${'5a'.repeat(46)}`, 'hex');

/** A frame as a stream has it: behind its length. */
function prefixed(frame: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** The descriptor of a socket, which Node keeps to itself. */
function fdOf(socket: Socket): number {
  return (socket as unknown as { _handle: { fd: number } })._handle.fd;
}

describeNetns('a stream as a port', () => {
  const doorbell = new (native().Doorbell)();
  let folder: string;
  let server: Server;
  /** The switch's end, from which Node reads nothing, and the peer's. */
  let ours: Socket;
  let peer: Socket;
  let burst: Burst;
  let io: NativeIo;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-native-io-'));
    const path = join(folder, 'socket');
    server = createServer({ pauseOnConnect: true }).listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    peer = connect(path);
    await once(peer, 'connect');
    [ours] = await accepted;
    burst = new Burst();
    io = new NativeIo(burst, doorbell.fd, true);
    io.addPort(PORT, { fd: fdOf(ours), kind: 'stream', framing: 'plain' });
  });
  afterEach(() => {
    io.removePort(PORT);
    for (const socket of [ours, peer]) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('carries frames both ways, with a tag operation, and has no say about io_uring', async () => {
    peer.write(prefixed(FRAME));
    // A wait in the addon would keep Node from writing.
    await until(() => {
      burst.begin(io.receive(0));
      return burst.receivedCount > 0;
    }, 'the frame comes');
    expect([burst.receivedCount, burst.ingress[0]]).toEqual([1, PORT]);
    expect(Buffer.from(burst.bytes(0))).toEqual(FRAME);

    burst.send(0, PORT);
    burst.send(0, PORT, push(0x8100, 7));
    expect(io.transmit()).toBe(0);
    const tagged = Buffer.concat([
      FRAME.subarray(0, 12),
      Buffer.from('81000007', 'hex'),
      FRAME.subarray(12),
    ]);
    const expected = Buffer.concat([prefixed(FRAME), prefixed(tagged)]);
    const [got] = (await once(peer, 'data')) as [Buffer];
    expect(got).toEqual(expected);
    expect(io.whyNoIoUring).toBe('');
  });

  test('reports a peer that has hung up', async () => {
    peer.end();
    await until(() => io.receive(0) === 0 && io.hasTroubles, 'the hang-up is seen');
    expect(io.troubles()).toEqual([{ port: PORT, errno: 0, hasEnded: true }]);
    io.receive(0);
    expect(io.hasTroubles).toBe(false);
  });

  test('is refused with an invalid length, kind or descriptor', () => {
    const { BurstIo } = native();
    const bare = new BurstIo(burst, new Int32Array(4), false);
    const transport = { fd: fdOf(ours), kind: 1, framing: 0, lengthBytes: 3 };
    expect(() => bare.addPort(PORT, transport)).toThrow(/Invalid argument/);
    expect(() => bare.addPort(PORT, { ...transport, kind: 9 })).toThrow(/Invalid argument/);
    expect(() => bare.addPort(PORT, { ...transport, fd: -1 })).toThrow(/Bad file descriptor/);
    bare.close();
  });
});
