/** Tagged super-frames: TCP and UDP with segmentation offload from access ports over a trunk, and back. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { gsoDatagrams } from './support/gso-datagrams';
import { Lab } from './support/lab';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';
import { TRUNK, TRUNK_OFFLOADS, type TrunkOffloads, connectByTrunk } from './support/vlan-trunk';

const STREAM_BYTES = 100_000_000;
const CALLS = 300;

describeNetns('frames of an access VLAN over a trunk', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test.each(TRUNK_OFFLOADS)('arrive as they were sent, $what', async (offloads) => {
    const [near, far] = await connectByTrunk(lab, offloads);
    const streams = [
      await tcpStream(near, far, far.ipv4, STREAM_BYTES),
      await tcpStream(far, near, near.ipv6, STREAM_BYTES),
      await gsoDatagrams(near, far, far.ipv6, CALLS),
      await gsoDatagrams(far, near, near.ipv4, CALLS),
    ];
    expect(streams.map(({ received }) => received)).toEqual(streams.map(({ sent }) => sent));
  });

  test('are super-frames with a tag on the trunk', async () => {
    const [near, far, namespace] = await connectByTrunk(lab, TRUNK_OFFLOADS[0] as TrunkOffloads);
    const find = (filter: string) =>
      namespace.start(['tcpdump', '-n', '-c', '1', '-i', TRUNK, '-Q', 'in', filter]);
    const finders = ['tcp', 'udp'].map((protocol) =>
      find(`vlan 10 and ip and ${protocol} and greater 3000`),
    );
    await until(
      () => finders.every(({ stderr }) => stderr.includes('listening on')),
      'tcpdump listens',
    );
    await tcpStream(near, far, far.ipv4, STREAM_BYTES / 10);
    await gsoDatagrams(near, far, far.ipv4, 10);
    const found = await Promise.all(finders.map((finder) => finder.succeeded()));
    expect(found).toEqual([expect.stringMatching(/Flags/), expect.stringMatching(/UDP/)]);
  });
});
