/** The neighbour table of a running switch, as tapctl and the API show and change it. */

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNetns } from './describe-netns';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';

const STATION = '02:00:00:00:00:77';

describeNetns('tapctl neigh', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-neigh-'));
  const socket = join(folder, 'control.sock');
  let hosts: [Host, Host];

  beforeAll(async () => {
    hosts = await lab.hosts(2);
    await lab.connect(hosts, '--control', socket);
    await hosts[0].reaches(hosts[1].ipv4);
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const tapctl = new Tapctl(socket);

  /** IPv4 bindings in the order of their addresses. */
  async function shown(words = ''): Promise<unknown[]> {
    const all = (await tapctl.json(`neigh show ${words}`)) as { readonly dst: string }[];
    const ipv4 = all.filter(({ dst }) => dst.includes('.'));
    return ipv4.sort((one, two) => one.dst.localeCompare(two.dst));
  }

  const learned = ({ ipv4, mac, label }: Host) => ({
    dst: ipv4,
    port: label,
    dev: label,
    lladdr: mac,
    state: ['REACHABLE'],
    updated: expect.any(Number),
  });

  test('shows the hosts that were heard, on every port or on one', async () => {
    expect(await shown()).toEqual([learned(hosts[0]), learned(hosts[1])]);
    expect(await shown(`dev ${hosts[1].label}`)).toEqual([learned(hosts[1])]);
  });

  test('binds an address of either family permanently, flushes the rest, and removes it', async () => {
    await tapctl.run(`neigh add 192.0.2.77 lladdr ${STATION} dev ${hosts[0].label}`);
    await tapctl.run(`neigh add 2001:DB8::77 lladdr ${STATION}`);
    // The hosts forget each other. Otherwise they would verify their entries, and the switch would learn them again.
    for (const host of hosts) await host.ip('neigh flush all');
    await tapctl.run('neigh flush');
    expect(await tapctl.json('neigh show')).toEqual([
      {
        dst: '192.0.2.77',
        port: hosts[0].label,
        dev: hosts[0].label,
        lladdr: STATION,
        state: ['PERMANENT'],
      },
      { dst: '2001:db8::77', lladdr: STATION, state: ['PERMANENT'] },
    ]);
    expect((await tapctl.run('neigh del 192.0.2.77')).status).toBe(0);
    expect((await tapctl.run('neigh del 2001:db8::77')).status).toBe(0);
    expect(await shown()).toEqual([]);
  });

  test.each([
    ['add 224.0.0.1 lladdr 02:00:00:00:00:77', 2, /^tapctl: address: .*a multicast address$/m],
    ['add 192.0.2.7', 2, /^tapctl: needs a station: neigh add IP lladdr MAC$/m],
    ['add 192.0.2.7 lladdr ff:ff:ff:ff:ff:ff', 2, /^tapctl: mac: expected the MAC address of one/m],
    ['add 192.0.2.7 lladdr 02:00:00:00:00:77 dev tap9', 1, /tap9/],
    ['del 192.0.2.7', 1, /^tapctl: 192\.0\.2\.7 is not in the neighbour table$/m],
  ])('neigh %s is refused', async (words, status, line) => {
    const refused = await tapctl.run(`neigh ${words}`);
    expect(refused).toMatchObject({ status, stderr: expect.stringMatching(line) });
  });
});
