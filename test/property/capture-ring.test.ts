/** The ring of a capture against a queue that has no limit. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Direction } from '../../src/capture/pcapng';
import { RingReader, RingWriter, makeRing } from '../../src/capture/ring';

const SIZE_BYTES = 1024;

const write = fc.record({
  port: fc.nat(3),
  length: fc.nat(400),
  direction: fc.constantFrom(Direction.In, Direction.Out),
});
const step = fc.oneof(
  { weight: 3, arbitrary: write },
  { weight: 2, arbitrary: fc.constant('read') },
);

function expectSame(read: unknown, written: unknown): void {
  expect(read).toEqual(written);
}

test('what was written is read, in order and whole; what is lost is counted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const memory = makeRing(SIZE_BYTES);
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const twin: unknown[] = [];
      const lost = new Map<number, number>();
      for (const [index, what] of steps.entries()) {
        if (what === 'read') {
          expectSame(reader.read(), twin.shift());
          continue;
        }
        const { port, length, direction } = what as { port: number; length: number; direction: 1 };
        const bytes = Uint8Array.from({ length }, (_, at) => (at + index) & 0xff);
        if (writer.write(port, direction, index, bytes, length + 5)) {
          const lostCount = lost.get(port) ?? 0;
          twin.push({ port, direction, atMs: index, lengthBytes: length + 5, bytes, lostCount });
          lost.delete(port);
        } else {
          lost.set(port, (lost.get(port) ?? 0) + 1);
        }
      }
      while (twin.length > 0) expect(reader.read()).toEqual(twin.shift());
      expect(reader.read()).toBeUndefined();
    }),
  );
});

test('an empty ring takes a frame that is nearly as large as itself, over and over', () => {
  const memory = makeRing(SIZE_BYTES);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  const frame = new Uint8Array(SIZE_BYTES / 2 - 64);
  for (let round = 0; round < 100; round++) {
    expect(writer.write(1, Direction.In, round, frame, frame.length)).toBe(true);
    expect(reader.read()?.atMs).toBe(round);
  }
});

test('the reader is told once, until he listens again', () => {
  const memory = makeRing(SIZE_BYTES);
  const writer = new RingWriter(memory);
  const reader = new RingReader(memory);
  expect([writer.shouldTell(), writer.shouldTell()]).toEqual([true, false]);
  reader.listen();
  expect([writer.shouldTell(), writer.shouldTell()]).toEqual([true, false]);
});
