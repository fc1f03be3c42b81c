/** The capture ring where positions begin again after 2^32 bytes. */

import { expect, test } from '@jest/globals';
import { CaptureRingReader, CaptureRingWriter, makeCaptureRing } from '../../../src/capture/ring';

const SIZE = 4_096;
const BLOCK = SIZE / 4;
/** Words of the control block: position of the writer, of the reader, and where an end was unused. */
const [WRITTEN, READ, SKIPPED_FROM] = [0, 1, 2] as const;

/** Bytes that come out where so many blocks went in, each full of its number. */
function carried(memory: SharedArrayBuffer, blocks: number): Buffer {
  const writer = new CaptureRingWriter(memory);
  const reader = new CaptureRingReader(memory);
  const taken: Buffer[] = [];
  for (let block = 0; block < blocks; block++) {
    const at = writer.append(BLOCK);
    writer.bytes.fill(block, at, at + BLOCK);
    writer.commit();
    // The reader is as far behind as it can be.
    if (block % 4 === 3) while (reader.waitingBytes > 0) taken.push(reader.take(SIZE));
  }
  return Buffer.concat(taken);
}

const expected = (blocks: number): Buffer =>
  Buffer.concat(Array.from({ length: blocks }, (_, block) => Buffer.alloc(BLOCK, block)));

/** A ring that has carried all but its last bytes before positions begin again. */
function nearlyOnceAround(skippedFrom?: number): SharedArrayBuffer {
  const memory = makeCaptureRing(SIZE);
  const control = new Int32Array(memory);
  control[WRITTEN] = -2 * SIZE;
  control[READ] = -2 * SIZE;
  if (skippedFrom !== undefined) control[SKIPPED_FROM] = skippedFrom;
  return memory;
}

test('forgets an unused end before its position comes again', () => {
  expect(carried(nearlyOnceAround(SIZE - 100), 16)).toEqual(expected(16));
});

test('without an unused end carries every byte', () => {
  expect(carried(nearlyOnceAround(), 16)).toEqual(expected(16));
});
