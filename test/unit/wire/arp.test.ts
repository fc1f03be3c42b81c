import { describe, expect, test } from '@jest/globals';
import {
  ARP_FRAME_BYTES,
  REPLY,
  REQUEST,
  isEthernetIpv4,
  isFromSender,
  operation,
  putOperation,
  putSender,
  putTarget,
  senderAddress,
  senderHi16,
  senderLo32,
  targetAddress,
} from '../../../src/wire/arp';
import { DESTINATION, putMac } from '../../../src/wire/ethernet';
import { frameOf, fromHex, toHex } from '../../support/room-harness';

/** 192.0.2.1 at 02:00:00:00:00:01 asks everybody for 192.0.2.2. */
const FIELDS = {
  destination: 'ffffffffffff',
  source: '020000000001',
  etherType: '0806',
  hardwareType: '0001',
  protocolType: '0800',
  hardwareLength: '06',
  protocolLength: '04',
  operation: '0001',
  senderHardware: '020000000001',
  senderProtocol: 'c0000201',
  targetHardware: '000000000000',
  targetProtocol: 'c0000202',
};

/** The frame in a buffer of 0xa5, at a place that a burst would give it. */
function load(hex: string): { u8: Uint8Array; u16: Uint16Array; lengthBytes: number } {
  const bytes = fromHex(hex);
  const u8 = new Uint8Array(128).fill(0xa5);
  u8.set(bytes, 16);
  return { u8, u16: new Uint16Array(u8.buffer), lengthBytes: bytes.length };
}

function check(fields: Partial<typeof FIELDS>, cutBytes = 0): boolean {
  const { u16, lengthBytes } = load(frameOf({ ...FIELDS, ...fields }));
  return isEthernetIpv4(u16, 16, lengthBytes - cutBytes) && isFromSender(u16, 16);
}

describe('ARP on the wire', () => {
  test('a request is read', () => {
    const { u8, u16, lengthBytes } = load(frameOf(FIELDS));
    expect(isEthernetIpv4(u16, 16, lengthBytes)).toBe(true);
    expect(isFromSender(u16, 16)).toBe(true);
    expect(operation(u16, 16)).toBe(REQUEST);
    expect(senderHi16(u16, 16)).toBe(0x0002);
    expect(senderLo32(u16, 16)).toBe(0x01000000);
    expect(senderAddress(u8, 16)).toBe(0xc0000201 | 0);
    expect(targetAddress(u8, 16)).toBe(0xc0000202 | 0);
  });

  test('a reply is written, every byte of it', () => {
    const { u8, u16 } = load('');
    putMac(u16, 16 + DESTINATION, 0x0002, 0x01000000);
    putOperation(u16, 16, REPLY);
    putSender(u8, u16, 16, 0x0002, 0x02000000, 0xc0000202 | 0);
    putTarget(u8, u16, 16, 0x0002, 0x01000000, 0xc0000201 | 0);
    expect(toHex(u8.subarray(16, 16 + ARP_FRAME_BYTES + 1))).toBe(
      frameOf({
        destination: '020000000001',
        source: '020000000002',
        etherType: '0806',
        fixed: '0001 0800 06 04 0002',
        sender: '020000000002 c0000202',
        target: '020000000001 c0000201',
        untouched: 'a5',
      }),
    );
  });

  test.each<[string, Partial<typeof FIELDS>]>([
    ['a reply', { operation: '0002' }],
    ['a unicast request', { destination: '020000000009' }],
    ['a probe', { senderProtocol: '00000000' }],
    ['an announcement', { targetProtocol: 'c0000201' }],
    ['padded to 60 bytes', { targetProtocol: 'c0000202' + '00'.repeat(18) }],
  ])('%s is well formed', (_, fields) => {
    expect(check(fields)).toBe(true);
  });

  test.each<[string, Partial<typeof FIELDS>]>([
    ['hardware type 6, IEEE 802', { hardwareType: '0006' }],
    ['hardware type 0', { hardwareType: '0000' }],
    ['protocol type IPv6', { protocolType: '86dd' }],
    ['protocol type 0', { protocolType: '0000' }],
    ['hardware length 0', { hardwareLength: '00' }],
    ['hardware length 8', { hardwareLength: '08' }],
    ['protocol length 0', { protocolLength: '00' }],
    ['protocol length 16', { protocolLength: '10' }],
    ['operation 0', { operation: '0000' }],
    ['operation 3, RARP request', { operation: '0003' }],
    ['operation 256, byte order', { operation: '0100' }],
    ['a sender that is not the source', { senderHardware: '020000000002' }],
    ['a broadcast sender', { source: 'ffffffffffff', senderHardware: 'ffffffffffff' }],
    ['a multicast sender', { source: '01005e000001', senderHardware: '01005e000001' }],
    ['a zero sender', { source: '000000000000', senderHardware: '000000000000' }],
  ])('%s is malformed', (_, fields) => {
    expect(check(fields)).toBe(false);
  });

  test.each([1, 4, 20, 27, 28])('%i bytes short is malformed', (cutBytes) => {
    expect(check({}, cutBytes)).toBe(false);
  });
});
