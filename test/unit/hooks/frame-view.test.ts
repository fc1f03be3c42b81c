/** Fields of a frame that a hook reads, and checksums after its setters. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FrameView } from '../../../src/hooks/frame-view';
import { decode } from '../../../src/testing/decoder/decode';
import type { DecodedFrame } from '../../../src/testing/decoder/decoded';
import { frame } from '../../../src/testing/frames/frame';
import { network } from '../../../src/testing/network';
import { Bridge } from '../../../src/l2/bridge';
import { MemoryIo } from '../../../src/testing/memory-port';
import type { Hook } from '../../../src/hooks/hook';
import { FLAG_NEEDS_CSUM, VNET_HEADER_BYTES } from '../../../src/wire/virtio';

const FROM = '02:00:00:00:00:01';
const TO = '02:00:00:00:00:02';
const LINK = { from: FROM, to: TO };
const V4 = { ...LINK, source: '192.0.2.1', destination: '192.0.2.2' };
const V6 = { ...LINK, source: '2001:db8::1', destination: '2001:db8::2' };
const PORTS = { sourcePort: 1_000, destinationPort: 53 };

/** Sends a frame through a hook. @returns the frame as it leaves */
function seenBy(bytes: Uint8Array, look: (view: FrameView) => void): Uint8Array {
  const net = network({
    ports: ['alice', { name: 'bob', mtuBytes: 9_000 }],
    hooks: [{ frame: look }],
  });
  net.port('alice').send(bytes);
  expect(net.hooks).toMatchObject([{ frames: 1, failures: 0 }]);
  return net.port('bob').take()[0] ?? new Uint8Array(0);
}

/** Value that a hook reads in a frame. */
function read<T>(bytes: Uint8Array, look: (view: FrameView) => T): T {
  const seen: T[] = [];
  seenBy(bytes, (view) => void seen.push(look(view)));
  return seen[0] as T;
}

function edited(bytes: Uint8Array, edit: (view: FrameView) => void): DecodedFrame {
  return decode(seenBy(bytes, edit));
}

/** Views of a frame that lacks a byte under the checksum: it has no view of a transport header. */
const NO_TRANSPORT = { udp: undefined, tcp: undefined, icmp: undefined };

