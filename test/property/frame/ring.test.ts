/** The ring against a queue that has no limit. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RingReader, RingWord, RingWriter, makeRing } from '../../../src/frame/ring';

const SIZE_BYTES = 1024;

const WORDS_MAX = 110;

const write = fc.record({ words: fc.integer({ min: 1, max: WORDS_MAX }) });
const read = fc.record({ maxBytes: fc.integer({ min: 1, max: 2 * SIZE_BYTES }) });
const settle = fc.constantFrom('keep' as const, 'commit' as const, 'roll back' as const);
const step = fc.oneof(
  { weight: 4, arbitrary: write },
  { weight: 2, arbitrary: read },
  { weight: 2, arbitrary: settle },
);

/** @returns whether there was room */
function put(writer: RingWriter, block: Uint8Array): boolean {
  const at = writer.append(block.length);
  if (at < 0) return false;
  writer.bytes.set(block, at);
  return true;
}

function expectCommit(writer: RingWriter, hasNews: boolean): void {
  expect(writer.commit()).toBe(hasNews);
}

function takeAll(reader: RingReader): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = reader.take(64); piece.length > 0; piece = reader.take(64)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function expectFirst(piece: Buffer, twin: Buffer): void {
  expect(piece).toEqual(twin.subarray(0, piece.length));
  expect(piece.length > 0).toBe(twin.length > 0);
}

/** Besides what waits, the end of the memory may be unused: once before this block, once for it. */
function expectNoRoom(waitingBytes: number, block: Uint8Array): void {
  const unusedBytes = 4 * WORDS_MAX + block.length;
  expect(waitingBytes + unusedBytes + block.length).toBeGreaterThan(SIZE_BYTES);
}

test('accepted bytes are read whole and in order; bytes without room are refused', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = makeRing(SIZE_BYTES);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      let twin = Buffer.alloc(0);
      // Blocks that the reader does not see yet, and those of them that can be taken back.
      let kept = Buffer.alloc(0);
      let loose = Buffer.alloc(0);
      for (const [index, what] of steps.entries()) {
        if (what === 'keep') {
          writer.keep();
          kept = Buffer.concat([kept, loose]);
          loose = Buffer.alloc(0);
          continue;
        }
        if (what === 'commit') {
          expectCommit(writer, kept.length + loose.length > 0);
          twin = Buffer.concat([twin, kept, loose]);
          kept = loose = Buffer.alloc(0);
          continue;
        }
        if (what === 'roll back') {
          writer.rollBack();
          loose = Buffer.alloc(0);
          continue;
        }
        if ('maxBytes' in what) {
          const piece = reader.take(what.maxBytes);
          expectFirst(piece, twin);
          twin = twin.subarray(piece.length);
          continue;
        }
        const block = Uint8Array.from({ length: 4 * what.words }, (_, at) => (at + index) & 0xff);
        if (put(writer, block)) loose = Buffer.concat([loose, block]);
        else expectNoRoom(twin.length + kept.length + loose.length, block);
      }
      expect(takeAll(reader)).toEqual(twin);
    }),
  );
});

test('an empty ring takes a block of half its size, over and over, and for longer than 2^32 bytes', () => {
  const memory = makeRing(SIZE_BYTES);
  const control = new Int32Array(memory);
  // Both positions are shortly before the end of their range.
  control[RingWord.written] = -4 * SIZE_BYTES;
  control[RingWord.read] = -4 * SIZE_BYTES;
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  for (let round = 0; round < 100; round++) {
    const block = new Uint8Array(SIZE_BYTES / 2 - 60).fill(round);
    expect(put(writer, block)).toBe(true);
    expect(writer.commit()).toBe(true);
    expect(takeAll(reader)).toEqual(Buffer.from(block));
  }
});

test('the reader is woken once, until it waits again', () => {
  const memory = makeRing(SIZE_BYTES);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  expect([writer.shouldTell(), writer.shouldTell()]).toEqual([true, false]);
  reader.listen();
  expect([writer.shouldTell(), writer.shouldTell()]).toEqual([true, false]);
});

test('a writer that waits is not woken for room that is there already', () => {
  const memory = makeRing(SIZE_BYTES);
  const control = new Int32Array(memory);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const block = new Uint8Array(SIZE_BYTES / 4);
  while (put(writer, block));
  expectCommit(writer, true);
  expect(writer.waitForRoom(block.length)).toBe(true);
  expect(control[RingWord.waiting]).toBe(1);
  takeAll(reader);
  expect(writer.waitForRoom(block.length)).toBe(false);
  expect(control[RingWord.waiting]).toBe(0);
  expect(put(writer, block)).toBe(true);
});
