import { describe, expect, test } from '@jest/globals';
import {
  Burst,
  HEADROOM_BYTES,
  MAX_FRAME_BYTES,
  MAX_SOCKET_FRAME_BYTES,
  RECEIVE_SLOT_BYTES,
  align,
} from '../../../src/frame/burst';
import { AS_IT_IS, STRIP, push } from '../../../src/frame/tag-operation';
import { VNET_HEADER_BYTES } from '../../../src/wire/virtio';
import { toHex } from '../../support/room-harness';

describe('the room for received frames', () => {
  test('holds the largest frame in every slot', () => {
    const burst = new Burst({ receiveFrames: 4, receiveBytes: 1000 });
    expect(RECEIVE_SLOT_BYTES).toBeGreaterThanOrEqual(HEADROOM_BYTES + MAX_SOCKET_FRAME_BYTES);
    expect(RECEIVE_SLOT_BYTES % 8).toBe(0);
    burst.begin(4);
    const made = burst.make(14);
    const end = 3 * RECEIVE_SLOT_BYTES + HEADROOM_BYTES + MAX_FRAME_BYTES;
    expect(burst.offset[made]).toBeGreaterThanOrEqual(end + VNET_HEADER_BYTES);
  });

  test.each([0, 1, 7, 8, 9, 1514])('align(%d) is the next multiple of eight', (bytes) => {
    const aligned = align(bytes);
    expect(aligned % 8).toBe(0);
    expect(aligned - bytes).toBeGreaterThanOrEqual(0);
    expect(aligned - bytes).toBeLessThan(8);
  });

  test('a frame has room for its vnet header in front, and starts at an aligned offset', () => {
    expect(HEADROOM_BYTES).toBeGreaterThanOrEqual(VNET_HEADER_BYTES);
    expect(HEADROOM_BYTES % 8).toBe(0);
  });
});

describe('frames of the switch itself', () => {
  const LENGTHS = [42, 43, 60, 1, 1514];

  test('are aligned, lie apart, and come after the received ones', () => {
    const burst = new Burst({ receiveFrames: 4 });
    burst.begin(3);
    const made = LENGTHS.map((lengthBytes) => burst.make(lengthBytes));
    expect(made).toEqual([3, 4, 5, 6, 7]);
    expect(burst.frameCount).toBe(8);
    expect(burst.receivedCount).toBe(3);
    const ends = made.map((frame) => {
      const at = burst.offset[frame] as number;
      expect(at % 8).toBe(0);
      return at + (burst.length[frame] as number);
    });
    made.slice(1).forEach((frame, index) => {
      const headerAt = (burst.offset[frame] as number) - VNET_HEADER_BYTES;
      expect(headerAt).toBeGreaterThanOrEqual(ends[index] as number);
    });
    expect(made.map((frame) => burst.length[frame])).toEqual(LENGTHS);
    expect(made.map((frame) => burst.ingress[frame])).toEqual([-1, -1, -1, -1, -1]);
  });

  test('have a zero vnet header, whatever the bytes were before', () => {
    const burst = new Burst();
    burst.u8.fill(0xa5);
    burst.begin(0);
    const at = burst.offset[burst.make(60)] as number;
    expect(toHex(burst.u8.subarray(at - VNET_HEADER_BYTES, at))).toBe('00'.repeat(10));
    expect(burst.u8[at]).toBe(0xa5);
  });

  test('are refused beyond their maximum number, until room is freed', () => {
    const burst = new Burst({ receiveFrames: 1, madeFrames: 2 });
    burst.begin(1);
    expect([burst.make(60), burst.make(60), burst.make(60)]).toEqual([1, 2, -1]);
    expect(burst.frameCount).toBe(3);
    burst.releaseMade();
    expect(burst.frameCount).toBe(1);
    expect(burst.make(60)).toBe(1);
  });

  test('are refused if the arena is full, and never reach beyond it', () => {
    const burst = new Burst({ receiveFrames: 1, receiveBytes: 1 });
    burst.begin(0);
    let made = 0;
    for (let frame = burst.make(MAX_FRAME_BYTES); frame >= 0; frame = burst.make(MAX_FRAME_BYTES)) {
      made++;
      const end = (burst.offset[frame] as number) + MAX_FRAME_BYTES;
      expect(end).toBeLessThanOrEqual(burst.arena.byteLength);
    }
    // As much as a super-frame becomes when it is cut.
    expect(made).toBeGreaterThanOrEqual(2);
    burst.begin(0);
    expect(burst.make(MAX_FRAME_BYTES)).toBe(0);
  });
});

describe('the answer', () => {
  test('is a list of pairs, in order, with a limit that the caller can check', () => {
    const burst = new Burst({ txEntries: 3 });
    burst.begin(2);
    burst.send(0, 7);
    burst.send(0, 65_535);
    expect(burst.hasTxRoom(1)).toBe(true);
    expect(burst.hasTxRoom(2)).toBe(false);
    burst.send(1, 7);
    expect(burst.hasTxRoom(1)).toBe(false);
    expect(Array.from(burst.txFrame.subarray(0, burst.txCount))).toEqual([0, 0, 1]);
    expect(Array.from(burst.txPort.subarray(0, burst.txCount))).toEqual([7, 65_535, 7]);
  });

  test('is empty when a new burst begins', () => {
    const burst = new Burst();
    burst.begin(1);
    burst.send(0, 1);
    burst.make(60);
    burst.begin(2);
    expect(burst).toMatchObject({ receivedCount: 2, frameCount: 2, txCount: 0 });
  });
});

test('bytes() shows a frame without its vnet header', () => {
  const burst = new Burst();
  burst.begin(0);
  const frame = burst.make(3);
  const at = burst.offset[frame] as number;
  burst.u8.set([1, 2, 3, 4], at);
  expect(Array.from(burst.bytes(frame))).toEqual([1, 2, 3]);
});

describe('a tag operation of a pair', () => {
  test('counts in the length of the pair, and is cleared with the answer', () => {
    const burst = new Burst();
    burst.begin(1);
    burst.length[0] = 60;
    burst.send(0, 1);
    burst.send(0, 2, STRIP);
    burst.send(0, 3, push(0x8100, 10));
    expect([...burst.txTag.subarray(0, 3)]).toEqual([AS_IT_IS, STRIP, push(0x8100, 10)]);
    expect([...burst.txLength.subarray(0, 3)]).toEqual([60, 56, 64]);
    burst.clearAnswer();
    expect(burst.txCount).toBe(0);
    for (let pair = 0; pair < 3; pair++) burst.send(0, pair);
    expect([...burst.txTag.subarray(0, 3)]).toEqual([AS_IT_IS, AS_IT_IS, AS_IT_IS]);
    burst.send(0, 1, STRIP);
    burst.begin(1);
    expect(burst.txTag.every((tag) => tag === AS_IT_IS)).toBe(true);
  });
});
