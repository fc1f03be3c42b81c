import { describe, expect, test } from '@jest/globals';
import { AS_IT_IS, STRIP, push, shiftOf, writeAsItLeaves } from '../../../src/frame/tag-operation';
import { VNET_HEADER_BYTES } from '../../../src/wire/virtio';
import { fromHex, toHex } from '../../support/room-harness';

const TO = '020000000001';
const FROM = '020000000002';
const PACKET = '0800 4500';
const PLAIN = '00'.repeat(VNET_HEADER_BYTES);

/** Bytes of a frame that leave, hex, its vnet header first. A byte that is not written is 0xa5. */
function leaving(
  frame: string,
  operation: number,
  vnetHeader = PLAIN,
): { vnet: string; frame: string } {
  const bytes = fromHex(vnetHeader + frame);
  const out = new Uint8Array(200).fill(0xa5);
  const lengthBytes = writeAsItLeaves(
    bytes,
    VNET_HEADER_BYTES,
    bytes.length - VNET_HEADER_BYTES,
    operation,
    out,
    // Behind an odd number of bytes, as in a stream.
    VNET_HEADER_BYTES + 1,
  );
  const at = VNET_HEADER_BYTES + 1;
  expect(out.subarray(at + lengthBytes).every((byte) => byte === 0xa5)).toBe(true);
  return {
    vnet: toHex(out.subarray(1, at)),
    frame: toHex(out.subarray(at, at + lengthBytes)),
  };
}

const hex = (text: string): string => toHex(fromHex(text));

describe('the encoding of a tag operation', () => {
  test.each([
    ['a tag of VLAN 1', 0x8100, 0x0001, 0x81000001],
    ['a tag with all bits set', 0x8100, 0xffff, 0x8100ffff],
    ['a service tag of VLAN 0', 0x88a8, 0x0000, 0x88a80000],
  ])('of %s is TPID and TCI as they stand on the wire', (_title, tpid, tci, unsigned) => {
    const operation = push(tpid, tci);
    expect(operation >>> 0).toBe(unsigned);
    expect(operation).toBe(operation | 0);
    expect([AS_IT_IS, STRIP]).not.toContain(operation);
  });

  test.each([
    ['as it is', AS_IT_IS, 0],
    ['strip', STRIP, -4],
    ['push', push(0x8100, 0), 4],
  ])('%s changes the length by its bytes', (_title, operation, shift) => {
    expect(shiftOf(operation)).toBe(shift);
  });
});

describe('a frame as it leaves', () => {
  test.each([
    ['as it is', TO + FROM + PACKET, AS_IT_IS, TO + FROM + PACKET],
    ['without its tag', `${TO}${FROM} 8100 000a ${PACKET}`, STRIP, TO + FROM + PACKET],
    [
      'without the outer one of its tags',
      `${TO}${FROM} 88a8 0064 8100 000a ${PACKET}`,
      STRIP,
      `${TO}${FROM} 8100 000a ${PACKET}`,
    ],
    ['without a tag, and nothing left behind it', `${TO}${FROM} 8100 000a`, STRIP, TO + FROM],
    ['behind a tag', TO + FROM + PACKET, push(0x8100, 0xe00a), `${TO}${FROM} 8100 e00a ${PACKET}`],
    [
      'behind a service tag in front of its own',
      `${TO}${FROM} 8100 000a ${PACKET}`,
      push(0x88a8, 0x0064),
      `${TO}${FROM} 88a8 0064 8100 000a ${PACKET}`,
    ],
  ])('%s', (_title, frame, operation, expected) => {
    expect(leaving(frame, operation)).toEqual({ vnet: PLAIN, frame: hex(expected) });
  });

  // struct virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset.
  const FRAME = `${TO}${FROM} 8100 000a ${PACKET}`;
  test.each([
    ['a plain frame', '00 00 0000 0000 0000 0000', '00 00 0000 0000 0000 0000'],
    ['a verified checksum', '02 00 0000 0000 0000 0000', '02 00 0000 0000 0000 0000'],
    ['a plain frame with fields that mean nothing', '00 00 3600 0000 2600 1000', undefined],
    ['an open checksum', '01 00 0000 0000 2600 1000', '01 00 0000 0000 2200 1000'],
    ['a super-frame', '01 01 3a00 a805 2600 1000', '01 01 3600 a805 2200 1000'],
    [
      'a super-frame with a complete checksum',
      '00 01 3a00 a805 0000 0000',
      '00 01 3600 a805 0000 0000',
    ],
    ['offsets with a carry', '01 01 0101 a805 0201 1000', '01 01 fd00 a805 fe00 1000'],
  ])('stripped, and the vnet header of %s', (_title, vnetHeader, expected = vnetHeader) => {
    expect(leaving(FRAME, STRIP, hex(vnetHeader)).vnet).toBe(hex(expected));
  });

  test.each([
    ['a plain frame', '00 00 0000 0000 0000 0000', '00 00 0000 0000 0000 0000'],
    ['an open checksum', '01 00 0000 0000 2600 1000', '01 00 0000 0000 2a00 1000'],
    ['a super-frame', '01 05 3a00 a805 fe00 0600', '01 05 3e00 a805 0201 0600'],
  ])('with a tag pushed, and the vnet header of %s', (_title, vnetHeader, expected) => {
    expect(leaving(FRAME, push(0x88a8, 1), hex(vnetHeader)).vnet).toBe(hex(expected));
  });
});
