/** Frames and files of tapswitch/testing, beside tshark. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCapture } from '../../src/testing/capture-file';
import { frame } from '../../src/testing/frames/frame';
import { type RecordedFrame, toPcapng } from '../../src/testing/recording';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';

const FROM = '02:00:00:00:00:01';
const TO = '02:00:00:00:00:02';
const V4 = { from: FROM, to: TO, source: '192.0.2.1', destination: '192.0.2.2' };
const V6 = { from: FROM, to: TO, source: '2001:db8::1', destination: '2001:db8::2' };
const LINK_LOCAL = { from: FROM, source: 'fe80::ff:fe00:1' };
const PORTS = { sourcePort: 4000, destinationPort: 4001, payload: 'payload' };
const CHECKSUMS = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);

/** Last protocol that tshark must find in each frame, and the text of its column "Info". */
const FRAMES: readonly (readonly [protocol: string, info: string, bytes: Uint8Array])[] = [
  [
    'ARP',
    'Who has 192.0.2.2? Tell 192.0.2.1',
    frame.arp({ senderMac: FROM, senderIp: '192.0.2.1', targetIp: '192.0.2.2' }),
  ],
  [
    'ARP',
    '192.0.2.1 is at 02:00:00:00:00:01',
    frame.arp({
      operation: 'reply',
      senderMac: FROM,
      senderIp: '192.0.2.1',
      targetMac: TO,
      targetIp: '192.0.2.2',
    }),
  ],
  ['ICMP', 'Echo (ping) request', frame.echoRequest({ ...V4, payload: 'x' })],
  ['ICMPv6', 'Echo (ping) reply', frame.echoReply({ ...V6, vlan: [{ vid: 5 }, { vid: 6 }] })],
  ['UDP', '4000 → 4001', frame.udp({ ...V4, ...PORTS })],
  ['UDP', '4000 → 4001', frame.udp({ ...V6, ...PORTS })],
  ['TCP', '[SYN, ECE, CWR]', frame.tcp({ ...V4, ...PORTS, flags: ['syn', 'ece', 'cwr'] })],
  ['TCP', '[PSH, ACK]', frame.tcp({ ...V6, ...PORTS, flags: ['psh', 'ack'] })],
  [
    'ICMPv6',
    'Neighbor Solicitation for 2001:db8::2 from 02:00:00:00:00:01',
    frame.neighbourSolicitation({ ...LINK_LOCAL, target: '2001:db8::2' }),
  ],
  [
    'ICMPv6',
    'Neighbor Advertisement 2001:db8::2 (rtr, sol) is at 02:00:00:00:00:01',
    frame.neighbourAdvertisement({
      ...LINK_LOCAL,
      target: '2001:db8::2',
      flags: ['router', 'solicited'],
    }),
  ],
  ['ICMPv6', 'Router Solicitation', frame.routerSolicitation(LINK_LOCAL)],
  [
    'ICMPv6',
    'Router Advertisement',
    frame.routerAdvertisement({ ...LINK_LOCAL, prefixes: ['2001:db8::'] }),
  ],
  ['DHCP', 'DHCP Discover', frame.dhcp({ from: FROM, type: 'discover' })],
  [
    'DHCP',
    'DHCP ACK',
    frame.dhcp({
      from: TO,
      to: FROM,
      type: 'ack',
      clientMac: FROM,
      yourIp: '192.0.2.1',
      source: '192.0.2.2',
      leaseTime: 60,
      server: '192.0.2.2',
    }),
  ],
  [
    'IGMPv2',
    'Membership Query, general',
    frame.igmp({ from: FROM, source: '192.0.2.1', type: 'query' }),
  ],
  [
    'IGMPv3',
    'Membership Query, specific for group 233.252.0.1, source {192.0.2.9}',
    frame.igmp({
      from: FROM,
      source: '192.0.2.1',
      type: 'query',
      group: '233.252.0.1',
      sources: ['192.0.2.9'],
    }),
  ],
  [
    'IGMPv3',
    'Membership Report / Join group 233.252.0.1 for any sources',
    frame.igmp({
      from: FROM,
      source: '192.0.2.1',
      type: 'report-v3',
      records: [{ type: 'to-ex', group: '233.252.0.1' }],
    }),
  ],
  [
    'IGMPv2',
    'Leave Group 233.252.0.1',
    frame.igmp({ from: FROM, source: '192.0.2.1', type: 'leave', group: '233.252.0.1' }),
  ],
  ['ICMPv6', 'Multicast Listener Query', frame.mld({ ...LINK_LOCAL, type: 'query', sources: [] })],
  [
    'ICMPv6',
    'Multicast Listener Report Message v2',
    frame.mld({
      ...LINK_LOCAL,
      type: 'report-v2',
      records: [{ type: 'to-in', group: 'ff0e::db8:1', sources: ['2001:db8::9'] }],
    }),
  ],
  [
    'ICMPv6',
    'Multicast Listener Done',
    frame.mld({ ...LINK_LOCAL, type: 'done', group: 'ff0e::db8:1' }),
  ],
  [
    'STP',
    'RST. Root = 4096/0/02:00:00:00:00:02  Cost = 20000',
    frame.bpdu({ from: FROM, root: { priority: 4096, mac: TO }, rootCost: 20_000, flags: 0x3c }),
  ],
  ['STP', 'Conf. ', frame.bpdu({ from: FROM, type: 'config' })],
  ['STP', 'Topology Change Notification', frame.bpdu({ from: FROM, type: 'tcn' })],
];

