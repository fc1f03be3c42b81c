import { describe, expect, test } from '@jest/globals';
import {
  formatIpKey,
  ipKeyOf,
  ipv4OfKey,
  isSameIpKey,
  newIpKey,
  putIpv6Key,
  setIpv4Key,
  setIpv6Key,
} from '../../../src/wire/ip-key';
import { parseIpv4 } from '../../../src/wire/ipv4';
import {
  formatIpv6,
  isHostIpv6At,
  isLinkLocalAt,
  isLinkLocalOfMac,
  isSolicitedNodeAt,
  isUnspecifiedAt,
  putSolicitedNode,
} from '../../../src/wire/ipv6';
import { ipHex } from '../../support/ip-frames';
import { fromHex, toHex } from '../../support/room-harness';

const bytesOf = (text: string): Uint8Array => fromHex(ipHex(text));

describe('keys', () => {
  test('of IPv4 are set, read, and written as text', () => {
    const key = newIpKey();
    setIpv4Key(key, parseIpv4('192.0.2.1') as number);
    expect(key).toEqual(ipKeyOf([192, 0, 2, 1]));
    expect(ipv4OfKey(key)).toBe(parseIpv4('192.0.2.1'));
    expect(formatIpKey(key)).toBe('192.0.2.1');
  });

  test('of IPv4 are those of IPv4-mapped IPv6', () => {
    expect(ipKeyOf([192, 0, 2, 1])).toEqual(ipKeyOf(fromHex('00000000000000000000ffffc0000201')));
  });

  test('of IPv6 are set from any place, compared and written back', () => {
    const u8 = new Uint8Array(64).fill(0xa5);
    u8.set(bytesOf('2001:db8::1234:5678:9abc:def0'), 3);
    const key = newIpKey();
    setIpv6Key(key, u8, 3);
    expect(key).toEqual(ipKeyOf(bytesOf('2001:db8::1234:5678:9abc:def0')));
    const other = newIpKey();
    setIpv6Key(other, u8, 3);
    expect(isSameIpKey(key, other)).toBe(true);
    setIpv6Key(other, u8, 4);
    expect(isSameIpKey(key, other)).toBe(false);
    putIpv6Key(u8, 33, key);
    expect(toHex(u8.subarray(32, 50))).toBe(`a5${ipHex('2001:db8::1234:5678:9abc:def0')}a5`);
    expect(formatIpKey(key)).toBe('2001:db8::1234:5678:9abc:def0');
  });
});

describe('IPv6 addresses', () => {
  test.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:db8::', '2001:db8::'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['fe80::ff:fe00:1', 'fe80::ff:fe00:1'],
  ])('%s is written %s (RFC 5952)', (text, written) => {
    expect(formatIpv6(bytesOf(text))).toBe(written);
  });

  test.each([
    ['2001:db8::1', true],
    ['fe80::1', true],
    ['::', false],
    ['::1', false],
    ['::ffff:c000:201', false],
    ['ff02::1', false],
  ])('%s may be a host: %s', (text, expected) => {
    expect(isHostIpv6At(bytesOf(text), 0)).toBe(expected);
  });

  test('unspecified, link-local', () => {
    expect(isUnspecifiedAt(bytesOf('::'), 0)).toBe(true);
    expect(isUnspecifiedAt(bytesOf('::1'), 0)).toBe(false);
    expect(isLinkLocalAt(bytesOf('fe80::1'), 0)).toBe(true);
    expect(isLinkLocalAt(bytesOf('febf::1'), 0)).toBe(true);
    expect(isLinkLocalAt(bytesOf('fec0::1'), 0)).toBe(false);
  });

  test('the solicited-node group is made and recognised', () => {
    const u8 = new Uint8Array(32).fill(0xa5);
    u8.set(bytesOf('2001:db8::12:3456'), 0);
    putSolicitedNode(u8, 16, 0);
    expect(toHex(u8.subarray(16))).toBe(ipHex('ff02::1:ff12:3456'));
    expect(isSolicitedNodeAt(u8, 16, 0)).toBe(true);
    u8.set([1], 15);
    expect(isSolicitedNodeAt(u8, 16, 0)).toBe(false);
  });

  test.each([
    ['fe80::ff:fe00:1', '020000000001', true],
    ['fe80::200:ff:fe00:1', '020000000001', false],
    ['fe80::ff:fe00:2', '020000000001', false],
    ['fe80:0:0:1:0:ff:fe00:1', '020000000001', false],
    ['2001:db8::ff:fe00:1', '020000000001', false],
  ])('%s is made from %s: %s', (address, mac, expected) => {
    const u8 = fromHex(ipHex(address) + mac);
    expect(isLinkLocalOfMac(u8, 0, 16)).toBe(expected);
  });
});
