/**
 * `npm run soak`: tests that take too long, or load the machine too much, for every test run. They need
 * an idle machine.
 */

import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { mustRun } from '../netns/support/command';
import { macOf, marker } from '../netns/support/frame';
import { type Host, INTERFACE } from '../netns/support/host';
import { Lab } from '../netns/support/lab';
import { OFFLOADS, connectPair } from '../netns/support/pair';
import { lastWords } from '../netns/support/ready-program';
import { tcpStream } from '../netns/support/tcp-stream';
import { until } from '../netns/support/until';

const MILLION = 1_000_000;
const FRAMEGEN = join(__dirname, '../../build/bench/framegen');

/** Addresses of bench/framegen.c: 02:00:00 and a number of three bytes. */
const NUMBER_AT = '2';
const ETHER_TYPE_IPV4 = '0x0800';
/** A station beside these numbers. */
const SOURCE = 0xffffff;

interface Sent {
  readonly sent: readonly [frames: number];
  readonly elapsedNs: number;
}

/** Sends frames to a number of stations, one after the other. `options` are those of framegen's stream. */
async function send(from: Host, limit: readonly string[], options = ''): Promise<Sent> {
  const stream = `netns=/run/netns/${from.netns},dev=${INTERFACE},src=${SOURCE}+1,dst=0+${MILLION}`;
  return JSON.parse(await mustRun([FRAMEGEN, ...limit, stream + options])) as Sent;
}

/** Frames per second that the switch delivers if more are offered. */
async function highestRate(from: Host, to: Host): Promise<number> {
  const before = await to.countReceived();
  const { elapsedNs } = await send(from, ['--milliseconds', '2000']);
  const rate = ((await to.countReceived()) - before) / (elapsedNs / 1e9);
  await settle(from, to);
  return rate;
}

/** Waits until all frames of `from` have arrived. */
async function settle(from: Host, to: Host): Promise<void> {
  const last = marker(macOf(SOURCE), 1);
  const capture = await to.capture('ether proto 0x88b6');
  // A full queue refuses the marker.
  await until(async () => {
    await from.send(last);
    return capture.frames.includes(last);
  }, 'the last frame arrives');
  await capture.stop();
}

describeNetns('for a long time', () => {
  jest.setTimeout(600_000);
  const lab = new Lab();
  afterEach(() => lab.clear());

  test.each(OFFLOADS)(
    'a million numbered frames $what, at half the highest rate, arrive once each, in order',
    async (offloads) => {
      const [from, to] = await connectPair(lab, offloads, { isQuiet: true });
      // Another program may hold the processor for a moment. Frames beyond the queue never reach the switch.
      await from.ip(`link set ${INTERFACE} txqueuelen 100000`);
      const rate = Math.round((await highestRate(from, to)) / 2);
      const program = ['receive_sequence.py', INTERFACE, ETHER_TYPE_IPV4, NUMBER_AT] as const;
      const receiving = await to.startReady(...program, String(MILLION));
      await send(from, ['--frames', String(MILLION)], `,rate=${rate}`);
      process.stdout.write(`${offloads.what}: ${rate} frames per second\n`);
      expect(JSON.parse(await lastWords(receiving))).toEqual({
        received: MILLION,
        doubled: 0,
        disordered: 0,
      });
    },
  );

  test.each(OFFLOADS)('200,000 flood pings $what lose nothing', async (offloads) => {
    const [from, to] = await connectPair(lab, offloads);
    const count = await from.floodPings(to.ipv4, 200_000);
    expect(count).toEqual({ sent: 200_000, received: 200_000 });
  });

  test.each(OFFLOADS)('ten gigabytes by TCP $what arrive as they were sent', async (offloads) => {
    const [from, to] = await connectPair(lab, offloads);
    const { sent, received } = await tcpStream(from, to, to.ipv4, 10_000 * MILLION);
    expect(received).toBe(sent);
  });
});
