/** Starting, stopping, and several switches on one machine. */

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { niceOf } from './support/nice';
import { switchCommand } from './support/switch-process';
import { until } from './support/until';

/** Milliseconds in which the switch promises to end after a signal. */
const STOP_MS = 2_000;
const REST_MS = 3_000;
/** Part of a processor that an idle switch takes at most. */
const IDLE_SHARE = 0.005;

async function hasTap(host: Host): Promise<boolean> {
  const { status } = await host.run(['ip', 'link', 'show', INTERFACE]);
  return status === 0;
}

describeNetns('a switch', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('logs that it is ready, with the names of bridge and ports', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b]);
    expect(running.process.stdout).toMatch(/^ready ts\S+ \S+ \S+\n$/);
    expect(running.portLabels).toEqual([a.label, b.label]);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it, and its TAPs', async (signal) => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b]);
    await a.floodPing(b.ipv4);
    const before = performance.now();
    const { status, stderr } = await running.stop(signal);
    expect(status).toBe(0);
    expect(performance.now() - before).toBeLessThan(STOP_MS);
    expect(stderr).not.toMatch(/error|^ {4}at /im);
    expect([await hasTap(a), await hasTap(b)]).toEqual([false, false]);
  });

  // The switch opens and changes devices between the start of its socket and `ready`.
  test.each([0, 20, 40])('a signal %d ms after its socket leaves nothing changed', async (ms) => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-early-'));
    try {
      const host = await lab.host({ isQuiet: true });
      await host.mustRun(['ip', 'tuntap', 'add', 'found0', 'mode', 'tap']);
      await host.ip('link set found0 mtu 1444 up');
      const before = await host.ip('-d link show found0');
      const control = join(folder, 'early.sock');
      const others = Array.from({ length: 20 }, (_, index) => `made${index}`);
      const options = ['--control', control, 'found0,mtu=1400,queue=99', ...others];
      const starting = host.start(switchCommand(...options));
      await until(() => existsSync(control), 'the socket is there');
      await sleep(ms);
      const { status } = await starting.stop('SIGTERM');
      expect(status).toBe(0);
      expect(await host.ip('-d link show found0')).toBe(before);
      expect(existsSync(control)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('prints ports, stations, neighbours and its own addresses on SIGUSR1', async () => {
    const [a, b] = await lab.hosts(2);
    const running = await lab.connect([a, b], '--address', '192.0.2.100/24');
    expect(await a.reaches('192.0.2.100')).toBe(true);
    const { ports, stations, neighbours, addresses } = await running.tables();
    expect(ports).toMatchObject([
      { PORT: a.label, STATE: 'up', MTU: '1500' },
      { PORT: b.label, STATE: 'up', MTU: '1500' },
    ]);
    expect(stations).toContainEqual(
      expect.objectContaining({ MAC: a.mac, PORT: a.label, KIND: 'learned' }),
    );
    expect(neighbours).toContainEqual(
      expect.objectContaining({ NEIGHBOUR: a.ipv4, MAC: a.mac, PORT: a.label }),
    );
    expect(addresses).toContainEqual({ ADDRESS: '192.0.2.100', STATE: 'claimed' });
  });

  test('needs little CPU time when idle', async () => {
    const running = await lab.connect(await lab.hosts(3, { isQuiet: true }));
    expect(running.residentBytes).toBeLessThan(120e6);
    // V8 compiles for some seconds after the start.
    await until(async () => {
      const before = running.cpuMs;
      await sleep(REST_MS);
      return (running.cpuMs - before) / REST_MS < IDLE_SHARE;
    }, 'the switch takes at most half a percent of a processor');
  });

  test('prefers frames to operators', async () => {
    const [a, b] = await lab.hosts(2);
    const { process } = await lab.connect([a, b]);
    const flood = await a.floodPing(b.ipv4);
    const tasks = `/proc/${process.pid}/task`;
    const cpuNs = (task: string): number =>
      Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    const before = new Map(readdirSync(tasks).map((task) => [task, cpuNs(task)]));
    const busiest = await until(() => {
      const worked = (task: string): number => cpuNs(task) - (before.get(task) ?? 0);
      return [...before.keys()].find((task) => worked(task) > 100e6);
    }, 'the thread that moves frames');
    await flood.stop();
    expect([niceOf(process.pid), niceOf(process.pid, busiest)]).toEqual([10, 0]);
  });

  test('serves a request at the priority of the frames, and a stream below it', async () => {
    const [a] = await lab.hosts(1);
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-hurry-'));
    const control = join(folder, 'control.sock');
    const { process } = await lab.startSwitch('--control', control, a.port());
    const client = new ControlClient(control);
    const isHurried = (): boolean => niceOf(process.pid) === 0;
    expect(isHurried()).toBe(false);
    await until(async () => {
      // Only a request after a pause is hurried.
      await sleep(150);
      const stream = await client.readNoFurther('/v1/events');
      if (isHurried()) return true;
      stream.destroy();
      return false;
    }, 'a request is hurried');
    await until(() => !isHurried(), 'the stream is below the frames');
    rmSync(folder, { recursive: true });
  });

  test('can be killed and started again on persistent TAPs', async () => {
    const [a, b] = await lab.hosts(2);
    const start = (): ReturnType<Lab['startSwitch']> =>
      lab.startSwitch('--control', 'none', a.port('persist'), b.port('persist'));
    const first = await start();
    await Promise.all([a.address(), b.address()]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    await first.stop('SIGKILL');
    expect([await hasTap(a), await hasTap(b)]).toEqual([true, true]);
    await start();
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await a.reaches(b.ipv6)).toBe(true);
  });

  test('is independent of another one with the same stations', async () => {
    const [left, right, otherLeft, otherRight] = await lab.hosts(4);
    const one = await lab.connect([left, right]);
    const other = await lab.connect([otherLeft, otherRight]);
    const pings = [await left.floodPing(right.ipv4), await otherLeft.floodPing(otherRight.ipv4)];
    expect(await left.reaches(otherRight.ipv4)).toBe(false);
    for (const ping of pings) {
      const { sent, received } = await ping.stop();
      expect(received).toBe(sent);
    }
    expect(await one.portOf(left.mac)).toBe(left.label);
    expect(await other.portOf(left.mac)).toBeUndefined();
    await one.stop();
    expect(await otherLeft.reaches(otherRight.ipv4)).toBe(true);
  });

  test('can have 64 ports', async () => {
    const hosts: Host[] = await lab.hosts(64, { isQuiet: true });
    const [first, ...others] = hosts as [Host, ...Host[]];
    const last = hosts[63] as Host;
    await lab.connect(hosts);
    await first.send(`${frame({ to: BROADCAST, from: first.mac })} 100`);
    for (const host of others) {
      await until(async () => (await host.countReceived()) >= 100, `100 frames at ${host.label}`);
    }
    expect(await first.countReceived()).toBe(0);
    await last.send(`${frame({ to: first.mac, from: last.mac })} 100`);
    await until(async () => (await first.countReceived()) >= 100, '100 frames come back');
    expect(await Promise.all(hosts.map((host) => host.countReceived()))).toEqual(
      hosts.map(() => 100),
    );
  });
});
