import { describe, expect, test } from '@jest/globals';
import {
  addWords,
  asWord,
  complement,
  fold,
  isChecksumPartial,
  sumHolds,
} from '../../../src/wire/checksum';
import { fromHex } from '../../support/room-harness';

/** Bytes at an even place of a buffer of their own. */
function load(hex: string): { u8: Uint8Array; u16: Uint16Array; lengthBytes: number } {
  const bytes = fromHex(hex);
  const u8 = new Uint8Array(64).fill(0xa5);
  u8.set(bytes, 2);
  return { u8, u16: new Uint16Array(u8.buffer), lengthBytes: bytes.length };
}

describe('Internet checksum', () => {
  test('the example of RFC 1071 section 3 sums to ddf2', () => {
    const { u8, u16, lengthBytes } = load('00 01 f2 03 f4 f5 f6 f7');
    expect(fold(addWords(u8, u16, 2, lengthBytes))).toBe(asWord(0xddf2));
  });

  test('an odd last byte is padded with zero, whatever follows it', () => {
    const { u8, u16 } = load('12 34 56');
    expect(fold(addWords(u8, u16, 2, 3))).toBe(asWord(0x1234 + 0x5600));
  });

  test('a range with its own checksum in place sums to all ones', () => {
    const { u8, u16, lengthBytes } = load(
      '45 00 00 54 00 00 40 00 40 01 00 00 c0 00 02 01 c0 00 02 02',
    );
    expect(sumHolds(addWords(u8, u16, 2, lengthBytes))).toBe(false);
    u16[(2 + 10) >> 1] = complement(addWords(u8, u16, 2, lengthBytes));
    expect(sumHolds(addWords(u8, u16, 2, lengthBytes))).toBe(true);
    // 4500+0054+4000+4001+c000+0201+c000+0202 = 24958, folded 495a, complement b6a5.
    expect([u8[12], u8[13]]).toEqual([0xb6, 0xa5]);
  });

  test('a sum of 64 KiB of ones does not overflow', () => {
    const u8 = new Uint8Array(65_536).fill(0xff);
    expect(fold(addWords(u8, new Uint16Array(u8.buffer), 0, u8.length))).toBe(0xffff);
  });
});

describe('partial checksum', () => {
  const vnetHeader = (hex: string): { u8: Uint8Array; u16: Uint16Array } => {
    const u8 = new Uint8Array(32);
    u8.set(fromHex(hex), 16 - 10);
    return { u8, u16: new Uint16Array(u8.buffer) };
  };

  test.each([
    ['says so, at this field', '01 00 0000 0000 2200 0200', true],
    ['of another range', '01 00 0000 0000 2400 0200', false],
    ['of another field', '01 00 0000 0000 2200 1000', false],
    ['is not partial', '00 00 0000 0000 2200 0200', false],
    ['is only known to be valid', '02 00 0000 0000 2200 0200', false],
  ])('a virtio header that %s', (_, hex, expected) => {
    const { u8, u16 } = vnetHeader(hex);
    expect(isChecksumPartial(u8, u16, 16, 34, 2)).toBe(expected);
  });
});
