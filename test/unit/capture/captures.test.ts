/** Captures between the bridge and its ports: frames that were sent, and frames that a port refused. */

import { expect, test } from '@jest/globals';
import { compileFilter } from '../../../src/capture/filter-compiler';
import { Direction } from '../../../src/wire/pcapng';
import { RingReader, makeRing } from '../../../src/frame/ring';
import { Captures } from '../../../src/capture/captures';
import { Burst } from '../../../src/frame/burst';
import { STRIP, push } from '../../../src/frame/tag-operation';
import { Errno } from '../../../src/frame/transmitter';

const EPB = 6;
const FRAME_BYTES = 60;

/** Starts a bridge whose I/O refuses frames to some ports, and receives the next burst over the last one. */
function start() {
  const burst = new Burst();
  const refusing = new Set<number>();
  const waits: number[] = [];
  const transmit = (): number => {
    let failed = 0;
    for (let entry = 0; entry < burst.txCount; entry++) {
      const isRefused = refusing.has(burst.txPort[entry] as number);
      burst.txStatus[entry] = isRefused ? Errno.EAGAIN : 0;
      if (isRefused) failed++;
    }
    return failed;
  };
  const exchange = (waitMs: number): number => {
    const failed = transmit();
    if (failed > 0) return -failed;
    waits.push(waitMs);
    burst.u8.fill(0xee);
    burst.length.fill(1);
    return 1;
  };
  const news: string[] = [];
  const captures = new Captures(burst, { transmit, exchange }, (port) => `tap${port}`, {
    ready: () => news.push('ready'),
    complete: () => news.push('complete'),
  });
  const ring = makeRing();
  const reader = new RingReader(ring);
  const capture = (directions: readonly Direction[], count?: number, filter = ''): void =>
    captures.add(1, {
      ...{ ring, directions, snapBytes: 256, filter: compileFilter(filter), epochNs: 0n },
      ...(count !== undefined && { count }),
    });
  /** A frame to each of these ports, the number of the port in its first byte. */
  const answer = (ports: readonly number[]): void => {
    burst.begin(ports.length);
    for (const [frame, port] of ports.entries()) {
      const at = 64 * (frame + 1);
      burst.offset[frame] = at;
      burst.length[frame] = FRAME_BYTES;
      burst.u8.fill(port, at, at + FRAME_BYTES);
      burst.send(frame, port);
    }
  };
  return { captures, burst, refusing, waits, news, capture, answer, shown: () => shownBy(reader) };
}

/** @returns the first byte of each frame that is there to be read, -1 for one that is not whole */
function shownBy(reader: RingReader): number[] {
  reader.listen();
  const bytes = reader.take(1 << 20);
  const shown: number[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    if (bytes.readUInt32LE(at) !== EPB) continue;
    const frame = bytes.subarray(at + 28, at + 28 + bytes.readUInt32LE(at + 20));
    const isWhole = frame.length === FRAME_BYTES && frame.every((byte) => byte === frame[0]);
    shown.push(isWhole ? (frame[0] as number) : -1);
  }
  return shown;
}

test.each(['transmit', 'exchange'] as const)(
  '%s: captures the frames that were sent, as they were sent',
  (how) => {
    const { captures, capture, answer, shown, news } = start();
    capture([Direction.Out]);
    answer([1, 2, 3]);
    expect(captures[how](0)).toBe(how === 'transmit' ? 0 : 1);
    expect(news).toEqual(['ready']);
    expect(shown()).toEqual([1, 2, 3]);
  },
);

test.each(['transmit', 'exchange'] as const)(
  '%s: does not capture frames that a port refused',
  (how) => {
    const { captures, capture, refusing, answer, shown } = start();
    capture([Direction.Out]);
    refusing.add(2);
    answer([1, 2, 3, 2, 4]);
    expect(Math.abs(captures[how](0))).toBe(2);
    expect(shown()).toEqual([1, 3, 4]);
    answer([5]);
    expect(captures[how](0)).toBeGreaterThanOrEqual(0);
    expect(shown()).toEqual([5]);
  },
);

test('a capture that would end with a refused frame goes on', () => {
  const { captures, capture, refusing, answer, shown, news } = start();
  capture([Direction.Out], 2);
  refusing.add(2);
  answer([1, 2]);
  expect(captures.exchange(0)).toBe(-1);
  expect(shown()).toEqual([1]);
  expect(news).toEqual(['ready']);
  answer([3, 4]);
  expect(captures.exchange(0)).toBe(1);
  expect(shown()).toEqual([3]);
  expect(news).toEqual(['ready', 'complete']);
});

test('received frames are captured once, whether or not they are forwarded', () => {
  const { captures, burst, capture, refusing, answer, shown } = start();
  capture([Direction.In, Direction.Out]);
  refusing.add(2);
  answer([1, 2]);
  burst.ingress.fill(7);
  captures.received(0, 2);
  expect(captures.exchange(0)).toBe(-1);
  expect(shown()).toEqual([1, 2, 1]);
  answer([3]);
  captures.received(0, 1);
  burst.txCount = 0;
  captures.exchange(0);
  expect(shown()).toEqual([3]);
});

test('does not hold sent frames back for long, and otherwise waits as long as it may', () => {
  const { captures, burst, capture, answer, waits } = start();
  capture([Direction.In, Direction.Out]);
  answer([1]);
  captures.exchange(250);
  burst.begin(0);
  captures.exchange(250);
  expect(waits[0]).toBeLessThanOrEqual(20);
  expect(waits[1]).toBe(250);
});

test('the verdict of a filter holds for one frame only', () => {
  const { captures, burst, capture, answer, shown } = start();
  capture([Direction.In, Direction.Out], undefined, 'ether proto 0x0101');
  for (const [bytes, expected] of [
    [1, [1, 1]],
    [2, []],
    [1, [1, 1]],
  ] as const) {
    answer([bytes]);
    burst.ingress.fill(7);
    captures.received(0, 1);
    captures.exchange(0);
    expect(shown()).toEqual(expected);
  }
  // The frames are the switch's own, and the second uses the memory of the first.
  for (const [bytes, expected] of [
    [1, [1]],
    [2, []],
  ] as const) {
    answer([bytes]);
    burst.receivedCount = 0;
    captures.transmit();
    expect(shown()).toEqual(expected);
  }
});

test('captures a frame with the tag that it leaves with', () => {
  const { captures, burst, capture, answer, shown } = start();
  capture([Direction.Out]);
  answer([7, 7, 7]);
  burst.clearAnswer();
  burst.length.set([FRAME_BYTES, FRAME_BYTES + 4, FRAME_BYTES - 4]);
  burst.u8.fill(7, burst.offset[1], (burst.offset[1] as number) + FRAME_BYTES + 4);
  burst.send(0, 1);
  burst.send(1, 1, STRIP);
  burst.send(2, 1, push(0x0707, 0x0707));
  captures.transmit();
  expect(shown()).toEqual([7, 7, 7]);
});

test('a filter sees the tag that the frame leaves with', () => {
  const { captures, burst, capture, answer, shown } = start();
  capture([Direction.Out], undefined, 'ether proto 0x0101');
  answer([1]);
  burst.clearAnswer();
  const at = burst.offset[0] as number;
  burst.u8.fill(1, at, at + FRAME_BYTES + 4);
  burst.u8.fill(2, at + 12, at + 16);
  burst.length[0] = FRAME_BYTES + 4;
  burst.send(0, 1);
  burst.send(0, 2, STRIP);
  burst.send(0, 3);
  captures.transmit();
  expect(shown()).toEqual([1]);
});
