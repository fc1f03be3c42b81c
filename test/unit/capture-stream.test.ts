/** A capture on its way from the ring to its reader. */

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Direction } from '../../src/capture/pcapng';
import { RingWriter, makeRing } from '../../src/capture/ring';
import { CaptureStream } from '../../src/control/capture-stream';

const FRAME = Uint8Array.from({ length: 60 }, (_, at) => at);
/** Type and length of a block, both little endian. */
const PACKET_BLOCK = 6;

function start(count?: number) {
  const ring = makeRing();
  const writer = new RingWriter(ring);
  const write = (frames: number): void => {
    for (let frame = 0; frame < frames; frame++) writer.write(0, Direction.In, frame, FRAME, 60);
  };
  const nameOf = (port: number): string => `tap${port}`;
  const options = {
    ring,
    application: 'test',
    snapBytes: 256,
    count,
    nameOf,
    stop: () => undefined,
  };
  return { stream: new CaptureStream(options), writer, write };
}

function countPackets(bytes: Buffer): number {
  let packets = 0;
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) === PACKET_BLOCK) packets++;
  }
  return packets;
}

test('wants to be told of further frames only when it has handed over all there are', async () => {
  const { stream, writer, write } = start();
  const chunks: Buffer[] = [];
  write(2_000);
  expect(writer.shouldTell()).toBe(true);
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  while (countPackets(Buffer.concat(chunks)) < 2_000) {
    expect(writer.shouldTell()).toBe(false);
    // However often it is told, it hands over one piece a turn.
    const before = countPackets(Buffer.concat(chunks));
    for (let times = 0; times < 10; times++) stream.wake();
    await turn();
    expect(countPackets(Buffer.concat(chunks)) - before).toBeLessThanOrEqual(512);
  }
  while (!writer.shouldTell()) await turn();
  write(1);
  stream.wake();
  expect(countPackets(Buffer.concat(chunks))).toBe(2_001);
  stream.destroy();
});

test('ends after the count that was asked for, however many there are', async () => {
  const { stream, write } = start(300);
  write(1_000);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(countPackets(Buffer.concat(chunks))).toBe(300);
});
