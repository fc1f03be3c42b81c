import { describe, expect, test } from '@jest/globals';
import {
  formatMac,
  isStation,
  locallyAdministered,
  macBytes,
  macFromBytes,
  macToBytes,
  parseMac,
} from '../../../src/wire/mac';

describe('parseMac', () => {
  test.each([
    ['02:00:00:00:00:01', [2, 0, 0, 0, 0, 1]],
    ['02-00-00-00-00-01', [2, 0, 0, 0, 0, 1]],
    ['FE:dC:ba:98:76:54', [0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54]],
    ['00:00:00:00:00:00', [0, 0, 0, 0, 0, 0]],
    ['ff:ff:ff:ff:ff:ff', [255, 255, 255, 255, 255, 255]],
  ])('reads %s', (text, bytes) => {
    const words = parseMac(text);
    expect(words).toEqual(macFromBytes(bytes));
    expect(words && macToBytes(words.hi16, words.lo32)).toEqual(bytes);
    expect([...macBytes(text)]).toEqual(bytes);
  });

  test.each([
    '',
    '02',
    '020000000001',
    '02:00:00:00:00',
    '02:00:00:00:00:01:02',
    '02:00:00-00:00:01',
    '2:0:0:0:0:1',
    '02:00:00:00:00:0g',
    ' 02:00:00:00:00:01',
    '02:00:00:00:00:01\n',
    '0200.0000.0001',
    '02:00:00:00:00:001',
  ])('refuses %j', (text) => {
    expect(parseMac(text)).toBeUndefined();
    expect(() => macBytes(text)).toThrow(RangeError);
  });
});

test('formatMac prints what parseMac reads', () => {
  for (const text of ['02:00:00:00:00:01', 'fe:dc:ba:98:76:54', '00:ff:80:7f:01:f0']) {
    const words = parseMac(text);
    expect(words && formatMac(words.hi16, words.lo32)).toBe(text);
  }
});

test.each([
  ['02:00:00:00:00:01', true],
  ['00:00:00:00:00:01', true],
  ['00:01:00:00:00:00', true],
  ['00:00:00:00:00:00', false],
  ['01:00:5e:00:00:01', false],
  ['ff:ff:ff:ff:ff:ff', false],
])('%s is an address that a station may use: %s', (text, expected) => {
  const words = parseMac(text);
  expect(words && isStation(words)).toBe(expected);
});

describe('locallyAdministered', () => {
  test.each([
    [[0x00, 1, 2, 3, 4, 5], '02:01:02:03:04:05'],
    [[0x01, 1, 2, 3, 4, 5], '02:01:02:03:04:05'],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 'fe:ff:ff:ff:ff:ff'],
    [[0xfd, 0, 0, 0, 0, 0x80, 0xaa], 'fe:00:00:00:00:80'],
  ])('makes of %j %s', (bytes, text) => {
    const { hi16, lo32 } = locallyAdministered(bytes);
    expect(formatMac(hi16, lo32)).toBe(text);
  });

  test('takes six bytes', () => {
    expect(() => locallyAdministered([2, 0, 0, 0, 0])).toThrow(RangeError);
  });
});
