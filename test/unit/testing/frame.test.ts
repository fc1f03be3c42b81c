import { describe, expect, test } from '@jest/globals';
import { decode } from '../../../src/testing/decoder/decode';
import { frame } from '../../../src/testing/frames/frame';
import { BROADCAST, printed, station } from '../../support/ethernet';
import { advertisement, arpFrame, ipv6Probe, solicitation } from '../../support/ip-frames';
import { toHex } from '../../support/room-harness';

const ALICE = printed(station(1));
const BOB = printed(station(2));
const IPV4 = { from: ALICE, to: BOB, source: '192.0.2.1', destination: '192.0.2.2' } as const;
const IPV6 = { from: ALICE, to: BOB, source: '2001:db8::1', destination: '2001:db8::2' } as const;
const PORTS = { sourcePort: 4000, destinationPort: 53 } as const;
const PAYLOAD = Buffer.from('odd');

describe('frames', () => {
  test('are those that another builder makes', () => {
    const arp = { senderMac: ALICE, senderIp: '192.0.2.1', targetIp: '192.0.2.2' };
    expect(toHex(frame.arp(arp))).toBe(arpFrame({ ...arp, senderMac: station(1) }));
    const source = '2001:db8::1';
    const target = '2001:db8::2';
    expect(toHex(frame.neighbourSolicitation({ from: ALICE, source, target }))).toBe(
      solicitation({ mac: station(1), source, target }),
    );
    expect(toHex(frame.neighbourSolicitation({ from: ALICE, source: '::', target }))).toBe(
      ipv6Probe(station(1), target),
    );
    expect(toHex(frame.neighbourAdvertisement({ from: ALICE, source: target, target }))).toBe(
      advertisement({ mac: station(1), target, flags: '20' }),
    );
  });

  test('go to the MAC of their group', () => {
    const to = (destination: string): string =>
      decode(frame.ip({ from: ALICE, source: sourceFor(destination), destination, protocol: 253 }))
        .to;
    expect(to('224.129.2.3')).toBe('01:00:5e:01:02:03');
    expect(to('255.255.255.255')).toBe('ff:ff:ff:ff:ff:ff');
    expect(to('ff02::1:ff00:2')).toBe('33:33:ff:00:00:02');
  });

  test('have tags, and zeros up to a length', () => {
    const tags = [
      { vid: 7, protocol: '802.1ad' },
      { vid: 9, priority: 5, dropEligible: true },
    ] as const;
    const bytes = frame.ethernet({
      from: ALICE,
      type: 0x88b6,
      vlan: tags,
      payload: 'x',
      padTo: 60,
    });
    expect(toHex(bytes)).toBe(`${BROADCAST}${station(1)}88a800078100b00988b678`.padEnd(120, '0'));
  });

  test.each([
    [
      'to',
      () => frame.ip({ ...IPV4, to: 'nowhere', protocol: 6 }),
      'to: not a MAC address: nowhere',
    ],
    ['destination', () => frame.ip({ ...IPV4, destination: '2001:db8::1', protocol: 6 }), 'family'],
    [
      'a missing MAC',
      () => frame.ip({ ...noMac(), protocol: 6 }),
      'to: a destination MAC is needed',
    ],
    [
      'a port',
      () => frame.udp({ ...IPV4, sourcePort: 65_536, destinationPort: 1 }),
      'sourcePort: ',
    ],
    ['a VID', () => frame.ethernet({ from: ALICE, vlan: 4096 }), 'vlan: not a VID: 4096'],
    [
      'ARP',
      () => frame.arp({ senderMac: ALICE, senderIp: '::1', targetIp: '192.0.2.1' }),
      'senderIp: ',
    ],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('the decoder', () => {
  test('finds the fields of ARP', () => {
    const fields = {
      operation: 'reply',
      senderMac: ALICE,
      senderIp: '192.0.2.1',
      targetMac: BOB,
      targetIp: '192.0.2.2',
    } as const;
    const found = decode(frame.arp(fields));
    expect(found).toMatchObject({ to: BOB, from: ALICE, tags: [], type: 0x0806, arp: fields });
  });

  test.each([IPV4, IPV6])('finds a datagram and a segment from $source', (ip) => {
    const udp = { ...PORTS, payload: PAYLOAD };
    expect(decode(frame.udp({ ...ip, ...udp }))).toMatchObject({
      ip: { source: ip.source, destination: ip.destination, protocol: 17, ttl: 64 },
      udp: { ...udp, checksum: 'right' },
      isCutOff: false,
    });
    const tcp = { ...udp, sequence: 7, acknowledgement: 2 ** 32 - 1, window: 512 };
    const flags = ['syn', 'ack', 'cwr'] as const;
    const tcpOptions = Buffer.from('020405b4', 'hex');
    expect(decode(frame.tcp({ ...ip, ...tcp, flags, tcpOptions })).tcp).toEqual({
      ...tcp,
      flags,
      checksum: 'right',
    });
  });

  test.each([IPV4, IPV6])('finds a ping from $source', (ip) => {
    const echo = { identifier: 3, sequence: 9, payload: PAYLOAD };
    const found = decode(frame.echoRequest({ ...ip, ...echo, vlan: 12 }));
    expect(found).toMatchObject({ tags: [{ vid: 12 }], icmp: { checksum: 'right' } });
    expect(found.echo).toEqual({ kind: 'request', ...echo });
    expect(decode(frame.echoReply({ ...ip, ...echo })).echo?.kind).toBe('reply');
  });

  test.each([IPV4, IPV6])('finds wrong checksums from $source', (ip) => {
    const wrong = { ...ip, ...PORTS, checksum: 'wrong' } as const;
    expect(decode(frame.udp(wrong)).udp?.checksum).toBe('wrong');
    expect(decode(frame.tcp(wrong)).tcp?.checksum).toBe('wrong');
    expect(decode(frame.echoRequest(wrong)).icmp?.checksum).toBe('wrong');
  });

  test('finds a wrong IPv4 header, and a datagram without a checksum', () => {
    const bytes = frame.udp({ ...IPV4, ...PORTS, headerChecksum: 'wrong', checksum: 0 });
    expect(decode(bytes)).toMatchObject({
      ip: { headerChecksum: 'wrong' },
      udp: { checksum: 'none' },
    });
  });

  test('finds messages of Neighbor Discovery', () => {
    const nd = (bytes: Uint8Array): unknown => decode(bytes).nd;
    const link = { from: ALICE, source: 'fe80::1' };
    const target = '2001:db8::2';
    expect(nd(frame.neighbourSolicitation({ ...link, target }))).toEqual({
      kind: 'neighbour-solicitation',
      target,
      linkLayer: ALICE,
    });
    const flags = ['router', 'solicited'] as const;
    expect(nd(frame.neighbourAdvertisement({ ...link, target, flags, linkLayer: 'none' }))).toEqual(
      {
        kind: 'neighbour-advertisement',
        target,
        flags,
      },
    );
    expect(nd(frame.routerSolicitation({ ...link, linkLayer: BOB }))).toEqual({
      kind: 'router-solicitation',
      linkLayer: BOB,
    });
    const prefixes = ['2001:db8:1::', '2001:db8:2::'];
    expect(nd(frame.routerAdvertisement({ ...link, lifetime: 9, prefixes }))).toEqual({
      kind: 'router-advertisement',
      lifetime: 9,
      linkLayer: ALICE,
      prefixes,
    });
  });

  test('finds messages of DHCP', () => {
    const discover = decode(frame.dhcp({ from: ALICE, type: 'discover', transactionId: 77 }));
    expect(discover).toMatchObject({
      to: 'ff:ff:ff:ff:ff:ff',
      udp: { sourcePort: 68, destinationPort: 67, checksum: 'right' },
      dhcp: { type: 'discover', clientMac: ALICE, transactionId: 77, yourIp: '0.0.0.0' },
    });
    const ack = decode(
      frame.dhcp({
        from: BOB,
        to: ALICE,
        type: 'ack',
        clientMac: ALICE,
        source: '192.0.2.2',
        destination: '192.0.2.1',
        yourIp: '192.0.2.1',
        leaseTime: 60,
        options: { 12: Buffer.from('alice') },
      }),
    );
    expect(ack.dhcp).toMatchObject({ type: 'ack', clientMac: ALICE, yourIp: '192.0.2.1' });
    expect(ack.dhcp?.options).toMatchObject({
      51: Buffer.from([0, 0, 0, 60]),
      12: Buffer.from('alice'),
    });
  });

  test.each([
    { type: 'query', kind: 'query', destination: '224.0.0.1', group: '0.0.0.0', maxResponse: 100 },
    {
      type: 'query',
      kind: 'query',
      destination: '233.252.0.1',
      group: '233.252.0.1',
      sources: ['192.0.2.9'],
    },
    { type: 'report-v2', kind: 'report-v2', destination: '233.252.0.1', group: '233.252.0.1' },
    { type: 'leave', kind: 'leave', destination: '224.0.0.2', group: '233.252.0.1' },
  ] as const)('finds IGMP: $kind to $destination', ({ type, destination, ...message }) => {
    const { group, ...rest } = message;
    const sources = 'sources' in rest ? { sources: rest.sources } : {};
    const found = decode(frame.igmp({ from: ALICE, source: '192.0.2.1', type, group, ...sources }));
    expect(found.ip).toMatchObject({ destination, ttl: 1, headerChecksum: 'right' });
    expect(found.groups).toMatchObject({ protocol: 'igmp', checksum: 'right', ...message });
  });

  test('finds records of IGMPv3 and MLDv2', () => {
    const v4 = [
      { type: 'to-ex', group: '233.252.0.1', sources: [] },
      { type: 'allow', group: '233.252.0.2', sources: ['192.0.2.8', '192.0.2.9'] },
    ] as const;
    const igmp = frame.igmp({ from: ALICE, source: '192.0.2.1', type: 'report-v3', records: v4 });
    expect(decode(igmp).groups).toMatchObject({
      kind: 'report-v3',
      checksum: 'right',
      records: v4,
    });
    const v6 = [{ type: 'is-in', group: 'ff0e::db8:1', sources: ['2001:db8::9'] }] as const;
    const mld = frame.mld({ from: ALICE, source: 'fe80::1', type: 'report-v2', records: v6 });
    expect(decode(mld)).toMatchObject({
      to: '33:33:00:00:00:16',
      ip: { destination: 'ff02::16', protocol: 58 },
      groups: { kind: 'report-v2', checksum: 'right', records: v6 },
    });
  });

  test('finds BPDUs', () => {
    const root = { priority: 4096, mac: BOB };
    const fields = { root, rootCost: 20_000, portId: 0x8003, flags: 0x3c, messageAge: 1 } as const;
    const found = decode(frame.bpdu({ from: ALICE, ...fields }));
    expect(found).toMatchObject({ to: '01:80:c2:00:00:00', type: 39 });
    expect(found.bpdu).toEqual({
      type: 'rst',
      ...fields,
      bridge: { priority: 0x8000, mac: ALICE },
      maxAge: 20,
      helloTime: 2,
      forwardDelay: 15,
    });
    expect(decode(frame.bpdu({ from: ALICE, type: 'config' })).bpdu?.type).toBe('config');
    expect(decode(frame.bpdu({ from: ALICE, type: 'tcn' })).bpdu).toEqual({ type: 'tcn' });
  });

  test('decodes the present part of a frame that is cut off anywhere', () => {
    const whole = frame.dhcp({ from: ALICE, type: 'offer', clientMac: BOB, vlan: 3 });
    expect(decode(whole).isCutOff).toBe(false);
    for (let length = 14; length < whole.length; length++) {
      const found = decode(whole.subarray(0, length));
      expect(found).toMatchObject({ from: ALICE, isCutOff: true });
      expect(found.dhcp).toBeUndefined();
    }
    expect(() => decode(whole.subarray(0, 13))).toThrow('not a frame: 13 bytes');
  });
});

function sourceFor(destination: string): string {
  return destination.includes(':') ? '2001:db8::1' : '192.0.2.1';
}

function noMac(): Omit<typeof IPV4, 'to'> {
  const { from, source, destination } = IPV4;
  return { from, source, destination };
}