describe('a frame has', () => {
  test('its addresses, type, length and ingress', () => {
    const bytes = frame.ethernet({ ...LINK, type: 0x88b5, payload: 'hello' });
    expect(
      read(bytes, ({ source, destination, etherType, length, ingress, vlan, segments }) => {
        return { source, destination, etherType, length, ingress, vlan, segments };
      }),
    ).toEqual({
      ...{ source: FROM, destination: TO, etherType: 0x88b5 },
      ...{ length: 19, ingress: 'alice', vlan: undefined, segments: 1 },
    });
  });

  test('bytes at offsets, up to its end', () => {
    const bytes = frame.ethernet({
      ...LINK,
      type: 0x88b5,
      payload: new Uint8Array([1, 2, 3, 255]),
    });
    expect(read(bytes, (view) => [view.u8(17), view.u16(14), view.u32(14)])).toEqual([
      255, 0x0102, 0x010203ff,
    ]);
    expect(read(bytes, (view) => (): number => view.u16(17))).toThrow(
      'offset 17: the frame has 18 bytes',
    );
    expect(read(bytes, (view) => (): number => view.u8(-1))).toThrow(RangeError);
    expect(read(bytes, (view) => view.bytes.slice())).toEqual(bytes);
  });

  test('the VID of its tag, and the type behind it', () => {
    const bytes = frame.udp({ ...V4, ...PORTS, vlan: [{ vid: 7, priority: 3 }, { vid: 8 }] });
    expect(read(bytes, ({ vlan, etherType, udp }) => [vlan, etherType, udp?.sourcePort])).toEqual([
      7, 0x0800, 1_000,
    ]);
  });

  test('an ARP message', () => {
    const bytes = frame.arp({
      ...{ operation: 'reply', senderMac: FROM, to: TO },
      ...{ senderIp: '192.0.2.1', targetIp: '192.0.2.2', targetMac: TO },
    });
    expect(
      read(bytes, ({ arp, ipv4 }) => [
        ipv4,
        arp && [arp.operation, arp.senderMac, arp.senderIp, arp.targetMac, arp.targetIp],
      ]),
    ).toEqual([undefined, [2, FROM, '192.0.2.1', TO, '192.0.2.2']]);
  });

  test.each([
    ['IPv4', V4],
    ['IPv6', V6],
  ])('an %s header and a UDP header', (_, ip) => {
    const bytes = frame.udp({ ...ip, ...PORTS, ttl: 9, payload: 'question' });
    expect(
      read(bytes, ({ ipv4, ipv6, udp, tcp, icmp }) => [
        (ipv4 ?? ipv6)?.source,
        (ipv4 ?? ipv6)?.destination,
        ipv4?.ttl ?? ipv6?.hopLimit,
        (ipv4 ?? ipv6)?.protocol,
        udp && [udp.sourcePort, udp.destinationPort, Buffer.from(udp.payload).toString()],
        tcp,
        icmp,
      ]),
    ).toEqual([
      ...[ip.source, ip.destination, 9, 17],
      ...[[1_000, 53, 'question'], undefined, undefined],
    ]);
  });

  test('an IPv4 address as a number', () => {
    const bytes = frame.udp({ ...V4, ...PORTS });
    expect(read(bytes, ({ ipv4 }) => [ipv4?.sourceNumber, ipv4?.destinationNumber])).toEqual([
      0xc0000201 | 0,
      0xc0000202 | 0,
    ]);
  });

  test('a TCP header', () => {
    const bytes = frame.tcp({
      ...{ ...V4, ...PORTS, sequence: 0xfffffffe, acknowledgement: 3, window: 4 },
      ...{ flags: ['syn', 'ack'], tcpOptions: new Uint8Array(4), payload: 'data' },
    });
    expect(
      read(
        bytes,
        ({ tcp }) =>
          tcp && [
            ...[tcp.sequence, tcp.acknowledgement, tcp.window, tcp.flags],
            ...[tcp.isSyn, tcp.isAck, tcp.isFin, tcp.isRst],
            Buffer.from(tcp.payload).toString(),
          ],
      ),
    ).toEqual([0xfffffffe, 3, 4, 0x12, true, true, false, false, 'data']);
  });

  test.each([
    ['ICMP', V4, 8],
    ['ICMPv6', V6, 128],
  ])('an %s header', (_, ip, type) => {
    const bytes = frame.echoRequest({ ...ip, identifier: 1, sequence: 2 });
    expect(read(bytes, ({ icmp }) => icmp && [icmp.type, icmp.code])).toEqual([type, 0]);
  });
});

describe('a frame without', () => {
  const views = ({ udp, tcp, icmp }: FrameView) => ({ udp, tcp, icmp });

  test('the first bytes of a datagram has no transport header', () => {
    const bytes = frame.udp({ ...V4, ...PORTS, fragment: 3 });
    expect(read(bytes, views)).toEqual(NO_TRANSPORT);
    expect(read(bytes, ({ ipv4 }) => ipv4?.isFragment)).toBe(true);
  });

  test('its whole header has no such view', () => {
    const whole = frame.udp({ ...V4, ...PORTS });
    expect(read(whole.subarray(0, 14 + 20 + 7), views)).toEqual(NO_TRANSPORT);
    expect(read(whole.subarray(0, 14 + 19), ({ ipv4 }) => ipv4)).toBeUndefined();
    expect(read(whole.subarray(0, 14), ({ ipv4 }) => ipv4)).toBeUndefined();
    const v6 = frame.udp({ ...V6, ...PORTS });
    expect(read(v6.subarray(0, 14 + 39), ({ ipv6 }) => ipv6)).toBeUndefined();
    const arp = frame.arp({
      operation: 'request',
      senderMac: FROM,
      senderIp: '192.0.2.1',
      targetIp: '192.0.2.2',
    });
    expect(read(arp.subarray(0, 14 + 27), ({ arp: view }) => view)).toBeUndefined();
  });

  test('enough bytes for its extension headers has no transport header', () => {
    const bytes = frame.ip({
      ...V6,
      protocol: 60,
      payload: new Uint8Array([17, 9, 0, 0, 0, 0, 0, 0]),
    });
    expect(read(bytes, views)).toEqual(NO_TRANSPORT);
  });
});

