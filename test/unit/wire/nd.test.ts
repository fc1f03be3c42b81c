import { describe, expect, test } from '@jest/globals';
import {
  FLAG_OVERRIDE,
  FLAG_ROUTER,
  FLAG_SOLICITED,
  SOURCE_LINK_LAYER,
  TARGET_LINK_LAYER,
  hasFlag,
  isFromSender,
  isNeighbourDiscovery,
  isValidMessage,
  linkLayerOption,
  messageType,
} from '../../../src/wire/nd';
import { station } from '../../support/ethernet';
import {
  advertisement,
  icmpv6Frame,
  ipHex,
  ipv6Frame,
  ipv6Probe,
  solicitation,
} from '../../support/ip-frames';
import { frameOf, fromHex } from '../../support/room-harness';

const HOST = station(1);
const HOST_IP = '2001:db8::1';
const TARGET_IP = '2001:db8::2';
const LINK_LOCAL = 'fe80::ff:fe00:1';

/** 2001:db8::1 asks for 2001:db8::2; the checksum is computed by hand. */
const LITERAL = frameOf({
  destination: '3333ff000002',
  source: '020000000001',
  etherType: '86dd',
  versionClassAndFlow: '60000000',
  payloadLength: '0020',
  nextHeader: '3a',
  hopLimit: 'ff',
  sourceAddress: '20010db8000000000000000000000001',
  destinationAddress: 'ff0200000000000000000001ff000002',
  type: '87',
  code: '00',
  checksum: '1c27',
  reserved: '00000000',
  target: '20010db8000000000000000000000002',
  option: '01 01 020000000001',
});

const SOLICITATION = { mac: HOST, source: HOST_IP, target: TARGET_IP };
const ADVERTISEMENT = { mac: HOST, target: HOST_IP, flags: '20' };

/** The frame in a buffer of 0xa5, at a place that a burst would give it. */
function load(hex: string): { u8: Uint8Array; u16: Uint16Array; lengthBytes: number } {
  const bytes = fromHex(hex);
  const u8 = new Uint8Array(2048).fill(0xa5);
  u8.fill(0, 6, 16);
  u8.set(bytes, 16);
  return { u8, u16: new Uint16Array(u8.buffer), lengthBytes: bytes.length };
}

function isValid(hex: string, cutBytes = 0): boolean {
  const { u8, u16, lengthBytes } = load(hex);
  const isDiscovery = isNeighbourDiscovery(u8, 16, lengthBytes - cutBytes);
  return isDiscovery && isValidMessage(u8, u16, 16, lengthBytes - cutBytes);
}

/** A router advertisement or redirect, or any other message with a body. */
function message(
  typeAndCode: string,
  body: string,
  source = LINK_LOCAL,
  destination = 'ff02::1',
): string {
  return icmpv6Frame({ to: '333300000001', from: HOST, source, destination, typeAndCode, body });
}

const ROUTER_BODY = '40000708 00000000 00000000';
const REDIRECT_BODY = `00000000${ipHex(HOST_IP)}${ipHex(TARGET_IP)}`;

