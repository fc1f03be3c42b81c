/** Software segmentation and checksums, byte by byte. */

import { describe, expect, test } from '@jest/globals';
import { Burst, HEADROOM_BYTES } from '../../../src/frame/burst';
import { VNET_HEADER_BYTES } from '../../../src/wire/virtio';
import type { Outbox } from '../../../src/frame/outbox';
import { classify } from '../../../src/frame/classify';
import { segmentTo } from '../../../src/frame/segment';
import {
  FLAG_DATA_VALID,
  FLAG_NEEDS_CSUM,
  GSO_TCPV4,
  GSO_TCPV6,
  GSO_UDP,
  GSO_UDP_L4,
} from '../../../src/wire/virtio';
import { frameOf, fromHex, toHex } from '../../support/room-harness';
import { PORT, segment } from '../../support/segmenter';
import {
  type Bytes,
  buildSuperFrame,
  expectedSegments,
  type SuperFrame,
  vnetHeader,
} from '../../support/super-frame';

const PLAIN_VNET = '00'.repeat(VNET_HEADER_BYTES);

const ethernet = { destination: '02000000000b', source: '02000000000a' };
const ipv4Addresses = { sourceAddress: 'c0000201', destinationAddress: 'c6336402' };
const ipv6Addresses = {
  sourceAddress: '20010db8 00000000 00000000 00000001',
  destinationAddress: '20010db8 00000000 00000000 00000002',
};
const ports = { sourcePort: '9c40', destinationPort: '1451' };

interface TcpFields {
  readonly totalLength: string;
  readonly identification: string;
  readonly headerChecksum: string;
  readonly sequence: string;
  readonly flags: string;
  readonly checksum: string;
  readonly payload: string;
}

function tcpFrame(fields: TcpFields): string {
  return frameOf({
    ...ethernet,
    type: '0800',
    versionLengthTos: '4502',
    totalLength: fields.totalLength,
    identification: fields.identification,
    dontFragment: '4000',
    timeToLive: '40',
    protocol: '06',
    headerChecksum: fields.headerChecksum,
    ...ipv4Addresses,
    ...ports,
    sequence: fields.sequence,
    acknowledgment: '0000000b',
    dataOffset: '50',
    flags: fields.flags,
    window: '01f5',
    checksum: fields.checksum,
    urgent: '0000',
    payload: fields.payload,
  });
}

/** Ten bytes, four a segment, with CWR, PSH, ACK and FIN; the identification wraps. */
const tcpSuperFrame: Bytes = {
  vnet: fromHex(
    frameOf({
      flags: '01',
      gsoType: '81',
      headerLength: '0000',
      gsoSize: '0400',
      csumStart: '2200',
      csumOffset: '1000',
    }),
  ),
  frame: fromHex(
    tcpFrame({
      totalLength: '0032',
      identification: 'fffe',
      headerChecksum: '4e8e',
      sequence: '0000000a',
      flags: '99',
      checksum: 'ec5b',
      payload: '6162636465666768696a',
    }),
  ),
};

function udpFrame(fields: {
  readonly payloadLength: string;
  readonly checksum: string;
  readonly payload: string;
}): string {
  return frameOf({
    ...ethernet,
    tag: '8100 0064',
    type: '86dd',
    versionClassLabel: '60000000',
    payloadLength: fields.payloadLength,
    nextHeader: '11',
    hopLimit: '40',
    ...ipv6Addresses,
    ...ports,
    length: fields.payloadLength,
    checksum: fields.checksum,
    payload: fields.payload,
  });
}

const udpOpen = fromHex(
  udpFrame({ payloadLength: '000d', checksum: '5b93', payload: '6162636465' }),
);
const udpPlaces = { csumStart: 58, csumOffset: 6 };

