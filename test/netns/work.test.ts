/**
 * A port whose frames make much work gets a turn of bounded work: few of its frames are forwarded
 * between a ping and its answer at two other ports. The switch is paused while the queue fills, so that
 * the switch alone determines the order in which frames arrive.
 */

import { afterEach, expect, test } from '@jest/globals';
import { internetChecksum, ipHex } from '../support/ip-frames';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame } from './support/frame';
import { INTERFACE } from './support/host';
import { Lab } from './support/lab';

/** Ports for each broadcast besides the hosts' ports. */
const CROWD = 60;
const FLOOD = 300;
/** Frames in one burst: `src/frame/burst.ts`. */
const BURST_FRAMES = 64;

/** An echo request, which the host's kernel answers while the frame is being delivered. */
function echoRequest(source: string, target: string): string {
  const echo = (checksum: string): string => `0800 ${checksum} 1234 0001`.replaceAll(' ', '');
  const ip = (checksum: string): string =>
    `4500 001c 0001 0000 4001 ${checksum} ${ipHex(source)} ${ipHex(target)}`.replaceAll(' ', '');
  return ip(internetChecksum(ip('0000'))) + echo(internetChecksum(echo('0000')));
}

describeNetns.each([
  { how: 'through io_uring', options: [] },
  { how: 'frame by frame', options: ['--no-io-uring'] },
])('beside a flood to many ports, read $how', ({ options }) => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('an answer is back after few frames of the flood', async () => {
    const [flooder, crowd] = await lab.hosts(2, { isQuiet: true });
    const [asker, answerer] = await lab.hosts(2);
    const taps = Array.from({ length: CROWD }, (_, index) => `tap${index}@${crowd.netns}`);
    const hosts = [flooder, asker, answerer];
    const ports = hosts.map((host) => host.port());
    const running = await lab.startSwitch('--busy-poll', '0', ...options, ...ports, ...taps);
    await Promise.all(hosts.map((host) => host.address()));
    await asker.floodPings(answerer.ipv4, 3);
    const capture = await asker.capture();

    await running.pause();
    const flood = frame({ to: BROADCAST, from: flooder.mac });
    const question = frame({
      to: answerer.mac,
      from: asker.mac,
      type: '0800',
      payload: echoRequest(asker.ipv4, answerer.ipv4),
    });
    await flooder.queue(`${flood} ${FLOOD}`);
    await asker.queue(question);
    running.resume();

    await flooder.send(frame({ to: BROADCAST, from: flooder.mac, payload: 'ff' }));
    await capture.has(frame({ to: BROADCAST, from: flooder.mac, payload: 'ff' }));
    await capture.stop();
    const isAnswer = (arrived: string): boolean => arrived.slice(24, 28) === '0800';
    const answerAt = capture.frames.findIndex(isAnswer);
    const before = capture.frames.slice(0, answerAt).filter((arrived) => arrived === flood);
    expect(answerAt).toBeGreaterThanOrEqual(0);
    expect(before.length).toBeLessThan(BURST_FRAMES / 2);
    // No frame of the flood is lost, and the answer came from the right host.
    expect(capture.frames.filter((arrived) => arrived === flood)).toHaveLength(FLOOD);
    expect(capture.frames[answerAt]?.slice(12, 24)).toBe(answerer.mac.replaceAll(':', ''));
    expect(await asker.countReceived(INTERFACE)).toBeGreaterThan(FLOOD);
  });
});
