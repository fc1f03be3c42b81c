/**
 * The addresses that IEEE 802.1Q-2022 8.6.3 reserves for a bridge's neighbours (table 8-1): what a
 * Linux bridge with STP off does with them, measured on Linux 6.18, and what the standard says.
 */

import { describe, expect, test } from '@jest/globals';
import { ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const A = station(0x0a);

/** An LLC frame with length 38, as STP sends them; the bridge looks at the address alone. */
function reserved(lastByte: number): Uint8Array {
  const to = `0180c20000${lastByte.toString(16).padStart(2, '0')}`;
  return ethernet({ to, from: A, type: '0026', payload: '424203' + '00'.repeat(35) });
}

const hex = (lastByte: number): [string, number] => [
  `:${lastByte.toString(16).padStart(2, '0')}`,
  lastByte,
];
/** :02, of slow protocols, to :0f. */
const OTHERS = Array.from({ length: 14 }, (_, index) => hex(index + 2));
const BEYOND = [0x10, 0x1f, 0x20, 0x21, 0x2f, 0x80, 0xff].map(hex);

function outcome(mode: 'br0' | 'strict' | undefined, lastByte: number): object {
  const sw = new MemorySwitch(3, mode === undefined ? {} : { reserved: mode });
  const frame = toHex(reserved(lastByte));
  const [back, ...others] = sw.send(0, reserved(lastByte));
  expect(back).toEqual([]);
  const isForwarded = others.every((frames) => frames.length === 1 && frames[0] === frame);
  expect(others.flat()).toHaveLength(isForwarded ? 2 : 0);
  return {
    isForwarded,
    isLearned: printed(A) in sw.stations(),
    isCounted: sw.drops(0)['reserved'] === 1,
  };
}

const FORWARDED = { isForwarded: true, isLearned: true, isCounted: false };
const DROPPED = { isForwarded: false, isLearned: true, isCounted: true };
const DROPPED_UNLEARNED = { isForwarded: false, isLearned: false, isCounted: true };

describe.each(['br0', undefined] as const)('--reserved %s', (mode) => {
  test(':00, of STP, is forwarded', () => {
    expect(outcome(mode, 0x00)).toEqual(FORWARDED);
  });

  test(':01, PAUSE, is dropped, and its sender not even learned', () => {
    expect(outcome(mode, 0x01)).toEqual(DROPPED_UNLEARNED);
  });

  test.each(OTHERS)('%s is dropped, and its sender learned', (_, lastByte) => {
    expect(outcome(mode, lastByte)).toEqual(DROPPED);
  });
});

describe('--reserved strict', () => {
  test('drops :00, too', () => {
    expect(outcome('strict', 0x00)).toEqual(DROPPED);
  });

  test('drops :01 as ever', () => {
    expect(outcome('strict', 0x01)).toEqual(DROPPED_UNLEARNED);
  });

  test.each(OTHERS)('drops %s', (_, lastByte) => {
    expect(outcome('strict', lastByte)).toEqual(DROPPED);
  });
});

describe.each(['br0', 'strict'] as const)('with --reserved %s', (mode) => {
  test.each(BEYOND)('%s is ordinary multicast', (_, lastByte) => {
    expect(outcome(mode, lastByte)).toEqual(FORWARDED);
  });
});
