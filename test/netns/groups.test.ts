/** Groups with real hosts: Linux joins and leaves, and a Linux bridge or the switch asks. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MdbBody } from '../../src/control/shapes';
import { data } from '../support/group-frames';
import { describeNetns } from './describe-netns';
import { whoHears } from './support/hearers';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const V3_GROUP = '239.1.1.1';
const V2_GROUP = '239.1.1.2';
const V6_GROUP = 'ff0e::1';
const NOBODYS_GROUP = '239.1.1.9';
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
    const frame = group.includes(':')
      ? Buffer.from(data(group, sender.ipv6, { from: sender.number })).toString('hex')
      : hexOf(group, sender);
    return (await whoHears(sender, hosts, frame)).by;
  };

  const joinGroup = (host: Host, address: string): Promise<string> =>
    host.ip(`address add ${address} dev ${INTERFACE} autojoin`);

  test('nobody asks: Neighbor Discovery, mDNS, DHCPv6 and router advertisements reach everybody', async () => {
    const [first, second, third] = hosts;
    await start();
    for (const group of [MDNS, 'ff02::fb', 'ff02::1:2', 'ff02::1', 'ff02::2', V6_GROUP]) {
      expect([group, await takersOf(group)]).toEqual([group, [second, third]]);
    }
    expect(await first.reaches(third.ipv6)).toBe(true);
    expect(await second.reaches(third.ipv6)).toBe(true);
  });

  test('the switch asks, and delivers to whoever answers with IGMPv3, IGMPv2 or MLDv2', async () => {
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

  test('a Linux bridge asks: it gets every group, and the members theirs', async () => {
    const [, second, bridge] = hosts;
    await start();
    // Nobody asks: all groups are flooded.
    expect(await takersOf(NOBODYS_GROUP)).toEqual([second, bridge]);
    await joinGroup(second, `${V3_GROUP}/32`);
    await bridge.ip('link add br0 type bridge mcast_querier 1 mcast_query_use_ifaddr 1');
    await bridge.ip(
      'link set br0 type bridge mcast_query_response_interval 100 mcast_startup_query_interval 100',
    );
    await bridge.ip(`address flush dev ${INTERFACE}`);
    await bridge.ip(`link set ${INTERFACE} master br0`);
    await bridge.ip(`address add ${bridge.ipv4}/24 dev br0`);
    await bridge.ip('link set br0 up');
    await until(async () => (await takersOf(NOBODYS_GROUP)).length === 1, 'groups are pruned');
    expect(await takersOf(NOBODYS_GROUP)).toEqual([bridge]);
    expect(await takersOf(V3_GROUP)).toEqual([second, bridge]);
    const { router } = await mdb();
    expect(Object.values(router).flat()).toContainEqual(
      expect.objectContaining({ port: bridge.label, type: 'temp' }),
    );
  });
});
