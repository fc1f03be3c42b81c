/** A capture on its way from the frames to its reader. */

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type CaptureSetup, CaptureWriter } from '../../../src/capture/capture-writer';
import { compileFilter } from '../../../src/capture/filter-compiler';
import { Direction } from '../../../src/wire/pcapng';
import { makeRing } from '../../../src/frame/ring';
import { CaptureStream } from '../../../src/capture/capture-stream';
import { Burst } from '../../../src/frame/burst';

const FRAME_BYTES = 60;
const IDB = 1;
const ISB = 5;
const EPB = 6;

interface Block {
  readonly type: number;
  readonly bytes: Buffer;
}

function start(setup: Partial<CaptureSetup> = {}) {
  const ring = makeRing();
  const burst = new Burst();
  burst.begin(1);
  burst.offset[0] = 64;
  burst.length[0] = FRAME_BYTES;
  burst.u8.set(
    Uint8Array.from({ length: FRAME_BYTES }, (_, at) => at),
    64,
  );
  const names = ['tap0', 'tap1'];
  const writer = new CaptureWriter(
    1,
    {
      directions: [Direction.In, Direction.Out],
      snapBytes: 256,
      filter: compileFilter(''),
      epochNs: 0n,
      ...setup,
      ring,
    },
    burst,
    (port) => names[port] ?? '?',
  );
  const writtenCount = (): number =>
    writer.counts().reduce((sum, { received, lost }) => sum + received - lost, 0);
  const show = (frames: number, port = 0): void => {
    for (let frame = 0; frame < frames; frame++) writer.show(0, port, Direction.In);
  };
  /** Captures frames. @returns the number of frames for which there was room */
  const write = (frames: number, port = 0): number => {
    const before = writtenCount();
    show(frames, port);
    writer.commit();
    return writtenCount() - before;
  };
  const stream = new CaptureStream({
    ring,
    application: 'test',
    threadId: undefined,
    stop: () => undefined,
  });
  const read = new ReadBlocks();
  const readOn = (): void => void stream.on('data', (chunk: Buffer) => read.add(chunk));
  const blocks = (): readonly Block[] => read.blocks;
  const count = (type: number): number => read.counts.get(type) ?? 0;
  return { stream, writer, burst, names, show, write, readOn, blocks, count };
}

/** Blocks of what has been read so far, each parsed once. */
class ReadBlocks {
  readonly blocks: Block[] = [];
  /** Type of block → number of them. */
  readonly counts = new Map<number, number>();
  /** Beginning of a block whose end has not been read. */
  private rest: Buffer = Buffer.alloc(0);

  add(chunk: Buffer): void {
    const bytes = Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (at + 8 <= bytes.length && at + bytes.readUInt32LE(at + 4) <= bytes.length) {
      const end = at + bytes.readUInt32LE(at + 4);
      const type = bytes.readUInt32LE(at);
      this.blocks.push({ type, bytes: bytes.subarray(at, end) });
      this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
      at = end;
    }
    this.rest = bytes.subarray(at);
  }
}

test('hands over its blocks piece by piece, and asks to be woken only when it has read all', async () => {
  const { stream, writer, write, readOn, count } = start();
  const frames = write(1_000_000);
  expect(frames).toBeGreaterThan(20_000);
  expect(writer.shouldTell()).toBe(true);
  readOn();
  while (count(EPB) < frames) {
    expect(writer.shouldTell()).toBe(false);
    // It hands over one piece a turn, no matter how often it is woken.
    const before = count(EPB);
    for (let times = 0; times < 10; times++) stream.wake();
    await turn();
    expect(count(EPB) - before).toBeLessThan(frames / 4);
  }
  while (!writer.shouldTell()) await turn();
  write(1);
  stream.wake();
  expect(count(EPB)).toBe(frames + 1);
  stream.destroy();
});

test('ends after the requested count, with the totals of each interface', async () => {
  const { stream, writer, write, readOn, blocks, count } = start({ count: 300 });
  write(299, 0);
  expect(writer.isComplete).toBe(false);
  expect(write(1_000, 1)).toBe(1);
  expect(writer.isComplete).toBe(true);
  readOn();
  stream.complete(writer.counts());
  await new Promise((resolve) => stream.once('end', resolve));
  expect([count(IDB), count(EPB), count(ISB)]).toEqual([2, 300, 2]);
  const received = blocks()
    .filter(({ type }) => type === ISB)
    .map(({ bytes }) => bytes.readUInt32LE(24));
  expect(received).toEqual([299, 1]);
});

