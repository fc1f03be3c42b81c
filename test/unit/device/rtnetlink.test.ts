import { describe, expect, test } from '@jest/globals';
import {
  AddressAttribute,
  Flag,
  InfoAttribute,
  LINK_PART_BYTES,
  LinkAttribute,
  Message,
  TunAttribute,
  decodeAddressPart,
  decodeAttributes,
  decodeLinkPart,
  decodeMessages,
  decodeName,
  encodeAddressPart,
  encodeAttribute,
  encodeLinkPart,
  encodeMessage,
  encodeName,
  encodeU32,
} from '../../../src/device/rtnetlink';
import { fromHex, toHex } from '../../support/room-harness';

const bytes = (...fields: string[]): Buffer => Buffer.from(fromHex(fields.join('')));

describe('a request', () => {
  test('to set an interface up, by name', () => {
    const request = encodeMessage(
      Message.NewLink,
      Flag.Acknowledge,
      encodeLinkPart({ flags: 1, mask: 1 }),
      [encodeAttribute(LinkAttribute.Name, encodeName('tap0'))],
    );
    expect(toHex(request)).toBe(
      [
        '2c000000', // length: 44
        '1000 0500', // RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK
        '00000000 00000000', // sequence number, port id
        '00 00 0000 00000000', // family, padding, type, index
        '01000000 01000000', // flags, change
        '0900 0300 74617030 00 000000', // length 9, IFLA_IFNAME, "tap0", padding
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  test('to add an address', () => {
    const request = encodeMessage(
      Message.NewAddress,
      Flag.Acknowledge | Flag.Create | Flag.Exclusive,
      encodeAddressPart({ family: 2, prefixLength: 24, index: 7 }),
      [encodeAttribute(AddressAttribute.Local, fromHex('c0000201'))],
    );
    expect(toHex(request)).toBe(
      [
        '20000000 1400 0506 00000000 00000000', // RTM_NEWADDR, REQUEST | ACK | EXCL | CREATE
        '02 18 00 00 07000000', // AF_INET, /24, flags, scope, index
        '0800 0200 c0000201', // IFA_LOCAL
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });
});

describe('an answer', () => {
  const DONE = bytes('14000000 0300 0200 00000000 00000000 00000000');

  test('to a dump is its messages, up to the end', () => {
    const link = encodeMessage(Message.NewLink, 0, Buffer.alloc(LINK_PART_BYTES));
    const { messages, outcome } = decodeMessages(Buffer.concat([link, link, DONE]));
    expect(messages.map(({ type, body }) => [type, body.length])).toEqual([
      [Message.NewLink, LINK_PART_BYTES],
      [Message.NewLink, LINK_PART_BYTES],
    ]);
    expect(outcome).toEqual({ errno: 0, reason: undefined });
  });

  test('is an acknowledgement', () => {
    const acknowledged = bytes(
      '24000000 0200 0001 00000000 00000000', // NLMSG_ERROR, NLM_F_CAPPED
      '00000000', // errno 0
      '2c000000 1000 0500 00000000 00000000', // the header of the request
    );
    expect(decodeMessages(acknowledged).outcome).toEqual({ errno: 0, reason: undefined });
  });

  test('is a refusal with a reason, whether the request is quoted or not', () => {
    const reason = encodeAttribute(1, encodeName('mtu less than device minimum'));
    const request = bytes('18000000 1000 0500 00000000 00000000 1122334455667788');
    const refused = (flags: string, quoted: Buffer): Buffer => {
      const body = Buffer.concat([bytes('eaffffff'), quoted, reason]); // -EINVAL
      const header = bytes('00000000 0200', flags, '00000000 00000000');
      header.writeUInt32LE(header.length + body.length);
      return Buffer.concat([header, body]);
    };
    const expected = { errno: 22, reason: 'mtu less than device minimum' };
    expect(decodeMessages(refused('0003', request.subarray(0, 16))).outcome).toEqual(expected);
    expect(decodeMessages(refused('0002', request)).outcome).toEqual(expected);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no end', encodeMessage(Message.NewLink, 0, Buffer.alloc(LINK_PART_BYTES))],
    ['half a header', DONE.subarray(0, 10)],
    ['less than it says', bytes('20000000 0300 0200 00000000 00000000 00000000')],
    ['a length of zero', Buffer.alloc(64)],
  ])('that has %s is refused', (_, answer) => {
    expect(() => decodeMessages(answer)).toThrow(RangeError);
  });
});

describe('the parts of a message', () => {
  test('decode to the values that were encoded', () => {
    const link = encodeLinkPart({ flags: 0x1043, mask: 0xffffffff });
    expect(decodeLinkPart(link)).toEqual({ index: 0, flags: 0x1043 });
    const address = { family: 10, prefixLength: 64, index: 70_000 };
    expect(decodeAddressPart(encodeAddressPart(address))).toEqual(address);
    expect(decodeName(encodeName('tap0'))).toBe('tap0');
    expect(encodeU32(0xdeadbeef).readUInt32LE()).toBe(0xdeadbeef);
  });

  test('are attributes within attributes', () => {
    const data = [TunAttribute.Type, TunAttribute.Persist].map((type, index) =>
      encodeAttribute(type, Uint8Array.of(2 - index)),
    );
    const info = [
      encodeAttribute(InfoAttribute.Kind, encodeName('tun')),
      // NLA_F_NESTED, as the kernel may set it.
      encodeAttribute(InfoAttribute.Data | 0x8000, Buffer.concat(data)),
    ];
    const outer = decodeAttributes(Buffer.concat(info));
    expect(decodeName(outer.get(InfoAttribute.Kind) as Buffer)).toBe('tun');
    const inner = decodeAttributes(outer.get(InfoAttribute.Data) as Buffer);
    expect([...inner].map(([type, [value]]) => [type, value])).toEqual([
      [TunAttribute.Type, 2],
      [TunAttribute.Persist, 1],
    ]);
  });

  test.each([
    ['a length below that of a header', '0300 0100'],
    ['a length beyond the end', '0900 0100 00000000'],
    ['half a header', '0800'],
  ])('end at %s', (_, hex) => {
    expect(decodeAttributes(bytes(hex)).size).toBe(0);
  });
});