describe('Neighbor Discovery on the wire', () => {
  test('a literal solicitation equals the one that the test builds', () => {
    expect(solicitation(SOLICITATION)).toBe(LITERAL);
  });

  test('its fields are read', () => {
    const { u8, u16 } = load(LITERAL);
    expect(messageType(u8, 16)).toBe(135);
    expect(linkLayerOption(u8, 16, SOURCE_LINK_LAYER)).toBe(16 + 80);
    expect(linkLayerOption(u8, 16, TARGET_LINK_LAYER)).toBe(-1);
    expect(isFromSender(u8, u16, 16)).toBe(true);
  });

  test('the flags of an advertisement are read', () => {
    const { u8 } = load(advertisement({ ...ADVERTISEMENT, flags: 'a0' }));
    expect(
      [FLAG_ROUTER, FLAG_SOLICITED, FLAG_OVERRIDE].map((flag) => hasFlag(u8, 16, flag)),
    ).toEqual([true, false, true]);
  });

  test.each([
    ['a solicitation', solicitation(SOLICITATION)],
    [
      'a unicast one without option',
      solicitation({ ...SOLICITATION, to: station(2), destination: TARGET_IP, options: '' }),
    ],
    [
      'with an unknown option',
      solicitation({ ...SOLICITATION, options: `0e02${'00'.repeat(14)}0101${HOST}` }),
    ],
    ['a probe', ipv6Probe(HOST, HOST_IP)],
    ['an advertisement', advertisement(ADVERTISEMENT)],
    ['a solicited one', advertisement({ ...ADVERTISEMENT, flags: '60', destination: TARGET_IP })],
    [
      'one without option',
      advertisement({ ...ADVERTISEMENT, flags: '40', destination: TARGET_IP, options: '' }),
    ],
    ['a router solicitation', message('8500', `00000000 0101${HOST}`)],
    ['one of nobody', message('8500', '00000000', '::')],
    ['a router advertisement', message('8600', `${ROUTER_BODY} 0101${HOST}`)],
    ['a redirect', message('8900', REDIRECT_BODY)],
    ['padding behind the packet', `${solicitation(SOLICITATION)}0000`],
  ])('%s is valid', (_, hex) => {
    expect(isValid(hex)).toBe(true);
  });

  test.each([
    ['hop limit 254, forwarded', solicitation({ ...SOLICITATION, hopLimit: 'fe' })],
    ['hop limit 254 of an advertisement', advertisement({ ...ADVERTISEMENT, hopLimit: 'fe' })],
    ['a wrong checksum', solicitation({ ...SOLICITATION, checksum: '1c28' })],
    ['no checksum', solicitation({ ...SOLICITATION, checksum: '0000' })],
    ['a code', message('8701', `00000000${ipHex(TARGET_IP)}`)],
    ['a body cut short', message('8700', `00000000${ipHex(TARGET_IP).slice(2)}`)],
    ['no body', message('8800', '')],
    ['a multicast target', solicitation({ ...SOLICITATION, target: 'ff02::2' })],
    [
      'a multicast target, advertised',
      advertisement({ ...ADVERTISEMENT, target: 'ff02::2', source: HOST_IP }),
    ],
    ['a multicast source', solicitation({ ...SOLICITATION, source: 'ff02::2' })],
    ['an option of length 0', solicitation({ ...SOLICITATION, options: `0100${HOST}` })],
    ['an option beyond the end', solicitation({ ...SOLICITATION, options: `0102${HOST}` })],
    ['half an option', solicitation({ ...SOLICITATION, options: '01' })],
    ['a probe with its MAC', solicitation({ ...SOLICITATION, source: '::' })],
    [
      'a probe that is not for the group',
      solicitation({ ...SOLICITATION, source: '::', options: '', destination: 'ff02::1' }),
    ],
    ['a solicited advertisement to all', advertisement({ ...ADVERTISEMENT, flags: '60' })],
    ['a router solicitation of nobody with a MAC', message('8500', `00000000 0101${HOST}`, '::')],
    ['a router advertisement from afar', message('8600', ROUTER_BODY, HOST_IP)],
    ['a router advertisement of nobody', message('8600', ROUTER_BODY, '::')],
    ['a redirect from afar', message('8900', REDIRECT_BODY, HOST_IP)],
    ['version 4', solicitation(SOLICITATION).replace('86dd60', '86dd40')],
    ['a length beyond the end', solicitation(SOLICITATION).replace('00203aff', '00213aff')],
  ])('%s is not', (_, hex) => {
    expect(isValid(hex)).toBe(false);
  });

  test.each([1, 8, 9, 16, 31, 32, 40, 72])('%i bytes short is not', (cutBytes) => {
    expect(isValid(solicitation(SOLICITATION), cutBytes)).toBe(false);
  });

  test.each([
    ['echo', message('8000', '00000000')],
    ['a listener report', message('8f00', '00000000')],
    [
      'TCP',
      ipv6Frame({
        to: HOST,
        from: HOST,
        source: HOST_IP,
        destination: TARGET_IP,
        nextHeader: '06',
        payload: '8700',
      }),
    ],
    [
      'nothing behind the header',
      ipv6Frame({ to: HOST, from: HOST, source: HOST_IP, destination: TARGET_IP, payload: '' }),
    ],
  ])('%s is no Neighbor Discovery', (_, hex) => {
    const { u8, lengthBytes } = load(hex);
    expect(isNeighbourDiscovery(u8, 16, lengthBytes)).toBe(false);
  });

  test('a partial checksum, which the sender left to the device, is no error', () => {
    const { u8, u16, lengthBytes } = load(solicitation({ ...SOLICITATION, checksum: 'dead' }));
    expect(isValidMessage(u8, u16, 16, lengthBytes)).toBe(false);
    u8.set(fromHex('01 00 0000 0000 3600 0200'), 6);
    expect(isValidMessage(u8, u16, 16, lengthBytes)).toBe(true);
  });

  test.each([
    [
      'the source of a solicitation',
      solicitation({ ...SOLICITATION, options: `0101${station(7)}` }),
      false,
    ],
    [
      'the target of an advertisement',
      advertisement({ ...ADVERTISEMENT, options: `0201${station(7)}` }),
      false,
    ],
    [
      'the source of an advertisement',
      advertisement({ ...ADVERTISEMENT, options: `0101${station(7)}0201${HOST}` }),
      true,
    ],
    ['nobody', advertisement({ ...ADVERTISEMENT, options: '' }), true],
    [
      'the source of a solicitation, in a second option,',
      solicitation({ ...SOLICITATION, options: `0101${HOST}0101${station(7)}` }),
      false,
    ],
  ])('a message that names %s wrongly or not at all', (_, hex, expected) => {
    const { u8, u16 } = load(hex);
    expect(isFromSender(u8, u16, 16)).toBe(expected);
  });
});
