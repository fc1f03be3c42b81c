/** Integrity: every byte of a stream and every frame of a sequence arrives, with any offloads. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { OFFLOADS, type Offloads, connectPair } from './support/pair';
import { lastWords } from './support/ready-program';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const GIGABYTE = 1_000_000_000;

describeNetns('integrity', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  async function expectSameBytes(
    from: Host,
    to: Host,
    address: string,
    countBytes: number,
  ): Promise<void> {
    const { sent, received } = await tcpStream(from, to, address, countBytes);
    expect(received).toBe(sent);
  }

  test('a gigabyte by TCP arrives as it was sent', async () => {
    const [from, to] = await connectPair(lab, OFFLOADS[0] as Offloads);
    await expectSameBytes(from, to, to.ipv4, GIGABYTE);
  });

  test.each(OFFLOADS)('TCP $what arrives as it was sent', async (offloads) => {
    const [from, to] = await connectPair(lab, offloads);
    await expectSameBytes(from, to, to.ipv4, GIGABYTE / 10);
    await expectSameBytes(from, to, to.ipv6, GIGABYTE / 10);
  });

  test.each(OFFLOADS)(
    '100,000 numbered frames $what arrive once each, in order',
    async (offloads) => {
      const [from, to] = await connectPair(lab, offloads);
      const count = '100000';
      const receiving = await to.startReady(
        'receive_sequence.py',
        INTERFACE,
        '0x88b5',
        '14',
        count,
      );
      await from.mustRun(python('send_sequence.py', INTERFACE, to.mac, from.mac, count));
      expect(JSON.parse(await lastWords(receiving))).toEqual({
        received: 100_000,
        doubled: 0,
        disordered: 0,
      });
    },
  );

  test('iperf3 drives eight streams in both directions', async () => {
    const [from, to] = await connectPair(lab, OFFLOADS[0] as Offloads);
    const server = to.start(['iperf3', '--server', '--one-off', '--forceflush']);
    await until(() => server.stdout.includes('Server listening'), 'iperf3 listens');
    const options = ['--bidir', '--parallel', '4', '--time', '2', '--json'];
    const report = await from.mustRun(['iperf3', '--client', to.ipv6, ...options]);
    const { end } = JSON.parse(report) as {
      end: { streams: { receiver: { bytes: number } }[] };
    };
    expect(end.streams).toHaveLength(8);
    for (const { receiver } of end.streams) expect(receiver.bytes).toBeGreaterThan(0);
  });

  test.each(OFFLOADS)('TCP $what beside flood pings loses none of them', async (offloads) => {
    const [from, to, running] = await connectPair(lab, offloads);
    const droppedOnTheWay = async (): Promise<unknown> => ({
      byTheSwitch: (await running.tables()).ports.map(({ DROPS }) => DROPS),
      inTheQueues: [await from.countQueueDrops(), await to.countQueueDrops()],
    });
    const pings = await to.floodPing(from.ipv4);
    const before = await droppedOnTheWay();
    await expectSameBytes(from, to, to.ipv4, GIGABYTE / 10);
    const { sent, received } = await pings.stop();
    const after = await droppedOnTheWay();
    expect({ lost: sent - received, after }).toEqual({ lost: 0, after: before });
  });
});
