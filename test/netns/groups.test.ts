/** Groups with real hosts: Linux joins and leaves, and a Linux bridge or the switch asks. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MdbBody } from '../../src/control/shapes';
import { data } from '../support/group-frames';
import { describeNetns } from './describe-netns';
import { frame } from './support/frame';
import { whoHears } from './support/hearers';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const V3_GROUP = '239.1.1.1';
const V2_GROUP = '239.1.1.2';
const V6_GROUP = 'ff0e::1';
const GROUP_MAC = '01:02:03:04:05:06';
const NOBODYS_GROUP = '239.1.1.9';
const NOBODYS_V6_GROUP = 'ff0e::9';
const MDNS = '224.0.0.251';

const hexOf = (group: string, host: Host): string =>
  Buffer.from(data(group, host.ipv4, { from: host.number })).toString('hex');

describeNetns('groups of real hosts', () => {
  const lab = new Lab();
  let folder: string;
  let tapctl: Tapctl;
  let hosts: [Host, Host, Host];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-groups-'));
    tapctl = new Tapctl(join(folder, 'control.sock'));
    hosts = await lab.hosts(3);
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const start = (...options: string[]) =>
    lab.connect(hosts, '--control', join(folder, 'control.sock'), '--mcast-snooping', ...options);

  const mdb = async (): Promise<MdbBody> => ((await tapctl.json('mdb show')) as [MdbBody])[0];

  /** Ports that have joined a group. */
  const membersOf = async (group: string): Promise<string[]> =>
    (await mdb()).mdb
      .filter(({ grp, src }) => grp === group && src === undefined)
      .map(({ port }) => port);

  /** Hosts that a frame of the first host to a group reaches. */
  const takersOf = async (group: string): Promise<readonly Host[]> => {
    const [sender] = hosts;
    const bytes = group.includes(':')
      ? Buffer.from(data(group, sender.ipv6, { from: sender.number })).toString('hex')
      : hexOf(group, sender);
    return (await whoHears(sender, hosts, bytes)).by;
  };

  const joinGroup = (host: Host, address: string): Promise<string> =>
    host.ip(`address add ${address} dev ${INTERFACE} autojoin`);

  test('without a querier, Neighbor Discovery, mDNS, DHCPv6 and router advertisements reach all hosts', async () => {
    const [first, second, third] = hosts;
    await start();
    for (const group of [MDNS, 'ff02::fb', 'ff02::1:2', 'ff02::1', 'ff02::2', V6_GROUP]) {
      expect([group, await takersOf(group)]).toEqual([group, [second, third]]);
    }
    expect(await first.reaches(third.ipv6)).toBe(true);
    expect(await second.reaches(third.ipv6)).toBe(true);
  });

  test('with the switch as querier, a group reaches each host that reports with IGMPv3, IGMPv2 or MLDv2', async () => {
    const [, second, third] = hosts;
    await start(
      ...['--mcast-querier', '--mcast-igmp-version', '3', '--mcast-mld-version', '2'],
      ...['--mcast-query-interval', '2', '--mcast-query-response-interval', '1'],
      ...['--mcast-last-member-count', '1'],
    );
    await third.mustRun(['sysctl', '-qw', `net.ipv4.conf.${INTERFACE}.force_igmp_version=2`]);
    await joinGroup(second, `${V3_GROUP}/32`);
    await joinGroup(second, `${V6_GROUP}/128`);
    await joinGroup(third, `${V2_GROUP}/32`);
    await until(async () => (await takersOf(NOBODYS_GROUP)).length === 0, 'groups are pruned');
    await until(async () => (await membersOf(V6_GROUP)).length === 1, 'an MLDv2 member');
    expect(await takersOf(V3_GROUP)).toEqual([second]);
    expect(await takersOf(V2_GROUP)).toEqual([third]);
    expect(await takersOf(V6_GROUP)).toEqual([second]);
    expect(await takersOf(MDNS)).toEqual([second, third]);
    // Neighbor Discovery goes on, although its groups are pruned.
    expect(await second.reaches(third.ipv6)).toBe(true);
    await second.ip(`address del ${V3_GROUP}/32 dev ${INTERFACE}`);
    await until(async () => (await membersOf(V3_GROUP)).length === 0, 'the member has left');
    expect(await takersOf(V3_GROUP)).toEqual([]);
    await tapctl.run(`mdb add ${V3_GROUP} dev ${third.label} permanent`);
    expect(await takersOf(V3_GROUP)).toEqual([third]);
  });

  test('permanent entries come from a file, and match it after a reload', async () => {
    const [, second, third] = hosts;
    const file = join(folder, 'br0.yaml');
    const configure = (mdb: readonly string[], more: object = {}): void => {
      const ports = hosts.map((host) => host.port());
      writeFileSync(file, JSON.stringify({ ports, 'mcast-snooping': true, mdb, ...more }));
    };
    /** Permanent entries of the running configuration, and of the table: `GROUP PORT VLAN`. */
    const state = async (): Promise<unknown> => {
      const { mdb: configured } = (await tapctl.json('show --config')) as { mdb?: unknown };
      const rows = (await mdb()).mdb
        .filter((row) => row.state === 'permanent')
        .map(({ grp, src, port, vid }) => [grp, src ?? '*', port, vid ?? '-'].join(' '));
      return { configured, rows: rows.sort() };
    };
    configure([
      `${GROUP_MAC} dev ${second.label}`,
      `${V3_GROUP} dev ${second.label} filter_mode include source_list 192.0.2.7`,
    ]);
    await lab.startSwitch('--control', join(folder, 'control.sock'), '--config', file);
    expect(await state()).toEqual({
      configured: [
        `${GROUP_MAC} dev ${second.label} permanent`,
        `${V3_GROUP} dev ${second.label} permanent filter_mode include source_list 192.0.2.7`,
      ],
      rows: [
        `${GROUP_MAC} * ${second.label} -`,
        `${V3_GROUP} * ${second.label} -`,
        `${V3_GROUP} 192.0.2.7 ${second.label} -`,
      ].sort(),
    });
    const probe = frame({ to: GROUP_MAC, from: hosts[0].mac });
    expect((await whoHears(hosts[0], hosts, probe)).by).toEqual([second]);

    // An entry by hand is part of the configuration, which another file replaces.
    await tapctl.run(`mdb add ${V2_GROUP} dev ${third.label} permanent`);
    const twice = await tapctl.run(`mdb add ${V2_GROUP} dev ${third.label} permanent`);
    expect(twice.stderr).toContain('the port has this group already; replace it');
    expect(await state()).toMatchObject({
      configured: expect.arrayContaining([`${V2_GROUP} dev ${third.label} permanent`]),
    });
    configure([`${GROUP_MAC} dev ${third.label} permanent`]);
    await tapctl.run('reload');
    expect(await state()).toEqual({
      configured: [`${GROUP_MAC} dev ${third.label} permanent`],
      rows: [`${GROUP_MAC} * ${third.label} -`],
    });
    expect((await whoHears(hosts[0], hosts, probe)).by).toEqual([third]);

    // A refused entry changes nothing.
    const before = await state();
    configure([`${V3_GROUP} dev ${third.label} vlan 7`]);
    const refused = await tapctl.run('reload');
    expect(refused.stderr).toContain(
      'mdb: vlan 7: the switch does not filter by VLAN; leave it out',
    );
    expect(await state()).toEqual(before);

    // Without a VLAN, an entry is in each VLAN of its port.
    const inVlans = async (keys: string): Promise<void> => {
      const ports = hosts.map((host) => host.port() + (host === third ? keys : ''));
      configure([`${GROUP_MAC} dev ${third.label}`], { ports, 'vlan-filtering': true });
      expect(await tapctl.run('reload')).toMatchObject({ status: 0 });
    };
    await inVlans('');
    expect(await state()).toMatchObject({ rows: [`${GROUP_MAC} * ${third.label} 1`] });
    await inVlans(',trunk=7,native=1');
    expect(await state()).toMatchObject({
      rows: [`${GROUP_MAC} * ${third.label} 1`, `${GROUP_MAC} * ${third.label} 7`],
    });
    // It follows what the port joins and leaves later.
    expect(await tapctl.run(`vlan add vid 20-21 dev ${third.label}`)).toMatchObject({ status: 0 });
    expect(await tapctl.run(`vlan del vid 7 dev ${third.label}`)).toMatchObject({ status: 0 });
    expect(await state()).toMatchObject({
      configured: [`${GROUP_MAC} dev ${third.label} permanent`],
      rows: [1, 20, 21].map((vid) => `${GROUP_MAC} * ${third.label} ${vid}`),
    });
    // A limit in a VLAN: the port has one group there, and one more would be too many.
    await tapctl.run(`port set ${third.label} mcast-vlan-max-groups=20:1`);
    const refusedGroup = await tapctl.run(`mdb add ${V3_GROUP} dev ${third.label} vlan 20`);
    expect(refusedGroup.stderr).toContain(
      'mcast-vlan-max-groups of the port in VLAN 20 is reached',
    );
    await tapctl.run(`mdb add ${V3_GROUP} dev ${third.label} vlan 21`);
    expect(await tapctl.json(`vlan show dev ${third.label}`)).toMatchObject([
      {
        vlans: [
          { vlan: 1, mcast_n_groups: 1, mcast_max_groups: 0 },
          { vlan: 20, mcast_n_groups: 1, mcast_max_groups: 1 },
          { vlan: 21, mcast_n_groups: 2, mcast_max_groups: 0 },
        ],
      },
    ]);
    expect((await tapctl.run(`vlan show dev ${third.label}`)).stdout).toMatch(/ 20 +1 of 1$/m);
    const part = await tapctl.run(`mdb del ${GROUP_MAC} dev ${third.label} vlan 1`);
    expect(part.stderr).toContain('remove it without a VLAN');
    await tapctl.run(`mdb del ${GROUP_MAC} dev ${third.label}`);
    expect(await state()).toEqual({ configured: [], rows: [] });
    await tapctl.run('mdb flush temp');
    configure([], { 'mcast-snooping': false });
    await tapctl.run('reload');
    configure([`${V3_GROUP} dev ${third.label}`]);
    await tapctl.run('reload');
    expect(await state()).toMatchObject({ rows: [`${V3_GROUP} * ${third.label} -`] });
    await tapctl.run('mdb flush permanent');
    expect(await state()).toEqual({ configured: [], rows: [] });
  });

  test.each([
    { igmp: 2, mld: 2 },
    { igmp: 3, mld: 1 },
  ])(
    'a Linux bridge queries with IGMPv$igmp and MLDv$mld: it gets every group, and the members get theirs',
    async ({ igmp, mld }) => {
      const [, second, bridge] = hosts;
      await start();
      // No querier is known: all groups are flooded.
      expect(await takersOf(NOBODYS_GROUP)).toEqual([second, bridge]);
      expect(await takersOf(NOBODYS_V6_GROUP)).toEqual([second, bridge]);
      await joinGroup(second, `${V3_GROUP}/32`);
      await joinGroup(second, `${V6_GROUP}/128`);
      await bridge.ip('link add br0 type bridge mcast_querier 1 mcast_query_use_ifaddr 1');
      await bridge.ip(
        `link set br0 type bridge mcast_igmp_version ${igmp} mcast_mld_version ${mld}`,
      );
      await bridge.ip(
        'link set br0 type bridge mcast_query_response_interval 100 mcast_startup_query_interval 100 mcast_startup_query_count 30',
      );
      await bridge.ip(`address flush dev ${INTERFACE}`);
      await bridge.ip(`link set ${INTERFACE} master br0`);
      await bridge.ip(`address add ${bridge.ipv4}/24 dev br0`);
      await bridge.ip('link set br0 up');
      for (const group of [NOBODYS_GROUP, NOBODYS_V6_GROUP]) {
        await until(async () => (await takersOf(group)).length === 1, `${group} is pruned`);
        expect(await takersOf(group)).toEqual([bridge]);
      }
      expect(await takersOf(V3_GROUP)).toEqual([second, bridge]);
      expect(await takersOf(V6_GROUP)).toEqual([second, bridge]);
      expect(await second.mustRun(['cat', '/proc/net/igmp'])).toMatch(
        new RegExp(`\\b${INTERFACE}\\b.*\\bV${igmp}$`, 'm'),
      );
      const { router } = await mdb();
      expect(Object.values(router).flat()).toContainEqual(
        expect.objectContaining({ port: bridge.label, type: 'temp' }),
      );
      // The member leaves: the bridge asks once more, and nobody answers.
      await second.ip(`address del ${V6_GROUP}/128 dev ${INTERFACE}`);
      await until(async () => (await takersOf(V6_GROUP)).length === 1, 'the member has left');
      expect(await takersOf(V6_GROUP)).toEqual([bridge]);
    },
  );
});
