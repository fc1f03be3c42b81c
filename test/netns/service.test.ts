/** The switch as a service: as a plain user with the least rights, and known to its manager. */

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { python } from './support/host';
import { Lab } from './support/lab';
import { untilReady } from './support/ready-program';
import { SwitchProcess, switchCommand } from './support/switch-process';
import { until } from './support/until';

const NOBODY = 65534;
/** capabilities(7) */
const CAP_NET_ADMIN = 1n << 12n;
const CAP_SYS_ADMIN = 1n << 21n;

/** A machine on which everybody may open /dev/net/tun, as udev has it. */
const WITH_OPEN_TUN = [
  ...['unshare', '--mount', 'sh', '-c'],
  'mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec "$@"',
  'sh',
];

function statusOf(path: string): Readonly<Record<string, string>> {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
}

describeNetns('as a service', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-service-'));
  const control = join(folder, 'control.sock');
  const api = new ControlClient(control);
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const startAs = async (user: string, ...ports: string[]): Promise<SwitchProcess> => {
    const options = ['--name', `${folder.slice(-6)}-u`, '--control', control, '--user', user];
    return SwitchProcess.start(
      lab.start([...WITH_OPEN_TUN, ...switchCommand(...options, ...ports)]),
    );
  };

  test('runs as a plain user that keeps what adding ports takes, on one thread', async () => {
    const [a, b, c] = await lab.hosts(3);
    const { process } = await startAs('nobody', a.port(), b.port());
    await Promise.all([a.address(), b.address()]);
    expect(await a.reaches(b.ipv4)).toBe(true);

    const kept = CAP_NET_ADMIN | CAP_SYS_ADMIN;
    const tasks = readdirSync(`/proc/${process.pid}/task`).map(Number);
    expect(tasks.length).toBeGreaterThan(1);
    for (const task of tasks) {
      const status = statusOf(`/proc/${process.pid}/task/${task}/status`);
      const isMain = task === process.pid;
      expect(status['Uid']?.split('\t')).toEqual(Array(4).fill(String(NOBODY)));
      expect(status['Gid']?.split('\t')).toEqual(Array(4).fill(String(NOBODY)));
      expect(BigInt(`0x${status['CapEff']}`)).toBe(isMain ? kept : 0n);
      expect(BigInt(`0x${status['CapPrm']}`)).toBe(isMain ? kept : 0n);
      expect(BigInt(`0x${status['CapInh']}`)).toBe(0n);
    }
    const main = statusOf(`/proc/${process.pid}/status`);
    expect(BigInt(`0x${main['CapBnd']}`)).toBe(kept);
    expect(main['NoNewPrivs']).toBe('1');

    const socket = statSync(control);
    expect([socket.uid, socket.gid, socket.mode & 0o777]).toEqual([NOBODY, NOBODY, 0o660]);
    expect((await api.post('/v1/ports', c.port())).status).toBe(201);
    await c.address();
    expect(await c.reaches(a.ipv4)).toBe(true);
    await a.ip('link set dev eth0 mtu 1400');
    await until(
      async () => ((await api.get('/v1/ports')).body as { mtu: number }[])[0]?.mtu === 1400,
      'the new MTU',
    );
    expect((await api.get('/metrics')).status).toBe(200);
  });

  test('keeps no right to enter namespaces where no port lives in one', async () => {
    const [host] = await lab.hosts(1);
    const { process, portLabels } = await startAs('nobody', 'tswsvc%d');
    const status = statusOf(`/proc/${process.pid}/status`);
    expect(BigInt(`0x${status['CapEff']}`)).toBe(CAP_NET_ADMIN);
    expect(portLabels).toEqual([expect.stringMatching(/^tswsvc\d+$/)]);
    expect((await api.post('/v1/ports', 'tswsvc%d')).status).toBe(201);
    const refused = await api.post('/v1/ports', host.port());
    expect(refused).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('EPERM') },
    });
  });

  test('does not start as somebody who does not exist', async () => {
    const [host] = await lab.hosts(1);
    const { finished } = lab.start(
      switchCommand('--control', control, '--user', 'tsw-nobody', host.port()),
    );
    const { status, stderr } = await finished;
    expect(status).toBe(2);
    expect(stderr).toMatch(/^switch: --user: there is no user "tsw-nobody" .*\n$/m);
    expect(await host.ip('link show')).not.toContain('eth0');
  });

  test.each([
    ['of its own user', [], 0],
    ['of another user', ['--user', 'nobody'], NOBODY],
  ])('opens its socket to the members of a group, beside those %s', async (_, options, uid) => {
    const host = await lab.host();
    for (const [group, gid] of [
      ['daemon', 1],
      ['65532', 65_532],
    ] as const) {
      const args = ['--control', control, '--control-group', group, ...options, host.port()];
      const running = await SwitchProcess.start(lab.start(switchCommand(...args)));
      const socket = statSync(control);
      expect([socket.uid, socket.gid, socket.mode & 0o777]).toEqual([uid, gid, 0o660]);
      await running.stop();
      rmSync(control, { force: true });
    }
  });

  test('does not open its socket to a group that there is not', async () => {
    const host = await lab.host();
    const file = join(folder, 'group.yaml');
    writeFileSync(file, `control-group: tsw-nobody\nports: ["${host.port()}"]\n`);
    for (const args of [
      ['--control-group', 'tsw-nobody', host.port()],
      ['--config', file],
    ]) {
      const { finished } = lab.start(switchCommand('--control', control, ...args));
      const { status, stderr } = await finished;
      expect(status).toBe(2);
      expect(stderr).toMatch(/^switch: --control-group: there is no group "tsw-nobody" .*\n$/m);
    }
    expect(await host.ip('link show')).not.toContain('eth0');
  });

  test('tells its manager when it is ready, and when it stops', async () => {
    const [host] = await lab.hosts(1);
    const path = join(folder, 'notify.sock');
    const manager = await untilReady(lab.start(python('receive_notify.py', path)));
    const command = switchCommand('--name', 'tsw-notify', '--control', control, host.port());
    const running = await SwitchProcess.start(
      lab.start(['env', `NOTIFY_SOCKET=${path}`, ...command]),
    );
    await until(
      () => manager.stdout === 'ready\nREADY=1\n',
      () => manager.stdout,
    );
    expect((await running.stop()).status).toBe(0);
    expect(manager.stdout).toBe('ready\nREADY=1\nSTOPPING=1\n');
  });
});