describe('segmentTo', () => {
  test('TCP over IPv4: each segment has its own numbers, flags and sums', () => {
    const { accepted, frames, vnets, ports: egress } = segment(tcpSuperFrame);
    expect(accepted).toBe(true);
    expect(frames).toEqual([
      // CWR and ACK.
      tcpFrame({
        totalLength: '002c',
        identification: 'fffe',
        headerChecksum: '4e94',
        sequence: '0000000a',
        flags: '90',
        checksum: '4bb7',
        payload: '61626364',
      }),
      // ACK alone.
      tcpFrame({
        totalLength: '002c',
        identification: 'ffff',
        headerChecksum: '4e93',
        sequence: '0000000e',
        flags: '10',
        checksum: '442b',
        payload: '65666768',
      }),
      // PSH, ACK and FIN.
      tcpFrame({
        totalLength: '002a',
        identification: '0000',
        headerChecksum: '4e95',
        sequence: '00000012',
        flags: '19',
        checksum: 'a784',
        payload: '696a',
      }),
    ]);
    expect(vnets).toEqual([PLAIN_VNET, PLAIN_VNET, PLAIN_VNET]);
    expect(egress).toEqual([PORT, PORT, PORT]);
  });

  test('UDP over IPv6 behind a tag: datagrams, the last one shorter', () => {
    const vnet = vnetHeader({
      flags: FLAG_NEEDS_CSUM,
      gsoType: GSO_UDP_L4,
      gsoSizeBytes: 3,
      ...udpPlaces,
    });
    expect(segment({ vnet, frame: udpOpen }).frames).toEqual([
      udpFrame({ payloadLength: '000b', checksum: '2f6f', payload: '616263' }),
      udpFrame({ payloadLength: '000a', checksum: '8f6e', payload: '6465' }),
    ]);
  });

  test('an open checksum is completed in a copy', () => {
    const vnet = vnetHeader({ flags: FLAG_NEEDS_CSUM, ...udpPlaces });
    const outcome = segment({ vnet, frame: udpOpen });
    expect(outcome.frames).toEqual([
      udpFrame({ payloadLength: '000d', checksum: 'ca06', payload: '6162636465' }),
    ]);
    expect(outcome.vnets).toEqual([PLAIN_VNET]);
    expect(outcome.isOriginalKept).toBe(true);
  });

  test('an open checksum may start at, and be at, odd offsets', () => {
    const header = frameOf({ ...ethernet, type: '88b5', before: 'ee' });
    const vnet = vnetHeader({ flags: FLAG_NEEDS_CSUM, csumStart: 15, csumOffset: 2 });
    // 0102 + 1000 + 0300 = 1402, and its complement is ebfd.
    const frame = fromHex(`${header} 0102 1000 03`);
    expect(segment({ vnet, frame }).frames).toEqual([`${header}0102ebfd03`]);
  });

  test('an open checksum of zero is written as 0xffff, in every protocol', () => {
    const header = frameOf({ ...ethernet, type: '88b5' });
    const vnet = vnetHeader({ flags: FLAG_NEEDS_CSUM, csumStart: 14, csumOffset: 2 });
    const frame = fromHex(`${header} 00ff 0000 ff00`);
    expect(segment({ vnet, frame }).frames).toEqual([`${header}00ffffffff00`]);
  });

  test.each(['tcp', 'udp'] as const)('%s: a sum of zero', (transport) => {
    const spec: SuperFrame = {
      ipVersion: 4,
      transport,
      payload: [0, 0],
      gsoSizeBytes: 1000,
      tcpFlags: 0,
    };
    const checksumAt = 34 + (transport === 'tcp' ? 16 : 6);
    const [first = new Uint8Array()] = expectedSegments(spec);
    // The checksum over a payload of zeros, as the payload, makes the sum zero.
    const payload = [...first.slice(checksumAt, checksumAt + 2)];
    const [made = ''] = segment(buildSuperFrame({ ...spec, payload })).frames;
    const checksum = made.slice(2 * checksumAt, 2 * checksumAt + 4);
    expect(checksum).toBe(transport === 'tcp' ? '0000' : 'ffff');
  });

  test.each([
    ['plain', vnetHeader({})],
    ['verified', vnetHeader({ flags: FLAG_DATA_VALID })],
  ])('a %s frame is sent as it is', (_, vnet) => {
    const outcome = segment({ vnet, frame: udpOpen });
    expect(outcome.accepted).toBe(true);
    expect(outcome.frames).toEqual([toHex(udpOpen)]);
    expect(outcome.vnets).toEqual([toHex(vnet)]);
  });

  test('a super-frame that fits one segment becomes one segment with its FIN, PSH and CWR', () => {
    const spec: SuperFrame = {
      ipVersion: 6,
      transport: 'tcp',
      payload: [1, 2, 3],
      gsoSizeBytes: 3,
      tcpFlags: 0xff,
    };
    expect(segment(buildSuperFrame(spec)).frames).toEqual(expectedSegments(spec).map(toHex));
  });

  test('a segmentation is not changed by another one that runs while it gets memory for a segment', () => {
    const outer = buildSuperFrame({
      ipVersion: 6,
      transport: 'udp',
      payloadBytes: 64,
      gsoSizeBytes: 10,
    });
    const alone = segment(outer).frames;
    const outbox = new NestingOutbox([outer, tcpSuperFrame]);
    expect(segmentTo(0, PORT, outbox)).toBe(true);
    expect(outbox.sentTo(PORT)).toEqual(alone);
    expect(outbox.sentTo(NESTED_PORT)).toEqual(alone.flatMap(() => segment(tcpSuperFrame).frames));
  });
});