describeNetns('tapswitch/testing', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-kit-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(frames: readonly Uint8Array[]): string {
    const file = join(folder, 'frames.pcapng');
    const recorded: RecordedFrame[] = frames.map((bytes, index) => ({
      timeNs: BigInt(index) * 1_500_000_000n,
      port: `tap${index % 3}`,
      direction: index % 2 === 0 ? 'in' : 'out',
      bytes,
    }));
    writeFileSync(file, toPcapng(recorded));
    return file;
  }

  test('makes frames in which tshark finds no fault', async () => {
    const file = write(FRAMES.map(([, , bytes]) => bytes));
    const fields = ['_ws.col.Protocol', '_ws.col.Info'].flatMap((field) => ['-e', field]);
    const lines = await mustRun(['tshark', '-r', file, '-T', 'fields', ...fields]);
    const found = lines.trimEnd().split('\n');
    FRAMES.forEach(([protocol, info], index) => {
      expect(found[index]).toMatch(`${protocol}\t`);
      expect(found[index]).toContain(info);
    });
    expect(found).toHaveLength(FRAMES.length);
    const faults = '_ws.malformed || _ws.expert.severity >= 0x00600000';
    expect(await mustRun(['tshark', ...CHECKSUMS, '-r', file, '-Y', faults])).toBe('');
  });

  test('makes wrong checksums, which tshark finds', async () => {
    const wrong = { checksum: 'wrong', headerChecksum: 'wrong' } as const;
    const file = write([
      frame.udp({ ...V4, ...PORTS, ...wrong }),
      frame.tcp({ ...V6, ...PORTS, ...wrong }),
      frame.echoRequest({ ...V6, ...wrong }),
      frame.igmp({ from: FROM, source: '192.0.2.1', type: 'query', ...wrong }),
    ]);
    const names = ['ip', 'udp', 'tcp', 'icmpv6', 'igmp'].map((name) => `${name}.checksum.status`);
    const fields = names.flatMap((field) => ['-e', field]);
    const lines = await mustRun(['tshark', ...CHECKSUMS, '-r', file, '-T', 'fields', ...fields]);
    // A status of 0 means a wrong checksum.
    expect(lines).toBe('0\t0\t\t\t\n\t\t0\t\t\n\t\t\t0\t\n0\t\t\t\t0\n');
  });

  test('reads the files of tshark', async () => {
    const frames = FRAMES.map(([, , bytes]) => Buffer.from(bytes));
    const file = write(frames);
    const ours = readCapture(readFileSync(file));
    expect(ours.map(({ bytes }) => bytes)).toEqual(frames);
    for (const format of ['pcap', 'nsecpcap', 'pcapng']) {
      const other = join(folder, `theirs.${format}`);
      await mustRun(['tshark', '-r', file, '-F', format, '-w', other]);
      const theirs = readCapture(readFileSync(other));
      expect(theirs.map(({ bytes, timeNs }) => ({ bytes, timeNs }))).toEqual(
        ours.map(({ bytes, timeNs }) => ({ bytes, timeNs })),
      );
    }
    expect(readCapture(readFileSync(join(folder, 'theirs.pcapng')))).toEqual(ours);
  });
});
