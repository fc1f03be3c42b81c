/**
 * The addon built with the address and undefined-behaviour sanitizers (`npm run build:asan`), under
 * traffic and while the world changes around it. A finding ends the switch.
 */

import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame } from './support/frame';
import { INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { type SwitchProcess, sanitizedSwitchCommand } from './support/switch-process';
import { tcpStream } from './support/tcp-stream';

const FINDING = /Sanitizer|runtime error/;

async function expectCleanStop(running: SwitchProcess): Promise<void> {
  const { status, stderr } = await running.stop();
  expect(stderr).not.toMatch(FINDING);
  expect(status).toBe(0);
}

describeNetns('with sanitizers', () => {
  const lab = new Lab(sanitizedSwitchCommand);
  afterEach(() => lab.clear());

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

  test('a start that is refused ends in one line', async () => {
    const host = await lab.host();
    await expect(lab.startSwitch(host.port(), `lo@${host.netns}`)).rejects.toThrow(
      /^the switch ended: switch: lo@\S+: is another kind of interface, not a TAP .*\n$/,
    );
  });
});
