/** Flags of ports on real TAPs, set while the switch runs. `unit/l2/port-flags` has every case. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-flags-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
afterAll(() => rmSync(folder, { recursive: true }));

async function set(host: Host, setting: string): Promise<void> {
  expect(await tapctl.run(`port set ${host.label} ${setting}`)).toMatchObject({ status: 0 });
}

describeNetns('flags of a port', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('isolated ports reach all ports but each other, and the switch does not answer for their hosts', async () => {
    const [a, b, c] = await lab.hosts(3);
    const ports = [a, b].map((host) => host.port('isolated'));
    await lab.startSwitch('--control', control, ...ports, c.port());
    await Promise.all([a, b, c].map((host) => host.address()));
    expect(await a.reaches(c.ipv4)).toBe(true);
    expect(await c.reaches(b.ipv6)).toBe(true);
    expect(await a.reaches(b.ipv4)).toBe(false);
    expect(await b.reaches(a.ipv6)).toBe(false);
    const shown = (await tapctl.json('port show')) as { port: string; isolated?: boolean }[];
    expect(shown.map(({ isolated }) => isolated)).toEqual([true, true, false]);
    await set(b, 'isolated=off');
    await until(() => a.reaches(b.ipv4), 'the ports reach each other');
  });

  test('a locked port takes frames from its static stations', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.startSwitch('--control', control, a.port('locked'), b.port());
    await Promise.all([a, b].map((host) => host.address()));
    expect(await a.reaches(b.ipv4)).toBe(false);
    const add = await tapctl.run(`fdb add ${a.mac} dev ${a.label} static`);
    expect(add).toMatchObject({ status: 0 });
    await until(() => a.reaches(b.ipv4), 'the station passes');
    expect(await b.reaches(a.ipv6)).toBe(true);
  });

  test('a backup takes frames to the stations of a port that is down', async () => {
    const [a, b, c] = await lab.hosts(3);
    await lab.startSwitch('--control', control, ...[a, b, c].map((host) => host.port()));
    await Promise.all([a, b, c].map((host) => host.address()));
    expect(await a.reaches(b.ipv4)).toBe(true);
    expect(await tapctl.run(`fdb add ${b.mac} dev ${b.label} static`)).toMatchObject({ status: 0 });
    await set(b, `backup=${c.label}`);
    expect(await tapctl.json(`port show ${b.label}`)).toMatchObject({ backup_port: c.label });
    await b.ip('link set eth0 down');
    await until(
      async () =>
        ((await tapctl.json(`port show ${b.label}`)) as { state: string }).state === 'down',
      'the port is down',
    );
    const frame = `${b.mac} ${a.mac} 88b5`;
    const trace = `trace ${a.label} ${frame}`;
    expect((await tapctl.run(trace)).stdout).toContain(
      `${b.label} is down; its backup is ${c.label}\n`,
    );
    expect(await tapctl.run(`port del ${c.label}`)).toMatchObject({ status: 0 });
    expect(await tapctl.json(`port show ${b.label}`)).toMatchObject({ backup: 'off' });
    expect((await tapctl.run(trace)).stdout).not.toContain('backup');
    for (const [value, why] of [
      ['tap99', /^tapctl: backup: no port tap99; the ports are: /],
      [b.label, /^tapctl: backup: a port cannot take over for itself$/m],
    ] as const) {
      const refused = await tapctl.run(`port set ${b.label} backup=${value}`);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toMatch(why);
    }
  });

  test('are shown with the keys of bridge -d -j link show', async () => {
    const [a] = await lab.hosts(1);
    const keys = [
      'locked',
      'mcast-flood=off',
      'neigh-suppress=off',
      'stp-priority=64',
      'fastleave',
    ];
    await lab.startSwitch('--control', control, a.port(...keys, 'root-guard'));
    const { name } = (await tapctl.json('show')) as { name: string };
    const shown = {
      ...{ ifname: a.label, master: name, mtu: 1500, priority: 16, cost: 20_000 },
      ...{ hairpin: false, guard: false, root_block: true, fastleave: true, learning: true },
      ...{ flood: true, mcast_flood: false, bcast_flood: true, mcast_router: 1 },
      ...{ mcast_max_groups: 0, neigh_suppress: false, isolated: false, locked: true, mab: false },
    };
    const { stdout } = await tapctl.run(`port show ${a.label} -j`);
    expect(JSON.parse(stdout)).toMatchObject(shown);
    const changes = ['bpdu-guard=on', 'mcast-router=2', 'stp-cost=7', 'mcast-max-groups=3'];
    await set(a, changes.join(' '));
    expect(await tapctl.json(`port show ${a.label}`)).toMatchObject({
      ...shown,
      ...{ guard: true, mcast_router: 2, cost: 7, mcast_max_groups: 3 },
    });
  });

  test('a port refuses an invalid value', async () => {
    const [a] = await lab.hosts(1);
    await lab.startSwitch('--control', control, a.port());
    const refused = await tapctl.run(`port set ${a.label} isolated=maybe`);
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.stderr).toBe('tapctl: isolated: expected on or off, got "maybe"\n');
  });
});