test('the transport header lies behind the extension headers of IPv6', () => {
  const udp = frame.udp({ ...V6, ...PORTS }).subarray(54);
  const extension = new Uint8Array([17, 0, 1, 4, 0, 0, 0, 0]);
  const bytes = frame.ip({ ...V6, protocol: 60, payload: Buffer.concat([extension, udp]) });
  expect(read(bytes, ({ udp: view, ipv6 }) => [view?.destinationPort, ipv6?.protocol])).toEqual([
    53, 17,
  ]);
});

describe('a setter keeps the checksums right', () => {
  const address4 = fc.ipV4();
  const address6 = fc.ipV6();
  const port = fc.integer({ min: 0, max: 0xffff });
  const byte = fc.integer({ min: 0, max: 0xff });

  test('of IPv4 and UDP', () => {
    fc.assert(
      fc.property(
        address4,
        address4,
        port,
        port,
        byte,
        fc.string(),
        (from, to, one, other, ttl, text) => {
          const { ip, udp } = edited(frame.udp({ ...V4, ...PORTS, payload: text }), (view) => {
            if (view.ipv4 === undefined || view.udp === undefined) throw new Error('no datagram');
            view.ipv4.source = from;
            view.ipv4.destination = to;
            view.ipv4.ttl = ttl;
            view.ipv4.dscp = ttl & 0x3f;
            view.udp.sourcePort = one;
            view.udp.destinationPort = other;
          });
          expect(ip).toMatchObject({ source: from, destination: to, ttl, headerChecksum: 'right' });
          expect(udp).toMatchObject({ sourcePort: one, destinationPort: other, checksum: 'right' });
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of IPv6 and TCP', () => {
    fc.assert(
      fc.property(address6, address6, port, byte, (from, to, window, flags) => {
        const { ip, tcp } = edited(frame.tcp({ ...V6, ...PORTS, payload: 'odd' }), (view) => {
          if (view.ipv6 === undefined || view.tcp === undefined) throw new Error('no segment');
          view.ipv6.source = from;
          view.ipv6.destination = to;
          view.ipv6.hopLimit = flags;
          view.ipv6.trafficClass = flags;
          view.tcp.window = window;
          view.tcp.flags = flags;
          view.tcp.sequence = window * 0x8000;
          view.tcp.acknowledgement = window;
        });
        expect(ip).toMatchObject({ ttl: flags, trafficClass: flags });
        expect(tcp).toMatchObject({ window, sequence: window * 0x8000, checksum: 'right' });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['ICMP', V4],
    ['ICMPv6', V6],
  ])('of %s', (_, ip) => {
    const { icmp } = edited(frame.echoRequest({ ...ip, identifier: 1, sequence: 2 }), (view) => {
      if (view.icmp === undefined) throw new Error('no echo');
      if (view.ipv6 !== undefined) view.ipv6.source = '2001:db8::99';
      if (view.ipv4 !== undefined) view.ipv4.source = '192.0.2.99';
      view.icmp.type = 3;
      view.icmp.code = 13;
    });
    expect(icmp).toMatchObject({ type: 3, code: 13, checksum: 'right' });
  });

  test('and adds no UDP checksum to a datagram without one', () => {
    const { udp } = edited(frame.udp({ ...V4, ...PORTS, checksum: 0 }), (view) => {
      if (view.udp !== undefined) view.udp.sourcePort = 7;
    });
    expect(udp).toMatchObject({ sourcePort: 7, checksum: 'none' });
  });

  test('and never makes a UDP checksum of zero', () => {
    fc.assert(
      fc.property(port, (one) => {
        const { udp } = edited(frame.udp({ ...V4, ...PORTS }), (view) => {
          if (view.udp !== undefined) view.udp.sourcePort = one;
        });
        expect(udp?.checksum).toBe('right');
      }),
      { numRuns: 50 },
    );
  });

  test('of ARP, which has none', () => {
    const bytes = frame.arp({
      operation: 'request',
      senderMac: FROM,
      senderIp: '192.0.2.1',
      targetIp: '192.0.2.2',
    });
    const { arp } = edited(bytes, (view) => {
      if (view.arp === undefined) throw new Error('no ARP');
      view.arp.operation = 2;
      view.arp.senderMac = '02:00:00:00:00:0a';
      view.arp.senderIp = '192.0.2.10';
      view.arp.targetMac = '02:00:00:00:00:0b';
      view.arp.targetIp = '192.0.2.11';
    });
    expect(arp).toEqual({
      ...{ operation: 'reply', senderMac: '02:00:00:00:00:0a', senderIp: '192.0.2.10' },
      ...{ targetMac: '02:00:00:00:00:0b', targetIp: '192.0.2.11' },
    });
  });

  test.each<[string, (view: FrameView) => void, string]>([
    ['MAC', (view) => (view.source = '02:00'), '02:00 is no MAC address'],
    [
      'IPv4 address',
      (view) => view.ipv4 && (view.ipv4.source = '2001:db8::1'),
      '2001:db8::1 is no IPv4 address',
    ],
  ])('and refuses text that is no %s', (_, edit, failure) => {
    const net = network({ ports: ['alice', 'bob'], hooks: [{ frame: (view) => edit(view) }] });
    net.port('alice').send(frame.udp({ ...V4, ...PORTS }));
    expect(net.hooks).toMatchObject([{ failures: 1, failure, edited: 0 }]);
  });
});

describe('checksums are computed anew', () => {
  test.each([
    ['UDP over IPv4', frame.udp({ ...V4, ...PORTS, payload: 'question' })],
    ['UDP over IPv6', frame.udp({ ...V6, ...PORTS, payload: 'question' })],
    ['TCP over IPv4', frame.tcp({ ...V4, ...PORTS, payload: 'question' })],
    [
      'TCP over IPv6, padded',
      Buffer.concat([frame.tcp({ ...V6, ...PORTS, payload: 'q' }), Buffer.from('padding')]),
    ],
  ])('after a change of a payload of %s', (_, bytes) => {
    const { ip, udp, tcp } = edited(bytes, (view) => {
      (view.udp ?? view.tcp)?.payload.fill(0x41);
      view.completeChecksums();
    });
    expect((udp ?? tcp)?.checksum).toBe('right');
    expect(Buffer.from((udp ?? tcp)?.payload ?? '').toString()).toMatch(/^A+$/);
    expect(ip?.headerChecksum).not.toBe('wrong');
  });
});

describe('a super-frame', () => {
  const SEGMENT_BYTES = 1_000;
  const whole = frame.tcp({ ...V4, ...PORTS, payload: new Uint8Array(3_500).fill(7) });

  /** The vnet header of a TCP super-frame over IPv4, virtio 1.2, 5.1.6. */
  function vnetHeader(): Uint8Array {
    const header = new Uint8Array(VNET_HEADER_BYTES);
    new DataView(header.buffer).setUint16(4, SEGMENT_BYTES, true);
    new DataView(header.buffer).setUint16(6, 34, true);
    new DataView(header.buffer).setUint16(8, 16, true);
    header[0] = FLAG_NEEDS_CSUM;
    header[1] = 1;
    return header;
  }

  test('says how many segments it has, and keeps its open checksum right', () => {
    const io = new MemoryIo(new Bridge());
    const [alice, bob] = [io.port('alice'), io.port('bob')];
    const seen: number[] = [];
    const hook: Hook = {
      frame: (view) => {
        seen.push(view.segments);
        if (view.ipv4 !== undefined) view.ipv4.destination = '198.51.100.9';
        if (view.tcp !== undefined) view.tcp.destinationPort = 8_080;
      },
    };
    io.bridge.loadHook({ name: 'editor', hook });
    alice.sendOffloaded(vnetHeader(), openChecksum(whole));
    const segments = bob.received.map(decode);
    expect(seen).toEqual([4]);
    expect(segments).toHaveLength(4);
    for (const { ip, tcp } of segments) {
      expect(ip).toMatchObject({ destination: '198.51.100.9', headerChecksum: 'right' });
      expect(tcp).toMatchObject({ destinationPort: 8_080, checksum: 'right' });
    }
  });

  /** The frame with the sum of its pseudo-header in place of its checksum. */
  function openChecksum(bytes: Uint8Array): Uint8Array {
    const open = Uint8Array.from(bytes);
    const data = new DataView(open.buffer);
    let sum = 6 + (bytes.length - 34);
    for (let at = 26; at < 34; at += 2) sum += data.getUint16(at);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    data.setUint16(50, sum);
    return open;
  }
});

describe('a number that does not fit', () => {
  const datagram = frame.udp({ ...V4, ...PORTS, payload: 'hello' });
  const segment = frame.tcp({ ...V4, ...PORTS, sequence: 7 });
  const packet = frame.udp({ ...V6, ...PORTS, payload: 'hello' });
  const question = frame.arp({
    ...{ operation: 'request', ...LINK, senderMac: FROM, senderIp: '192.0.2.1' },
    ...{ targetIp: '192.0.2.2' },
  });

  test.each<[string, Uint8Array, (view: FrameView, value: number) => void, number]>([
    ['ttl', datagram, ({ ipv4 }, value) => ipv4 && (ipv4.ttl = value), 255],
    ['dscp', datagram, ({ ipv4 }, value) => ipv4 && (ipv4.dscp = value), 63],
    ['hopLimit', packet, ({ ipv6 }, value) => ipv6 && (ipv6.hopLimit = value), 255],
    ['trafficClass', packet, ({ ipv6 }, value) => ipv6 && (ipv6.trafficClass = value), 255],
    ['port', packet, ({ udp }, value) => udp && (udp.destinationPort = value), 65_535],
    ['flags', segment, ({ tcp }, value) => tcp && (tcp.flags = value), 255],
    ['window', segment, ({ tcp }, value) => tcp && (tcp.window = value), 65_535],
    ['operation', question, ({ arp }, value) => arp && (arp.operation = value), 65_535],
  ])('is a failure of the hook, not another %s', (_, bytes, set, max) => {
    for (const value of [max + 1, -1, 1.5, NaN, undefined as unknown as number]) {
      const net = network({
        ports: ['alice', 'bob'],
        hooks: [{ frame: (view) => set(view, value) }],
      });
      net.port('alice').send(bytes);
      const failure = `${String(value)} is no whole number from 0 to ${max}`;
      expect(net.hooks).toMatchObject([{ failures: 1, failure, edited: 0 }]);
      expect(net.port('bob').take()).toEqual([bytes]);
    }
  });

  test('wraps in a sequence number', () => {
    const sent = edited(segment, ({ tcp }) => {
      if (tcp !== undefined) tcp.sequence -= 8;
    });
    expect(sent.tcp).toMatchObject({ sequence: 0xffffffff, checksum: 'right' });
  });
});
