import { beforeEach, describe, expect, test } from '@jest/globals';
import { ICMP_COUNTERS, IcmpCounter } from '../../../src/icmp/counters';
import { type IpKey, ipv4OfKey } from '../../../src/wire/ip-key';
import { EchoResponder } from '../../../src/icmp/echo';
import { parseMac } from '../../../src/wire/mac';
import type { MacWords } from '../../../src/wire/mac';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import { CountingSink, RoomHarness, frameOf, fromHex, toHex } from '../../support/room-harness';

const PORT = 3;
const SWITCH_IP = 0xc00002fe | 0;

/** 192.0.2.1 pings the switch, 192.0.2.254, with three bytes of data: an odd length. */
const REQUEST = {
  destination: '020000000099',
  source: '020000000001',
  etherType: '0800',
  versionAndTos: '45 b8',
  totalLength: '001f',
  identification: '1234',
  flags: '4000',
  ttlAndProtocol: '40 01',
  headerChecksum: 'a2f2',
  senderIp: 'c0000201',
  targetIp: 'c00002fe',
  typeAndCode: '08 00',
  checksum: '0aee',
  identifier: 'abcd',
  sequence: '0001',
  data: '414300',
};

const REPLY = {
  destination: '020000000001',
  source: '020000000099',
  etherType: '0800',
  versionAndTos: '45 b8',
  totalLength: '001f',
  identification: '0000',
  flags: '4000',
  ttlAndProtocol: '40 01',
  headerChecksum: 'b526',
  senderIp: 'c00002fe',
  targetIp: 'c0000201',
  typeAndCode: '00 00',
  checksum: '12ee',
  identifier: 'abcd',
  sequence: '0001',
  data: '414300',
};

/** The checksum of hex words, by another algorithm than that of the code. */
function checksumOf(hex: string): string {
  const bytes = fromHex(hex);
  let sum = 0;
  bytes.forEach((byte, index) => (sum += index % 2 === 0 ? byte * 256 : byte));
  return (0xffff - (sum % 0xffff)).toString(16).padStart(4, '0');
}

type Packet = typeof REQUEST;

/** The frame with its two correct checksums. */
function withChecksums(packet: Packet): string {
  const header =
    packet.versionAndTos +
    packet.totalLength +
    packet.identification +
    packet.flags +
    packet.ttlAndProtocol +
    packet.senderIp +
    packet.targetIp;
  const message = packet.typeAndCode + packet.identifier + packet.sequence + packet.data;
  return frameOf({
    ...packet,
    headerChecksum: checksumOf(header),
    checksum: checksumOf(message),
  });
}

let harness: RoomHarness;
let counters: CountingSink;
let room: EchoResponder;

beforeEach(() => {
  harness = new RoomHarness();
  counters = new CountingSink();
  const owner = { owns: (key: IpKey) => ipv4OfKey(key) === SWITCH_IP };
  room = new EchoResponder(parseMac('02:00:00:00:00:99') as MacWords, owner, counters);
});

function receive(hex: string, nowMs = 0, vnetHeader?: string): number {
  return room.receive(harness.receive(hex, PORT, vnetHeader), harness.at(nowMs));
}

describe('echo', () => {
  test('is answered out of its ingress port', () => {
    expect(receive(frameOf(REQUEST))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: frameOf(REPLY) }]);
    expect(counters.of(IcmpCounter.EchoAnswered)).toBe(1);
  });

  test('padding behind the packet is not sent back', () => {
    receive(frameOf({ ...REQUEST, padding: '5a'.repeat(15) }));
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: frameOf(REPLY) }]);
  });

  test('options are skipped', () => {
    const options = '94040000'; // router alert
    const header = '46b80023123440004001c0000201c00002fe' + options;
    const request = frameOf({
      ...REQUEST,
      versionAndTos: '46 b8',
      totalLength: '0023',
      headerChecksum: checksumOf(header),
      targetIp: REQUEST.targetIp + options,
    });
    expect(receive(request)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: frameOf(REPLY) }]);
  });

  test.each([0, 1, 56, 1472, 8972, 65_507])('%i bytes of data', (dataBytes) => {
    const data = toHex(Uint8Array.from({ length: dataBytes }, (_, index) => index * 7));
    const totalLength = (28 + dataBytes).toString(16).padStart(4, '0');
    const request = { ...REQUEST, totalLength, data };
    receive(withChecksums(request));
    expect(harness.takeSent()).toEqual([
      { port: PORT, hex: withChecksums({ ...REPLY, totalLength, data }) },
    ]);
  });

  test('a partial checksum, which the sender left to the device, is no error', () => {
    const request = frameOf({ ...REQUEST, checksum: 'dead' });
    const needsChecksum = '01 00 0000 0000 2200 0200';
    expect(receive(request, 0, needsChecksum)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: frameOf(REPLY) }]);
  });
});

