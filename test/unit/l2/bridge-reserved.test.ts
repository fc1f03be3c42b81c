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

  test(':01, PAUSE, is dropped, and its sender is not learned', () => {
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

describe('--group-fwd', () => {
  const ALL = Array.from({ length: 16 }, (_, lastByte) => hex(lastByte));
  const forwarded = (sw: MemorySwitch): number[] =>
    ALL.map(([, lastByte]) => lastByte).filter(
      (lastByte) => sw.send(0, reserved(lastByte))[1]?.length === 1,
    );

  test.each(ALL)('forwards %s for its bit alone', (_, lastByte) => {
    const sw = new MemorySwitch(3, { reserved: 'strict' });
    sw.bridge.configure({ groupForwardMask: 1 << lastByte });
    expect(forwarded(sw)).toEqual([lastByte]);
    expect(sw.drops(0)).toEqual({ reserved: 15 });
    // No station is learned from PAUSE, whether it is forwarded or not.
    expect(printed(A) in sw.stations()).toBe(true);
  });

  test('adds to what --reserved forwards, and changes while frames flow', () => {
    const sw = new MemorySwitch(3);
    sw.bridge.configure({ groupForwardMask: 0x4004 });
    expect(forwarded(sw)).toEqual([0, 2, 14]);
    sw.bridge.configure({ groupForwardMask: 0 });
    expect(forwarded(sw)).toEqual([0]);
  });

  test('does not make the switch learn from PAUSE', () => {
    const sw = new MemorySwitch(2);
    sw.bridge.configure({ groupForwardMask: 1 << 1 });
    expect(sw.send(0, reserved(1))[1]).toHaveLength(1);
    expect(sw.stations()).toEqual({});
  });

  test('does not let a frame into a locked port, nor one with the MAC of the switch as its source', () => {
    const sw = new MemorySwitch(2, { mac: { hi16: 0x0002, lo32: 0x0a000000 } });
    sw.bridge.configure({ groupForwardMask: 0xffff });
    expect(sw.send(0, reserved(14))).toEqual([[], []]);
    expect(sw.drops(0)).toEqual({ 'source-is-switch': 1 });
    sw.bridge.configurePort(1, { locked: true });
    expect(sw.send(1, ethernet({ to: '0180c200000e', from: station(0x0b) }))).toEqual([[], []]);
    expect(sw.drops(1)).toEqual({ locked: 1 });
  });
});
