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
