/**
 * Devices that others change: a device is moved where the switch may not follow, or deleted, or no
 * descriptor is left to check it. Only its own port is affected.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { mustRun } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame } from './support/frame';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { FullCgroup, leaveDescriptors } from './support/limits';
import type { SwitchProcess } from './support/switch-process';
import { Tapctl } from './support/tapctl';

interface Port {
  readonly port: string;
  readonly state: string;
  readonly mtu: number;
  readonly trusted: boolean;
  readonly problem?: string;
}

const PROBLEM = 'port has a problem; the switch tries again';
const PROBLEM_OVER = 'port has no problem any longer';

describeNetns('a device that others change', () => {
  const lab = new Lab();
  let folder: string;
  let api: ControlClient;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-devices-'));
    api = new ControlClient(join(folder, 'control.sock'));
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const portOf = async (label: string): Promise<Port> => {
    const { status, body } = await api.get('/v1/ports');
    expect(status).toBe(200);
    return (body as Port[]).find(({ port }) => port === label) as Port;
  };
  const countLogged = (running: SwitchProcess, message: string): number =>
    running.log.filter((line) => line.message === message).length;

  /** Deletes the host's TAP, and waits until the switch knows. */
  /** @param time the first of a test, the second, … */
  const deleteTap = async (running: SwitchProcess, host: Host, time = 1): Promise<void> => {
    await host.ip(`link delete ${INTERFACE}`);
    await running.logged('port is gone', host.label, time);
  };
  const makeTapAgain = async (running: SwitchProcess, host: Host, time = 1): Promise<void> => {
    await host.ip(`tuntap add dev ${INTERFACE} mode tap`);
    await running.logged('port is back', host.label, time);
  };

  test('that is moved to a namespace closed to the switch is followed as far as possible', async () => {
    const [home, elsewhere] = await lab.hosts(2, { isQuiet: true });
    const options = ['--user', 'nobody', '--control', api.path];
    const running = await lab.startSwitchIn(home, ...options, 't0', 't1');
    await home.ip('link set t0 netns ' + elsewhere.netns);
    const { problem } = await running.logged(PROBLEM, 't0');
    expect(problem).toMatch(/^was moved to a network namespace that may not be entered \(EPERM\)/);
    await running.logged('port is down', 't0');
    await elsewhere.ip('link set t0 up');
    await running.logged('port is up', 't0');
    expect(await portOf('t0')).toMatchObject({ state: 'up', problem });
    expect(await portOf('t1')).not.toHaveProperty('problem');
    const shown = await new Tapctl(api.path).run('port show');
    expect(shown.stdout).toContain(`t0: ${problem as string}`);

    // A setting by name does not reach another interface of that name.
    await home.ip('tuntap add dev t0 mode tap');
    const refused = await api.patch('/v1/ports/t0', { mtu: 1400 });
    expect(refused).toMatchObject({ status: 409 });
    expect(await home.ip('link show t0')).toContain('mtu 1500');
    await home.ip('link delete t0');

    const before = await elsewhere.countReceived('t0');
    await home.mustRun(['ip', 'address', 'add', '192.0.2.1/24', 'dev', 't1']);
    await home.run(['ping', '-c', '1', '-W', '1', '192.0.2.2']);
    expect(await elsewhere.countReceived('t0')).toBeGreaterThan(before);

    await elsewhere.ip('link set t0 netns ' + home.netns);
    await running.logged(PROBLEM_OVER, 't0');
    await home.ip('link set t0 mtu 1400 up');
    await running.logged('MTU changed', 't0');
    expect([countLogged(running, PROBLEM), countLogged(running, PROBLEM_OVER)]).toEqual([1, 1]);
    expect((await running.stop()).status).toBe(0);
  });

  test.each([0, 1])(
    'that is moved is found as soon as there are more descriptors than %d',
    async (left) => {
      const [home, elsewhere] = await lab.hosts(2, { isQuiet: true });
      const running = await lab.startSwitchIn(home, '--control', api.path, 't0', 't1');
      const giveBack = await leaveDescriptors(running.process.pid, left);
      await home.ip('link set t0 netns ' + elsewhere.netns);
      const { problem } = await running.logged(PROBLEM, 't0');
      expect(problem).toBe('no file descriptor is left (EMFILE); raise the limit: ulimit -n');
      await giveBack();
      await running.logged(PROBLEM_OVER, 't0');
      await elsewhere.ip('link set t0 mtu 1400 up');
      await running.logged('port is up', 't0');
      await running.logged('MTU changed', 't0');
      expect(countLogged(running, PROBLEM)).toBe(1);
    },
  );

  const cgroup = FullCgroup.make(`tapswitch-devices-${process.pid}`);
  cgroup?.remove();
  (cgroup === undefined ? describe.skip : describe)('where no thread is left', () => {
    test('is opened, followed and closed', async () => {
      const [a, b, elsewhere] = await lab.hosts(3, { isQuiet: true });
      const running = await lab.startSwitch('--control', api.path, a.port());
      const full = FullCgroup.make(`tapswitch-devices-${process.pid}`) as FullCgroup;
      try {
        full.confine(running.process.pid);
        expect((await api.post('/v1/ports', b.port())).status).toBe(201);
        await b.ip(`link set ${INTERFACE} netns ${elsewhere.netns}`);
        await running.logged('port is down', b.label);
        await elsewhere.ip(`link set ${INTERFACE} mtu 1400 up`);
        await running.logged('port is up', b.label);
        expect((await api.delete(`/v1/ports/${encodeURIComponent(b.label)}`)).status).toBe(204);
        expect(await elsewhere.ip('-br link')).not.toContain(INTERFACE);
        // Only closing needs further threads, and it works without them.
        expect((await running.stop()).status).toBe(0);
      } finally {
        full.remove();
      }
    });
  });

  test('that is deleted is shown as gone, and nothing else changes', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.startSwitch('--control', api.path, a.port(), b.port());
    await deleteTap(running, b);
    expect(await portOf(b.label)).toMatchObject({ state: 'gone', mtu: 1500 });
    expect(await portOf(a.label)).toMatchObject({ state: 'up' });
    const urls = ['/v1/bridge', '/v1/config', '/v1/stats', '/v1/fdb', '/metrics'];
    const gone = encodeURIComponent(b.label);
    for (const url of [...urls, `/v1/ports/${gone}`, `/v1/stats?port=${gone}`]) {
      expect([url, (await api.get(url)).status]).toEqual([url, 200]);
    }
    for (const { label, mac } of [a, b]) {
      const body = { port: label, frame: frame({ to: BROADCAST, from: mac }) };
      expect(await api.post('/v1/trace', body)).toMatchObject({ status: 200 });
    }
    const tapctl = new Tapctl(api.path);
    for (const line of ['show', 'port show', `port show ${b.label}`]) {
      const { status, stdout } = await tapctl.run(line);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/ gone /)]);
    }
    expect(await running.port(b.label)).toMatchObject({ STATE: 'gone' });
  });

  test('that is deleted: settings are kept for the next one, or refused as a whole', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const ports = [a.port(), b.port('queue=99')];
    const running = await lab.startSwitch('--control', api.path, ...ports);
    await deleteTap(running, b);
    const url = `/v1/ports/${encodeURIComponent(b.label)}`;
    const refused = await api.patch(url, { up: true, trusted: true, mtu: 1400 });
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: `${b.label}: up: the TAP was deleted; make the TAP again, and then set it` },
    });
    expect(await portOf(b.label)).toMatchObject({ trusted: false, mtu: 1500 });
    // The device that replaces it belongs to another user.
    const owned = await api.patch(url, { owner: 'nobody', mtu: 1400 });
    expect(owned).toMatchObject({ status: 409 });
    expect(await portOf(b.label)).toMatchObject({ mtu: 1500 });
    expect(await api.patch(url, { trusted: true })).toMatchObject({
      status: 200,
      body: { state: 'gone', trusted: true },
    });
    const mac = '02:00:00:00:0e:0e';
    expect(await api.patch(url, { mtu: 9000, mac, offload: false })).toMatchObject({
      status: 200,
      body: { mtu: 9000, offload: false },
    });
    await makeTapAgain(running, b);
    expect(await portOf(b.label)).toMatchObject({ mtu: 9000, trusted: true, offload: false });
    expect(await b.ip(`link show ${INTERFACE}`)).toMatch(
      /mtu 9000 [^]*qlen 99[^]*02:00:00:00:0e:0e/,
    );
    // The third device gets the settings, too.
    await deleteTap(running, b, 2);
    await makeTapAgain(running, b, 2);
    expect(await portOf(b.label)).toMatchObject({ mtu: 9000, offload: false });
    expect(await b.ip(`link show ${INTERFACE}`)).toMatch(
      /mtu 9000 [^]*qlen 99[^]*02:00:00:00:0e:0e/,
    );
  });

  test('that is deleted does not stop a reload of the other ports', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const file = join(folder, 'br0.yaml');
    const configure = (...ports: string[]): void =>
      writeFileSync(file, `ports: [${ports.map((port) => `"${port}"`).join(', ')}]`);
    configure(a.port('mtu=1500'), b.port('mtu=1500'));
    const running = await lab.startSwitch('--control', api.path, '--config', file);
    await deleteTap(running, b);

    configure(a.port('mtu=2000'), b.port('mtu=2000'), 'tap0@tapswitch-no-such-netns');
    expect((await api.post('/v1/reload')).status).toBe(409);
    expect([(await portOf(a.label)).mtu, (await portOf(b.label)).mtu]).toEqual([1500, 1500]);

    configure(a.port('mtu=9000'), b.port('mtu=9000'));
    expect(await api.post('/v1/reload')).toMatchObject({
      status: 200,
      body: { changed: [a.label, b.label] },
    });
    expect(await a.ip(`link show ${INTERFACE}`)).toContain('mtu 9000');
    expect(await api.post('/v1/reload')).toMatchObject({ status: 200, body: { changed: [] } });
    await makeTapAgain(running, b);
    expect(await b.ip(`link show ${INTERFACE}`)).toContain('mtu 9000');
  });

  test('is down without a carrier', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.startSwitch(a.port(), b.port());
    await b.ip(`link set ${INTERFACE} carrier off`);
    await running.logged('port is down', b.label);
    expect(await running.port(b.label)).toMatchObject({ STATE: 'down' });
    await b.ip(`link set ${INTERFACE} carrier on`);
    await running.logged('port is up', b.label);
    expect(await running.port(b.label)).toMatchObject({ STATE: 'up' });
  });

  test('does not keep its new namespace alive', async () => {
    const [a, elsewhere] = await lab.hosts(2, { isQuiet: true });
    const running = await lab.startSwitch(a.port());
    await a.ip(`link set ${INTERFACE} netns ${elsewhere.netns}`);
    await running.logged('port is down', a.label);
    await mustRun(['ip', 'netns', 'delete', elsewhere.netns]);
    await running.logged('port is gone', a.label);
    // A new TAP in the port's namespace takes its place, as after any deletion.
    await makeTapAgain(running, a);
    expect(await running.port(a.label)).toMatchObject({ STATE: 'up' });
  });
});
