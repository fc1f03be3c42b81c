/** What goes in comes out: every byte of a stream, every frame of a sequence, with any offloads. */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { lastWords } from './support/ready-program';
import { tcpStream } from './support/tcp-stream';

const GIGABYTE = 1_000_000_000;

interface Offloads {
  readonly what: string;
  readonly options: string[];
  readonly sender: string[];
  readonly receiver: string[];
}

const OFFLOADS: readonly Offloads[] = [
  { what: 'with offloads', options: [], sender: [], receiver: [] },
  { what: 'without offloads', options: ['--no-offload'], sender: [], receiver: [] },
  {
    what: 'from a port with offloads to one without',
    options: [],
    sender: [],
    receiver: ['offload=off'],
  },
  {
    what: 'from a port without offloads to one with',
    options: ['--no-offload'],
    sender: [],
    receiver: ['offload=on'],
  },
];

describeNetns('integrity', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  async function pair({ options, sender, receiver }: Offloads): Promise<[Host, Host]> {
    const [from, to] = await lab.hosts(2);
    await lab.startSwitch(...options, from.port(...sender), to.port(...receiver));
    await Promise.all([from.address(), to.address()]);
    // Room for a whole TCP window: what overflows a TAP's queue never reaches the switch.
    await from.ip(`link set ${INTERFACE} txqueuelen 10000`);
    return [from, to];
  }

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
    const [from, to] = await pair(OFFLOADS[0] as Offloads);
    await expectSameBytes(from, to, to.ipv4, GIGABYTE);
  });

  test.each(OFFLOADS)('TCP $what arrives as it was sent', async (offloads) => {
    const [from, to] = await pair(offloads);
    await expectSameBytes(from, to, to.ipv4, GIGABYTE / 10);
    await expectSameBytes(from, to, to.ipv6, GIGABYTE / 10);
  });

  test.each(OFFLOADS)(
    '100,000 numbered frames $what arrive once each, in order',
    async (offloads) => {
      const [from, to] = await pair(offloads);
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

  test.each(OFFLOADS)('TCP $what beside flood pings loses none of them', async (offloads) => {
    const [from, to] = await pair(offloads);
    const pings = await to.floodPing(from.ipv4);
    await expectSameBytes(from, to, to.ipv4, GIGABYTE / 10);
    const { sent, received } = await pings.stop();
    expect(received).toBe(sent);
  });
});
