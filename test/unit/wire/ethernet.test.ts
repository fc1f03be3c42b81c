import { describe, expect, test } from '@jest/globals';
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  etherType,
  getI32,
  getU16,
  isBroadcast,
  isGroup,
  isReserved,
  macHi16,
  macLo32,
  putI32,
  putMac,
  putU16,
  reservedNibble,
} from '../../../src/wire/ethernet';
import { ethernet } from '../../support/ethernet';
import { fromHex, toHex } from '../../support/room-harness';

/** Offset of the frame in its arena. It is not zero, so that a forgotten offset shows. */
const AT = 8;

/** An arena with one frame in it, everything around it 0xa5. */
function arenaWith(bytes: Uint8Array): { u8: Uint8Array; u16: Uint16Array } {
  const u8 = new Uint8Array(64).fill(0xa5);
  u8.set(bytes, AT);
  return { u8, u16: new Uint16Array(u8.buffer) };
}

function words(mac: string): [hi16: number, lo32: number] {
  const { u16 } = arenaWith(fromHex(mac));
  return [macHi16(u16, AT), macLo32(u16, AT)];
}

describe('the fields of a frame', () => {
  const { u8, u16 } = arenaWith(
    ethernet({ to: '0200a1b2c3d4', from: '02000000fffe', type: '0806', payload: '0001' }),
  );

  test('addresses are two words, the low one signed', () => {
    expect(macHi16(u16, AT)).toBe(0x0002);
    expect(macLo32(u16, AT)).toBe(0xd4c3b2a1 | 0);
    expect(macHi16(u16, AT + 6)).toBe(0x0002);
    expect(macLo32(u16, AT + 6)).toBe(0xfeff0000 | 0);
  });

  test('a word in network order can be at any offset', () => {
    expect(getU16(u8, AT + 12)).toBe(0x0806);
    expect(getU16(u8, AT + 13)).toBe(0x0600);
    expect(getI32(u8, AT + 1)).toBe(0x00a1b2c3);
    expect(getI32(u8, AT + 10)).toBe(0xfffe0806 | 0);
  });

  test.each([
    ['0800', ETHER_TYPE_IPV4],
    ['0806', ETHER_TYPE_ARP],
    ['86dd', ETHER_TYPE_IPV6],
    ['8100', ETHER_TYPE_VLAN],
    ['88a8', ETHER_TYPE_SERVICE_VLAN],
  ])('EtherType %s is recognized', (type, constant) => {
    const frame = arenaWith(ethernet({ to: '020000000001', from: '020000000002', type }));
    expect(etherType(frame.u16, AT)).toBe(constant);
  });
});

describe('writing', () => {
  test('an address is the six bytes that were read, and nothing beside them', () => {
    const { u8, u16 } = arenaWith(fromHex('ffffffffffff'));
    putMac(u16, AT, ...words('02ff80017f00'));
    expect(toHex(u8.subarray(AT - 2, AT + 8))).toBe('a5a502ff80017f00a5a5');
  });

  test('words in network order, at an odd offset', () => {
    const { u8 } = arenaWith(new Uint8Array(0));
    putU16(u8, AT + 1, 0xbeef);
    putI32(u8, AT + 3, 0xcafe0001 | 0);
    expect(toHex(u8.subarray(AT, AT + 8))).toBe('a5beefcafe0001a5');
  });
});

describe('kinds of addresses', () => {
  test.each([
    ['020000000001', { group: false, broadcast: false, reserved: false }],
    ['fe0000000001', { group: false, broadcast: false, reserved: false }],
    ['01005e000001', { group: true, broadcast: false, reserved: false }],
    ['333300000001', { group: true, broadcast: false, reserved: false }],
    ['ffffffffffff', { group: true, broadcast: true, reserved: false }],
    ['fffffffffffe', { group: true, broadcast: false, reserved: false }],
    ['fdffffffffff', { group: true, broadcast: false, reserved: false }],
    ['0180c2000000', { group: true, broadcast: false, reserved: true }],
    ['0180c200000f', { group: true, broadcast: false, reserved: true }],
    ['0180c2000010', { group: true, broadcast: false, reserved: false }],
    ['0180c2000100', { group: true, broadcast: false, reserved: false }],
    ['0180c2010000', { group: true, broadcast: false, reserved: false }],
    ['0180c2000080', { group: true, broadcast: false, reserved: false }],
    ['0080c2000000', { group: false, broadcast: false, reserved: false }],
    ['0180c3000000', { group: true, broadcast: false, reserved: false }],
  ])('%s', (mac, expected) => {
    const [hi16, lo32] = words(mac);
    expect({
      group: isGroup(hi16),
      broadcast: isBroadcast(hi16, lo32),
      reserved: isReserved(hi16, lo32),
    }).toEqual(expected);
  });

  test('reserved addresses differ in their last nibble', () => {
    const nibbles = Array.from({ length: 16 }, (_, nibble) => {
      const [, lo32] = words(`0180c200000${nibble.toString(16)}`);
      return reservedNibble(lo32);
    });
    expect(nibbles).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });
});