const NESTED_PORT = 4;
const NOBODY = { hi16: 0, lo32: 0 };

/** An outbox as the bridge is while a port refuses a super-frame: `make` segments frame 1 before it returns. */
class NestingOutbox implements Outbox {
  readonly reporter = undefined;
  readonly burst = new Burst({ receiveFrames: 2 });
  private readonly sent: { readonly port: number; readonly bytes: string }[] = [];
  private isNested = false;

  constructor(frames: readonly Bytes[]) {
    const { burst } = this;
    frames.forEach(({ vnet, frame }, index) => {
      const at = HEADROOM_BYTES + index * 4096;
      burst.u8.set(vnet, at - VNET_HEADER_BYTES);
      burst.u8.set(frame, at);
      burst.offset[index] = at;
      burst.length[index] = frame.length;
    });
    burst.begin(frames.length);
    classify(burst, NOBODY, 0, frames.length);
  }

  make(lengthBytes: number): number {
    if (!this.isNested) {
      this.isNested = true;
      segmentTo(1, NESTED_PORT, this);
      this.isNested = false;
    }
    return this.burst.make(lengthBytes);
  }

  toPort(frame: number, port: number): void {
    this.sent.push({ port, bytes: toHex(this.burst.bytes(frame)) });
  }

  toLink(): void {
    throw new Error('a segment leaves by a port');
  }

  toAll(): void {
    throw new Error('a segment leaves by one port');
  }

  sentTo(port: number): string[] {
    return this.sent.filter((one) => one.port === port).map(({ bytes }) => bytes);
  }
}

describe('segmentBytes', () => {
  test.each([
    ['a plain frame', { vnet: vnetHeader({}), frame: udpOpen }, 71],
    [
      'an open checksum',
      { vnet: vnetHeader({ flags: FLAG_NEEDS_CSUM, ...udpPlaces }), frame: udpOpen },
      71,
    ],
    ['a TCP super-frame: headers of 54, and gso_size', tcpSuperFrame, 58],
    [
      'a super-frame that fits one segment',
      buildSuperFrame({ ipVersion: 4, transport: 'udp', payloadBytes: 100, gsoSizeBytes: 1472 }),
      142,
    ],
    [
      'a malformed super-frame: its own',
      { ...tcpSuperFrame, vnet: vnetHeader({ gsoType: GSO_TCPV4 }) },
      64,
    ],
  ])('of %s', (_, input, expected) => {
    expect(segment(input).segmentBytes).toBe(expected);
  });
});

