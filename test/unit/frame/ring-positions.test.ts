/** The ring where positions begin again after 2^32 bytes. */

import { expect, test } from '@jest/globals';
import { RingReader, RingWord, RingWriter, makeRing } from '../../../src/frame/ring';

const SIZE = 4_096;
const BLOCK = SIZE / 4;

/** Bytes that the reader gets after `blocks` blocks were written, each full of its number. */
function carried(memory: SharedArrayBuffer, blocks: number): Buffer {
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const taken: Buffer[] = [];
  for (let block = 0; block < blocks; block++) {
    const at = writer.append(BLOCK);
    writer.bytes.fill(block, at, at + BLOCK);
    writer.commit();
    // The reader waits until the ring is full.
    if (block % 4 === 3) while (reader.waitingBytes > 0) taken.push(reader.take(SIZE));
  }
  return Buffer.concat(taken);
}

const expected = (blocks: number): Buffer =>
  Buffer.concat(Array.from({ length: blocks }, (_, block) => Buffer.alloc(BLOCK, block)));

/** A ring whose positions are twice its size before 2^32, where they begin again. */
function nearlyOnceAround(skippedFrom?: number): SharedArrayBuffer {
  const memory = makeRing(SIZE);
  const control = new Int32Array(memory);
  control[RingWord.written] = -2 * SIZE;
  control[RingWord.read] = -2 * SIZE;
  if (skippedFrom !== undefined) control[RingWord.skippedFrom] = skippedFrom;
  return memory;
}

test('forgets an unused end before its position comes again', () => {
  expect(carried(nearlyOnceAround(SIZE - 100), 16)).toEqual(expected(16));
});

test('without an unused end carries every byte', () => {
  expect(carried(nearlyOnceAround(), 16)).toEqual(expected(16));
});
