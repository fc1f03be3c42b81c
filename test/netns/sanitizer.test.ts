/**
 * The addon built with the address and undefined-behaviour sanitizers (`npm run build:asan`), under
 * traffic and while devices and ports change. A finding ends the switch.
 */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun, run } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame } from './support/frame';
import { INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { type SwitchProcess, sanitizedSwitchCommand } from './support/switch-process';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const CHANGES = 1_000;
const DELETIONS = 100;
const NAMESPACES = 70;
/** Milliseconds for a whole test, on a busy machine. */
const PATIENCE_MS = 300_000;
const API_PATIENCE_MS = 60_000;
/** Requests at the same time. The switch accepts 32. */
const AT_ONCE = 20;

const FINDING = /Sanitizer|runtime error/;

async function expectCleanStop(running: SwitchProcess): Promise<void> {
  const { status, stderr } = await running.stop();
  expect(stderr).not.toMatch(FINDING);
  expect(status).toBe(0);
}

describeNetns('with sanitizers', () => {
  const lab = new Lab(sanitizedSwitchCommand);
  const leftOver: string[] = [];
  afterEach(async () => {
    await lab.clear();
    // Removes the devices of a failed test.
    for (const netns of leftOver.splice(0)) await run(['ip', 'netns', 'delete', netns]);
  });

  test('ports come, flap, are refused, vanish and come back under traffic', async () => {
    const [a, b, c] = await lab.hosts(3);
    const running = await lab.startSwitch(
      ...['--address', '192.0.2.100/24'],
      ...[a.port('mtu=9000'), b.port('mtu=9000', 'offload=off'), c.port('persist')],
    );
    await Promise.all([a, b, c].map((host) => host.address()));
    const pings = await a.floodPing(b.ipv4);
    await c.ip(`link set ${INTERFACE} down`);
    await running.logged('port is down', c.label);
    await c.ip(`link set ${INTERFACE} up`);
    await running.logged('port is up', c.label);
    await c.ip(`link delete ${INTERFACE}`);
    await running.logged('port is gone', c.label);
    await c.ip(`tuntap add dev ${INTERFACE} mode tap`);
    await running.logged('port is back', c.label);
    expect(await a.reaches('192.0.2.100', '-s', '8000')).toBe(true);
    const { sent, received } = await pings.stop();
    expect(received).toBe(sent);
    expect((await running.tables()).ports).toHaveLength(3);

    await expectCleanStop(running);
  });

  test('frames of every length pass', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const running = await lab.startSwitch(...[a, b, c].map((host) => host.port('mtu=9000')));
    const frames = Array.from({ length: 9000 / 50 }, (_, step) =>
      frame({ to: BROADCAST, from: a.mac, lengthBytes: 14 + step * 50 }),
    );
    await a.send(...frames);
    expect(await running.port(a.label)).toMatchObject({ 'RX-FRAMES': String(frames.length) });
    await expectCleanStop(running);
  });

  test('super-frames are segmented', async () => {
    const [from, to] = await lab.hosts(2);
    const running = await lab.startSwitch(from.port(), to.port('offload=off'));
    await Promise.all([from.address(), to.address()]);
    const { sent, received } = await tcpStream(from, to, to.ipv6, 20_000_000);
    expect(received).toBe(sent);
    await expectCleanStop(running);
  });

  test(
    'ports change a thousand times, and devices and namespaces vanish by the dozen',
    async () => {
      const control = join(tmpdir(), `tapswitch-sanitizer-${process.pid}.sock`);
      const api = new ControlClient(control);
      const [a, b, crowd] = await lab.hosts(3);
      const netnses = Array.from({ length: NAMESPACES }, (_, n) => `${crowd.netns}-${n}`);
      const batch = (lines: readonly string[], ...options: string[]): Promise<string> =>
        mustRun(['ip', ...options, '-batch', '-'], { input: `${lines.join('\n')}\n` });
      leftOver.push(...netnses);
      await batch(netnses.map((netns) => `netns add ${netns}`));
      const names = Array.from({ length: DELETIONS }, (_, n) => `t${n}`);
      const running = await lab.startSwitch(
        ...['--control', control, a.port(), b.port()],
        ...names.map((name) => `${name}@${crowd.netns}`),
        ...netnses.map((netns) => `${INTERFACE}@${netns}`),
      );
      await Promise.all([a.address(), b.address()]);
      // The API may load for longer than a connection may last, with sanitizers and at a low priority.
      const hasAnswered = (): Promise<boolean> =>
        api.get('/v1/ports').then(
          () => true,
          () => false,
        );
      await until(hasAnswered, 'the API answers', API_PATIENCE_MS);
      const pings = await a.floodPing(b.ipv4);

      // Each request changes the interface, and every tenth one opens the device anew.
      const change = async (n: number): Promise<void> => {
        const label = encodeURIComponent(`t${n % DELETIONS}@${crowd.netns}`);
        const settings =
          n % 10 === 9 ? { offload: n % 20 === 9 } : { mtu: 1000 + n, up: n % 3 > 0 };
        expect((await api.patch(`/v1/ports/${label}`, settings)).status).toBe(200);
      };
      for (let n = 0; n < CHANGES; n += AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, (_, m) => change(n + m)));
      }
      const gone = (): number =>
        running.log.filter(({ message }) => message === 'port is gone').length;
      await batch(
        names.map((name) => `link delete ${name}`),
        ...['-n', crowd.netns],
      );
      await until(() => gone() === DELETIONS, 'every TAP is gone');
      await batch(netnses.map((netns) => `netns delete ${netns}`));
      await until(() => gone() === DELETIONS + NAMESPACES, 'every namespace is gone');

      const { sent, received } = await pings.stop();
      expect(received).toBe(sent);
      expect((await running.tables()).ports).toHaveLength(2 + DELETIONS + NAMESPACES);
      await expectCleanStop(running);
    },
    PATIENCE_MS,
  );

  test('a start that is refused ends in one line', async () => {
    const host = await lab.host();
    await expect(lab.startSwitch(host.port(), `lo@${host.netns}`)).rejects.toThrow(
      /^the switch ended: switch: lo@\S+: is another kind of interface, not a TAP .*\n$/,
    );
  });
});