describe('a malformed vnet header is refused', () => {
  const open = { flags: FLAG_NEEDS_CSUM };
  test.each([
    ['begins in the Ethernet header', { ...open, csumStart: 12, csumOffset: 6 }],
    ['lies behind the end', { ...open, csumStart: 58, csumOffset: 13 }],
    ['lies half behind the end', { ...open, csumStart: 58, csumOffset: 12 }],
    ['begins behind the end', { ...open, csumStart: 71, csumOffset: 0 }],
    ['is as far off as can be said', { ...open, csumStart: 0xffff, csumOffset: 0xffff }],
  ])('an open checksum that %s', (_, fields) => {
    expectRefused({ vnet: vnetHeader(fields), frame: udpOpen });
  });

  const udp = { ...open, gsoType: GSO_UDP_L4, gsoSizeBytes: 3, ...udpPlaces };
  test.each([
    ['a gso_size of zero', { ...udp, gsoSizeBytes: 0 }],
    ['the wrong csum_start', { ...udp, csumStart: 54 }],
    ['the right checksum, counted from elsewhere', { ...udp, csumStart: 56, csumOffset: 8 }],
    ['the wrong csum_offset', { ...udp, csumOffset: 16 }],
    ['legacy UDP fragmentation', { ...udp, gsoType: GSO_UDP }],
    ['an unknown kind', { ...udp, gsoType: 2 }],
    ['a tunnel', { ...udp, gsoType: GSO_UDP_L4 | 0x40 }],
  ])('a UDP super-frame with %s', (_, fields) => {
    expectRefused({ vnet: vnetHeader(fields), frame: udpOpen });
  });

  test('a gso_size of zero without a payload', () => {
    const { vnet, frame } = buildSuperFrame({ ...tiny('udp', 0), gsoSizeBytes: 0 });
    expectRefused({ vnet, frame });
  });

  // There is no open checksum: it would make most of these headers invalid by itself.
  const closed = vnetHeader({ gsoType: GSO_TCPV4, gsoSizeBytes: 4 });
  test.each<[string, Record<number, number>]>([
    ['an unknown EtherType', { 12: 0x08, 13: 0x06 }],
    ['the other IP version', { 14: 0x65 }],
    ['an IP header of four words', { 14: 0x44, 30: 0, 31: 0, 32: 0, 42: 0x50 }],
    ['an IP header that leaves no room for TCP', { 14: 0x4d }],
    ['more fragments to come', { 20: 0x20 }],
    ['a fragment offset', { 21: 1 }],
    ['another protocol', { 23: 17 }],
    ['a TCP header of four words', { 46: 0x40 }],
    ['a TCP header longer than the frame', { 46: 0xf0 }],
  ])('a TCP super-frame with %s', (_, patches) => {
    expectRefused({ vnet: closed, frame: patched(tcpSuperFrame.frame, patches) });
  });

  test.each([
    ['TCP over IPv6 for IPv4', 4, 'tcp', GSO_TCPV6],
    ['TCP over IPv4 for IPv6', 6, 'tcp', GSO_TCPV4],
    ['TCP over IPv4 for UDP', 4, 'udp', GSO_TCPV4],
    ['TCP over IPv6 for UDP', 6, 'udp', GSO_TCPV6],
    ['UDP for TCP', 4, 'tcp', GSO_UDP_L4],
  ] as const)('%s', (_, ipVersion, transport, gsoType) => {
    const { frame } = buildSuperFrame({ ...tiny(transport, 9), ipVersion });
    expectRefused({ vnet: vnetHeader({ gsoType, gsoSizeBytes: 4 }), frame });
  });

  test('the other IP version in IPv6', () => {
    const { frame } = buildSuperFrame({ ...tiny('tcp', 9), ipVersion: 6 });
    const vnet = vnetHeader({ gsoType: GSO_TCPV6, gsoSizeBytes: 4 });
    expect(segment({ vnet, frame }).accepted).toBe(true);
    expectRefused({ vnet, frame: patched(frame, { 14: 0x40 }) });
  });

  test('a super-frame cut anywhere in its headers', () => {
    for (let lengthBytes = 14; lengthBytes < 54; lengthBytes++) {
      const frame = tcpSuperFrame.frame.slice(0, lengthBytes);
      expectRefused({ vnet: tcpSuperFrame.vnet, frame });
    }
  });

  test('IPv6 extension headers cut anywhere, or without an end', () => {
    const whole = buildSuperFrame({
      ipVersion: 6,
      transport: 'tcp',
      payloadBytes: 0,
      gsoSizeBytes: 1,
      ipv6Extensions: [
        { type: 0, body: [0, 0, 0, 0, 0, 0] },
        { type: 60, body: Array<number>(14).fill(0) },
      ],
    });
    expect(segment(whole).accepted).toBe(true);
    for (let lengthBytes = 14; lengthBytes < whole.frame.length; lengthBytes++) {
      expectRefused({ vnet: whole.vnet, frame: whole.frame.slice(0, lengthBytes) });
    }
    const endless = whole.frame.slice();
    endless.fill(0, 54);
    expectRefused({ vnet: whole.vnet, frame: endless });
  });

  test.each<[string, SuperFrame, SuperFrame]>([
    [
      'eight VLAN tags',
      { ...tiny('tcp', 2), tags: Array<[number, number]>(7).fill([0x8100, 1]) },
      { ...tiny('tcp', 2), tags: Array<[number, number]>(8).fill([0x8100, 1]) },
    ],
    ['129 datagrams', tiny('udp', 128), tiny('udp', 129)],
    ['2049 segments', tiny('tcp', 2048), tiny('tcp', 2049)],
  ])('%s, but not one fewer', (_, accepted, refused) => {
    expect(segment(buildSuperFrame(accepted)).accepted).toBe(true);
    expectRefused(buildSuperFrame(refused));
  });
});

function patched(frame: Uint8Array, patches: Readonly<Record<number, number>>): Uint8Array {
  const copy = frame.slice();
  for (const [at, value] of Object.entries(patches)) copy[Number(at)] = value;
  return copy;
}

function tiny(transport: 'tcp' | 'udp', payloadBytes: number): SuperFrame {
  return { ipVersion: 4, transport, payloadBytes, gsoSizeBytes: 1 };
}

function expectRefused(input: Bytes): void {
  const outcome = segment(input);
  expect(outcome.accepted).toBe(false);
  expect(outcome.frames).toEqual([]);
  expect(outcome.isOriginalKept).toBe(true);
}
