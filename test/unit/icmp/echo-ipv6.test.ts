import { beforeEach, describe, expect, test } from '@jest/globals';
import { IcmpCounter } from '../../../src/icmp/counters';
import { EchoResponderIpv6 } from '../../../src/icmp/echo-ipv6';
import { type IpKey, ipKeyOf, isSameIpKey } from '../../../src/wire/ip-key';
import { parseMac } from '../../../src/wire/mac';
import type { MacWords } from '../../../src/wire/mac';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import { printed, station } from '../../support/ethernet';
import { icmpv6Frame, ipHex, ipv6Frame } from '../../support/ip-frames';
import { CountingSink, RoomHarness, fromHex, toHex } from '../../support/room-harness';

const PORT = 3;
const SWITCH = station(0x99);
const HOST = station(1);
const SWITCH_IP = '2001:db8::fe';
const HOST_IP = '2001:db8::1';

/** 2001:db8::1 pings the switch with three bytes of data: an odd length. */
const REQUEST = {
  to: SWITCH,
  from: HOST,
  source: HOST_IP,
  destination: SWITCH_IP,
  classAndFlow: 'b812345',
  hopLimit: '40',
  typeAndCode: '8000',
  body: 'abcd0001 414300',
};
const REPLY = {
  ...REQUEST,
  to: HOST,
  from: SWITCH,
  source: SWITCH_IP,
  destination: HOST_IP,
  classAndFlow: 'b800000',
  typeAndCode: '8100',
};

let harness: RoomHarness;
let counters: CountingSink;
let room: EchoResponderIpv6;

beforeEach(() => {
  harness = new RoomHarness();
  counters = new CountingSink();
  const key = ipKeyOf(fromHex(ipHex(SWITCH_IP)));
  const owner = { owns: (asked: IpKey) => isSameIpKey(asked, key) };
  room = new EchoResponderIpv6(parseMac(printed(SWITCH)) as MacWords, owner, counters);
});

function receive(hex: string, nowMs = 0, vnetHeader?: string): number {
  return room.receive(harness.receive(hex, PORT, vnetHeader), harness.at(nowMs));
}

describe('echo', () => {
  test('is answered out of its ingress port, with the same traffic class', () => {
    expect(receive(icmpv6Frame(REQUEST))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: icmpv6Frame(REPLY) }]);
    expect(counters.of(IcmpCounter.EchoAnswered)).toBe(1);
  });

  test('padding behind the packet is not sent back', () => {
    receive(icmpv6Frame(REQUEST) + '5a'.repeat(9));
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: icmpv6Frame(REPLY) }]);
  });

  test.each([0, 1, 56, 1452, 8952, 65_527])('%i bytes of data', (dataBytes) => {
    const data = toHex(Uint8Array.from({ length: dataBytes }, (_, index) => index * 7));
    const body = `abcd0001${data}`;
    receive(icmpv6Frame({ ...REQUEST, body }));
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: icmpv6Frame({ ...REPLY, body }) }]);
  });

  test('a partial checksum, which the sender left to the device, is no error', () => {
    const request = icmpv6Frame({ ...REQUEST, checksum: 'dead' });
    expect(receive(request, 0, '01 00 0000 0000 3600 0200')).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: icmpv6Frame(REPLY) }]);
  });
});

describe('other frames pass', () => {
  test.each([
    ['another address', icmpv6Frame({ ...REQUEST, destination: '2001:db8::fd' })],
    ['UDP', ipv6Frame({ ...REQUEST, nextHeader: '11', payload: '00' })],
    ['an echo reply', icmpv6Frame({ ...REQUEST, typeAndCode: '8100' })],
    ['an echo with a code', icmpv6Frame({ ...REQUEST, typeAndCode: '8001' })],
    ['a fragment of UDP', ipv6Frame({ ...REQUEST, nextHeader: '2c', payload: '1100000112345678' })],
  ])('%s', (_, frame) => {
    expect(receive(frame)).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.counts.size).toBe(0);
  });
});

describe('malformed', () => {
  test.each([
    ['from the unspecified address', icmpv6Frame({ ...REQUEST, source: '::' })],
    ['from a multicast address', icmpv6Frame({ ...REQUEST, source: 'ff02::1' })],
    ['from the loopback address', icmpv6Frame({ ...REQUEST, source: '::1' })],
    ["from the switch's own address", icmpv6Frame({ ...REQUEST, source: SWITCH_IP })],
    ['version 4', icmpv6Frame(REQUEST).replace('86dd6', '86dd4')],
    ['cut short', icmpv6Frame(REQUEST).slice(0, -2)],
    ['an Ethernet header alone', icmpv6Frame(REQUEST).slice(0, 28)],
    ['no whole ICMP header', icmpv6Frame({ ...REQUEST, body: 'abcd00' })],
    ['a wrong checksum', icmpv6Frame({ ...REQUEST, checksum: 'dead' })],
    ['half a fragment header', ipv6Frame({ ...REQUEST, nextHeader: '2c', payload: '3a000001' })],
  ])('%s: not answered, counted', (_, frame) => {
    expect(receive(frame)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.Malformed)).toBe(1);
  });
});

describe('fragments', () => {
  const fragment = (offsetAndFlags: string, dataBytes = 8): string =>
    ipv6Frame({
      ...REQUEST,
      nextHeader: '2c',
      payload: `3a00${offsetAndFlags}12345678 8000beefabcd0001${'5a'.repeat(dataBytes - 8)}`,
    });

  /** Type 3 code 1, quoting as much as a packet of 1280 bytes can hold. */
  const explanation = (frame: string): string =>
    icmpv6Frame({
      ...REPLY,
      typeAndCode: '0301',
      body: `00000000${frame.slice(28, 28 + 2 * 1232)}`,
    });

  test.each([8, 1184, 1400])('the first one, %i bytes, is refused with an error', (dataBytes) => {
    const frame = fragment('0001', dataBytes);
    expect(receive(frame)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: explanation(frame) }]);
    expect(counters.of(IcmpCounter.FragmentRefused)).toBe(1);
  });

  test('the other fragments are refused without an error', () => {
    expect(receive(fragment('0008'))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.FragmentRefused)).toBe(1);
  });

  test('at most ten errors a second are sent', () => {
    for (let nowMs = 0; nowMs < 1_000; nowMs++) receive(fragment('0001'), nowMs);
    expect(harness.takeSent()).toHaveLength(10);
  });
});
