import { expect, test } from '@jest/globals';
import { CaptureTally } from '../../../src/capture/capture-tally';
import {
  Direction,
  enhancedPacketBytes,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
  writePacketHead,
} from '../../../src/wire/pcapng';

function packet(interfaceId: number, keptBytes: number, lostCount: number): Buffer {
  const words = new Int32Array(enhancedPacketBytes(keptBytes, lostCount) / 4);
  const time = { timeHigh: 0, timeLow: 0 };
  const frame = { interfaceId, direction: Direction.In, lengthBytes: 60, keptBytes, lostCount };
  const at = writePacketHead(words, 0, { ...time, ...frame });
  const bytes = Buffer.from(words.buffer);
  // The bytes of this frame would be an option with a loss for a reader that begins too early.
  for (let index = 0; index < keptBytes; index++) bytes[at + index] = index % 4 === 0 ? 4 : 0;
  return bytes;
}

test('a tally has the frames and the losses of all interfaces', () => {
  const tally = new CaptureTally();
  const blocks = [
    sectionHeader('test'),
    interfaceDescription('a', 64),
    packet(0, 60, 0),
    packet(0, 61, 3),
    interfaceDescription('b', 64),
    packet(1, 0, 0),
    packet(1, 17, 2 ** 33),
    packet(0, 14, 1),
  ];
  for (const block of blocks) tally.add(block);
  expect([tally.frames, tally.lost]).toEqual([5, 4 + 2 ** 33]);
  // The statistics count losses behind the last frame, too.
  tally.add(interfaceStatistics(0, 0n, 9, 6));
  expect(tally.lost).toBe(6 + 2 ** 33);
  tally.add(interfaceStatistics(1, 0n, 2, 2 ** 33 + 2));
  expect([tally.frames, tally.lost]).toEqual([5, 8 + 2 ** 33]);
});
