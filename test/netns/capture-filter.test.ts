/** Filters of captures select the frames that tcpdump selects with the same words. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileFilter } from '../../src/capture/filter-compiler';
import { isAccepted } from '../../src/capture/filter-program';
import { FrameFields } from '../../src/capture/frame-fields';
import { frame, toPcapng } from '../../src/testing';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';

const [MAC, OTHER_MAC] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
const IPV4 = { from: MAC, to: OTHER_MAC, source: '192.0.2.1', destination: '198.51.100.2' };
const IPV6 = { ...IPV4, source: '2001:db8::1', destination: '2001:db8:1::2' };
const WEB = { sourcePort: 49152, destinationPort: 80 };
const IPERF = { sourcePort: 5010, destinationPort: 5001 };

const FRAMES = [
  frame.arp({ senderMac: MAC, senderIp: '192.0.2.1', targetIp: '192.0.2.200' }),
  ...[IPV4, IPV6].flatMap((ip) => [
    frame.tcp({ ...ip, ...WEB }),
    frame.udp({ ...ip, ...WEB }),
    frame.udp({ ...ip, ...IPERF }),
    frame.tcp({ ...ip, sourcePort: 22, destinationPort: 4999 }),
    frame.echoRequest(ip),
  ]),
  frame.udp({ ...IPV4, ...WEB, fragment: 0x2010 }),
  frame.tcp({ ...IPV4, ...IPERF, source: '192.0.3.0', destination: '203.0.113.9' }),
];

const FILTERS = [
  'tcp port 80',
  'udp src port 49152',
  'tcp dst port 80 or arp',
  'portrange 5000-5010',
  'src portrange 5001-5010',
  'udp dst portrange 5000-5001',
  'portrange 4999',
  'net 192.0.2.0/24',
  'src net 192.0.2.0/23',
  'dst net 198.51.100.2/31',
  'net 128.0.0.0/1',
  'net 0.0.0.0/0',
  'ip net 192.0.2.0/24',
  'arp net 192.0.2.128/25',
  'ip src host 192.0.2.1',
  'ip6 dst net 2001:db8:1::/48',
  'src net 2001:db8::/32',
  'net 2001:db8::/127',
  'net ::/0',
  'arp or ip and tcp',
  'ip and tcp or arp',
  'arp||udp&&port 80',
  '!tcp port 80 and port 80',
  '!(ip||ip6)',
  'not tcp && not udp || port 22',
];

describeNetns('a filter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-filter-'));
  const file = join(folder, 'frames.pcapng');
  beforeAll(() => {
    // The timestamp of a frame is its number in seconds: tcpdump prints it.
    const frames = FRAMES.map((bytes, at) => ({
      timeNs: BigInt(at) * 10n ** 9n,
      port: 'a',
      bytes,
    }));
    writeFileSync(file, toPcapng(frames));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(FILTERS)('selects the frames that tcpdump selects: %s', async (words) => {
    const lines = await mustRun(['tcpdump', '-r', file, '-tt', '-n', '-q', words]);
    const theirs = [...lines.matchAll(/^ ?(\d+)\.\d+ /gm)].map(([, second]) => Number(second));
    const program = compileFilter(words);
    const fields = new FrameFields();
    const ours = [...FRAMES.keys()].filter((at) => {
      const bytes = FRAMES[at] as Uint8Array;
      fields.read(bytes, 0, bytes.length, program.parts);
      return isAccepted(program, fields);
    });
    expect(ours).toEqual(theirs);
    expect(ours.length % FRAMES.length).not.toBe(0);
  });
});