test('says with the next frame, and at the end, how many frames found no room', async () => {
  const { stream, writer, write, readOn, blocks, count } = start();
  const written = write(100_000);
  const lost = 100_000 - written;
  expect(lost).toBeGreaterThan(0);
  readOn();
  while (count(EPB) < written) await turn();
  write(1);
  stream.wake();
  while (count(EPB) < written + 1) await turn();
  const dropCounts = blocks()
    .filter(({ type }) => type === EPB)
    .map(({ bytes }) => (bytes.length > 28 + FRAME_BYTES + 16 ? bytes.readUInt32LE(100) : 0));
  expect(dropCounts.filter((dropCount) => dropCount > 0)).toEqual([lost]);
  expect(dropCounts[dropCounts.length - 1]).toBe(lost);
  expect(writer.counts()).toEqual([{ id: 0, received: 100_001, lost }]);
  stream.destroy();
});

test('a port that gets the id of a removed port is another interface', async () => {
  const { stream, writer, names, write, readOn, blocks, count } = start();
  write(1);
  writer.forget(0);
  names[0] = 'tap9';
  write(2);
  readOn();
  while (count(EPB) < 3) await turn();
  const shown = blocks().filter(({ type }) => type === IDB);
  expect(shown.map(({ bytes }) => bytes.toString('latin1', 20, 24))).toEqual(['tap0', 'tap9']);
  const ids = blocks().filter(({ type }) => type === EPB);
  expect(ids.map(({ bytes }) => bytes.readUInt32LE(8))).toEqual([0, 1, 1]);
  stream.destroy();
});

test.each([14, 20, 59, 60, 257, 9018])('keeps the first %i bytes of a frame', async (snapBytes) => {
  const { stream, burst, write, blocks, readOn } = start({ snapBytes });
  const frame = Uint8Array.from({ length: 9018 }, (_, at) => (at * 7) & 0xff);
  burst.u8.set(frame, 64);
  burst.length[0] = frame.length;
  write(1);
  readOn();
  while (blocks().length < 3) await turn();
  const [packet] = blocks().filter(({ type }) => type === EPB) as [Block];
  expect([packet.bytes.readUInt32LE(20), packet.bytes.readUInt32LE(24)]).toEqual([snapBytes, 9018]);
  expect(packet.bytes.subarray(28, 28 + snapBytes)).toEqual(
    Buffer.from(frame.subarray(0, snapBytes)),
  );
  const padding = packet.bytes.subarray(28 + snapBytes, 28 + ((snapBytes + 3) & ~3));
  expect([...padding].every((byte) => byte === 0)).toBe(true);
  stream.destroy();
});

test.each([
  [1_700_000_000_000_000_000n, 1234.567891, 1_234_567_891n],
  // The lower half exceeds 2^32 through the sum of the two, through each of them, and not at all.
  [0x17_ffff_ffffn, 0.000001, 1n],
  [0x17_ffff_0000n, 0.065535, 65535n],
  [0x18_0000_0000n, 8_589.934592, 8_589_934_592n],
  [1_800_000_000_123_456_789n, 86_400_000.000001, 86_400_000_000_001n],
])('stamps a frame with the time of its burst: %d + %d ms', async (epochNs, clockMs, sinceNs) => {
  const { stream, burst, write, blocks, readOn } = start({ epochNs });
  burst.clock[0] = clockMs;
  write(1);
  readOn();
  while (blocks().length < 3) await turn();
  const [packet] = blocks().filter(({ type }) => type === EPB) as [Block];
  const high = BigInt(packet.bytes.readUInt32LE(12));
  expect((high << 32n) | BigInt(packet.bytes.readUInt32LE(16))).toBe(epochNs + sinceNs);
  stream.destroy();
});

test('nothing remains of frames that were rolled back', async () => {
  const { stream, writer, show, write, readOn, blocks, count } = start({ count: 4 });
  write(1);
  show(1);
  show(2, 1);
  expect(writer.isComplete).toBe(true);
  writer.rollBack();
  expect(writer.isComplete).toBe(false);
  expect(writer.counts()).toEqual([{ id: 0, received: 1, lost: 0 }]);
  expect(writer.commit()).toBe(false);
  write(10, 1);
  readOn();
  while (count(EPB) < 4) await turn();
  expect(blocks().filter(({ type }) => type === IDB)).toHaveLength(2);
  const ids = blocks().filter(({ type }) => type === EPB);
  expect(ids.map(({ bytes }) => bytes.readUInt32LE(8))).toEqual([0, 1, 1, 1]);
  expect(writer.counts()).toEqual([
    { id: 0, received: 1, lost: 0 },
    { id: 1, received: 3, lost: 0 },
  ]);
  stream.destroy();
});

test('frames that found no room and were rolled back do not count as lost', () => {
  const { stream, writer, show, write } = start();
  show(100_000);
  writer.rollBack();
  expect(writer.commit()).toBe(false);
  expect(write(20_000)).toBe(20_000);
  expect(writer.counts()).toEqual([{ id: 0, received: 20_000, lost: 0 }]);
  stream.destroy();
});
