import { describe, expect, test } from '@jest/globals';
import {
  checkIpv4Header,
  formatIpv4,
  isFirstFragment,
  isFragment,
  isHostIpv4,
  parseIpv4,
} from '../../../src/wire/ipv4';
import { fromHex } from '../../support/room-harness';

describe('IPv4 addresses', () => {
  test.each([
    ['192.0.2.1', 0xc0000201 | 0],
    ['0.0.0.0', 0],
    ['255.255.255.255', -1],
    ['203.0.113.7', 0xcb007107 | 0],
  ])('%s is read', (text, value) => {
    expect(parseIpv4(text)).toBe(value);
  });

  test.each([
    '',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1.1',
    ' 192.0.2.1',
    '192.0.2.x',
    '1e1.0.0.1',
    '203.0.013.7',
  ])('"%s" is refused', (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });

  test.each(['192.0.2.1', '255.255.255.255', '0.0.0.0', '127.0.0.1'])('%s is written', (text) => {
    expect(formatIpv4(parseIpv4(text) as number)).toBe(text);
  });

  test.each([
    ['192.0.2.1', true],
    ['1.0.0.0', true],
    ['223.255.255.255', true],
    ['240.0.0.1', true],
    ['0.0.0.0', false],
    ['0.1.2.3', false],
    ['127.0.0.1', false],
    ['224.0.0.1', false],
    ['239.255.255.255', false],
    ['255.255.255.255', false],
  ])('%s may be a host: %s', (text, expected) => {
    expect(isHostIpv4(parseIpv4(text) as number)).toBe(expected);
  });
});

describe('IPv4 header', () => {
  const HEADER = '45 00 0014 0000 4000 40 01 b6e5 c0000201 c0000202';

  function check(hex: string, lengthBytes?: number): number {
    const u8 = new Uint8Array(128);
    const bytes = fromHex(hex);
    u8.set(bytes, 14);
    return checkIpv4Header(u8, new Uint16Array(u8.buffer), 14, lengthBytes ?? bytes.length);
  }

  test('without options', () => {
    expect(check(HEADER)).toBe(20);
  });

  test('with options', () => {
    expect(check('46 00 0018 0000 4000 40 01 b3e0 c0000201 c0000202 01010100')).toBe(24);
  });

  test('padding behind the packet is ignored', () => {
    expect(check(HEADER, 46)).toBe(20);
  });

  test.each([
    ['cut short', HEADER, 19],
    ['version 6', '65' + HEADER.slice(2), 20],
    ['header length 4', '44' + HEADER.slice(2), 20],
    ['options beyond the end', '46' + HEADER.slice(2), 20],
    ['total length beyond the end', HEADER.replace('0014', '0015'), 20],
    ['total length within the header', HEADER.replace('0014', '0013'), 20],
    ['wrong checksum', HEADER.replace('b6e5', 'b6e6'), 20],
  ])('%s is malformed', (_, hex, lengthBytes) => {
    expect(check(hex, lengthBytes)).toBe(-1);
  });

  test.each([
    ['4000', false, true],
    ['0000', false, true],
    ['2000', true, true],
    ['20b9', true, false],
    ['00b9', true, false],
  ])('flags and offset %s: fragment %s', (field, fragment, first) => {
    const u8 = fromHex(HEADER.replace('4000', field));
    expect(isFragment(u8, 0)).toBe(fragment);
    expect(isFirstFragment(u8, 0)).toBe(first);
  });
});
