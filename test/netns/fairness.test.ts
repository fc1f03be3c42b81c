/**
 * A port that floods gets its share of each burst, and no more: frames that other ports have queued do
 * not wait for the end of the flood. The switch is paused while the queues fill, so that the switch
 * alone determines the order in which the frames arrive.
 */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { SUPER_FRAMES } from './support/capture';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import { type Host, python } from './support/host';
import { Lab } from './support/lab';
import { until } from './support/until';

const GIANT_MTU = 65_521;
const GIANT_BYTES = 65_000;
/** Frames in one burst: `src/frame/burst.ts`. */
const BURST_FRAMES = 64;

describeNetns.each([
  { how: 'through io_uring', options: [] },
  { how: 'frame by frame', options: ['--no-io-uring'] },
])('among ports with full queues, read $how', ({ options }) => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Senders of the frames that reach `listener` from `queues`, in the order of arrival. */
  async function orderOfArrival(
    listener: Host,
    queues: readonly { readonly host: Host; readonly frames: number; readonly bytes: number }[],
  ): Promise<Host[]> {
    const hosts = queues.map(({ host }) => host);
    const hasGiants = queues.some(({ bytes }) => bytes === GIANT_BYTES);
    const settings = hasGiants ? [`mtu=${GIANT_MTU}`] : [];
    const ports = [listener, ...hosts].map((host) => host.port(...settings));
    // A spinning switch reads single frames, from the ports with recent frames.
    const running = await lab.startSwitch('--busy-poll', '0', ...options, ...ports);
    const capture = await listener.capture('', SUPER_FRAMES);
    await running.pause();
    for (const { host, frames, bytes } of queues) {
      await host.queue(`${frame({ to: BROADCAST, from: host.mac, lengthBytes: bytes })} ${frames}`);
    }
    running.resume();
    for (const host of hosts) {
      const end = marker(host.mac, host.number);
      await host.send(end);
      await capture.has(end);
    }
    await capture.stop();
    const sent = queues.map(({ host, bytes }) =>
      frame({ to: BROADCAST, from: host.mac, lengthBytes: bytes }),
    );
    return capture.frames.flatMap((arrived) => hosts[sent.indexOf(arrived)] ?? []);
  }

  test('a single frame overtakes a queue of small ones', async () => {
    const [listener, flooder, polite] = await lab.hosts(3, { isQuiet: true });
    const order = await orderOfArrival(listener, [
      { host: flooder, frames: 200, bytes: 60 },
      { host: polite, frames: 1, bytes: 60 },
    ]);
    expect(order).toHaveLength(201);
    expect(order.indexOf(polite)).toBeLessThanOrEqual(BURST_FRAMES / 2);
  });

  test('a single frame overtakes a queue of giants', async () => {
    const [listener, flooder, polite] = await lab.hosts(3, { isQuiet: true });
    const order = await orderOfArrival(listener, [
      { host: flooder, frames: 20, bytes: GIANT_BYTES },
      { host: polite, frames: 1, bytes: 60 },
    ]);
    expect(order).toHaveLength(21);
    expect(order.indexOf(polite)).toBe(1);
  });

  test('many queues of giants take turns, although a burst holds few of them', async () => {
    const [listener, ...senders] = await lab.hosts(6, { isQuiet: true });
    const order = await orderOfArrival(
      listener,
      senders.map((host) => ({ host, frames: 4, bytes: GIANT_BYTES })),
    );
    const turn = senders.map(({ number }) => number);
    expect(order.map(({ number }) => number)).toEqual([...turn, ...turn, ...turn, ...turn]);
  });

  test('more queues than a burst has frames take turns', async () => {
    const [listener, crowd] = await lab.hosts(2, { isQuiet: true });
    const taps = Array.from({ length: BURST_FRAMES + 6 }, (_, index) => `tap${index}`);
    const ports = taps.map((tap) => `${tap}@${crowd.netns}`);
    const running = await lab.startSwitch(
      '--busy-poll',
      '0',
      ...options,
      listener.port(),
      ...ports,
    );
    const capture = await listener.capture('', SUPER_FRAMES);
    const frames = taps.map((_, index) => frame({ to: BROADCAST, from: macOf(100 + index) }));
    await running.pause();
    const queue = (tap: string, sent: string): Promise<string> =>
      crowd.mustRun(python('send_frames.py', tap, 'queue'), { input: `${sent} 3` });
    await Promise.all(taps.map((tap, index) => queue(tap, frames[index] as string)));
    running.resume();
    await until(() => capture.frames.length === 3 * taps.length, 'all frames arrive');
    await capture.stop();
    // In three bursts, each too small for all queues, every queue had its turn twice.
    const soon = capture.frames.slice(0, 3 * BURST_FRAMES);
    const turns = frames.map((sent) => soon.filter((arrived) => arrived === sent).length);
    expect(Math.min(...turns)).toBe(2);
  });
});