describe('other frames pass', () => {
  test.each<[string, Partial<Packet>]>([
    ['another address', { targetIp: 'c00002fd' }],
    ['UDP', { ttlAndProtocol: '40 11' }],
    ['an echo reply', { typeAndCode: '00 00' }],
    ['an unreachable', { typeAndCode: '03 01' }],
    ['an echo with a code', { typeAndCode: '08 01' }],
  ])('%s', (_, fields) => {
    expect(receive(withChecksums({ ...REQUEST, ...fields }))).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.counts.size).toBe(0);
  });
});

describe('malformed', () => {
  test.each<[string, Partial<Packet>]>([
    ['from the unspecified address', { senderIp: '00000000' }],
    ['from a multicast address', { senderIp: 'e0000001' }],
    ['from the broadcast address', { senderIp: 'ffffffff' }],
    ['from a loopback address', { senderIp: '7f000001' }],
    ["from the switch's own address", { senderIp: 'c00002fe' }],
    ['version 5', { versionAndTos: '55 b8' }],
    ['header length 16', { versionAndTos: '44 b8' }],
    ['total length beyond the frame', { totalLength: '0020' }],
    ['no whole ICMP header', { totalLength: '001b' }],
    ['no ICMP header', { totalLength: '0014' }],
  ])('%s: not answered, counted', (_, fields) => {
    expect(receive(withChecksums({ ...REQUEST, ...fields }))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.Malformed)).toBe(1);
  });

  test.each<[string, string]>([
    ['a wrong header checksum', frameOf({ ...REQUEST, headerChecksum: 'a2f3' })],
    ['a wrong ICMP checksum', frameOf({ ...REQUEST, checksum: '0aef' })],
    ['an Ethernet header alone', frameOf(REQUEST).slice(0, 28)],
    ['half an IPv4 header', frameOf(REQUEST).slice(0, 48)],
  ])('%s: not answered, counted', (_, hex) => {
    expect(receive(hex)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.Malformed)).toBe(1);
  });

  test('a wrong checksum is an error also if the virtio header declares another field as open', () => {
    receive(frameOf({ ...REQUEST, checksum: 'dead' }), 0, '01 00 0000 0000 2200 1000');
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.Malformed)).toBe(1);
  });
});

describe('fragments', () => {
  const FIRST = withChecksums({ ...REQUEST, flags: '2000' });
  const LATER = withChecksums({ ...REQUEST, flags: '0003' });

  /** Type 11 code 1, quoting the header and eight bytes. */
  const quoted = FIRST.slice(28, 28 + 2 * 28);
  const TIME_EXCEEDED = withChecksums({
    ...REPLY,
    totalLength: '0038',
    typeAndCode: '0b 01',
    identifier: '0000',
    sequence: '0000',
    data: quoted,
  });

  test('the first fragment is refused with an error', () => {
    expect(receive(FIRST)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: TIME_EXCEEDED }]);
    expect(counters.of(IcmpCounter.FragmentRefused)).toBe(1);
  });

  test('the other fragments are refused without an error', () => {
    expect(receive(LATER)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(IcmpCounter.FragmentRefused)).toBe(1);
  });

  test('at most ten errors a second are sent', () => {
    for (let nowMs = 0; nowMs < 1_000; nowMs++) receive(FIRST, nowMs);
    expect(harness.takeSent()).toHaveLength(10);
    expect(counters.of(IcmpCounter.FragmentRefused)).toBe(1_000);
  });
});

test('every counter has a name and a meaning', () => {
  expect(ICMP_COUNTERS).toHaveLength(Object.keys(IcmpCounter).length);
  expect(new Set(ICMP_COUNTERS.map(({ name }) => name)).size).toBe(ICMP_COUNTERS.length);
});
