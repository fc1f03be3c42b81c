/**
 * VLANs beside Open vSwitch with its userspace datapath: the same frames into the same ports of both, and a
 * trunk between the two, and between two switches of ours.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatVlanList } from '../../src/config/values/vlan-list';
import { type OvsPort, type Row, canSay, membersOf, ovs, taggedHex } from '../support/vlan-matrix';
import { describeNetns } from './describe-netns';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { OpenVswitch, hasOpenVswitch } from './support/open-vswitch';
import { until } from './support/until';
import { joinByVeth, nearEndOf } from './support/veth';

const describePeers = hasOpenVswitch ? describeNetns : describe.skip;

/** Headers of a ping, bytes. */
const IPV4_ICMP_BYTES = 28;

const lab = new Lab();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapswitch-peers-'));
});
afterEach(async () => {
  await lab.clear();
  rmSync(folder, { recursive: true });
});

/** Settings of a port of Open vSwitch. */
function ovsSettings({ mode, tag, trunks }: OvsPort): string[] {
  return [
    `vlan_mode=${mode}`,
    ...(tag === undefined ? [] : [`tag=${tag}`]),
    ...(trunks === undefined ? [] : [`trunks=${trunks.join(',')}`]),
  ];
}

describePeers('the rows of the VLAN matrix on real TAPs', () => {
  const PAYLOAD_DIGITS = 2 * 46;
  const ports = Object.entries(ovs.ports).filter(([, { mode }]) => mode !== 'dot1q-tunnel');
  const names = ports.map(([name]) => name);
  const rows = ovs.rows.filter(canSay);

  /** A frame of a row. Each has a payload and a source of its own. */
  const frameOf = (index: number, tags: Row['tags']): string => {
    const number = index.toString(16).padStart(4, '0');
    return taggedHex(`02000000${number}`, tags, number.padEnd(PAYLOAD_DIGITS, '0'));
  };

  type Sent = [port: string, frame: string];
  const sentOf = (row: Row, index: number): Sent => [row.ingress, frameOf(index, row.tags)];
  const leavingOf = (row: Row, index: number): Sent[] =>
    row.egress
      .filter(({ port }) => names.includes(port))
      .map(({ port, tags }): Sent => [
        port,
        frameOf(
          index,
          tags.filter(({ vid }) => vid !== 0),
        ),
      ]);

  /** One row for each ingress port, under new numbers. At least one frame leaves in each of these rows. */
  const lastRows = names.flatMap((name, offset) => {
    const row = rows.find((known) => known.ingress === name && leavingOf(known, 0).length > 0);
    return row === undefined ? [] : [{ row, index: rows.length + offset }];
  });

  /** @returns the number of the row → the frames that left, with their ports */
  async function play(namespace: Host): Promise<Map<number, Sent[]>> {
    const input = JSON.stringify({
      sent: rows.map(sentOf),
      last: lastRows.map(({ row, index }) => sentOf(row, index)),
      awaited: lastRows.flatMap(({ row, index }) => leavingOf(row, index)),
    });
    const left = JSON.parse(
      await namespace.mustRun(python('play_rows.py', ...names), { input }),
    ) as Sent[];
    const byRow = new Map<number, Sent[]>();
    for (const sent of left) {
      const index = parseInt(sent[1].slice(20, 24), 16);
      byRow.set(index, [...(byRow.get(index) ?? []), sent].sort());
    }
    return byRow;
  }

  test('leave the switch and Open vSwitch with the same bytes', async () => {
    const [ours, theirs] = await lab.hosts(2, { isQuiet: true });
    await lab.startSwitch(
      '--vlan-filtering',
      ...ports.map(
        ([name, port]) => `${name}@${ours.netns},vlans=${formatVlanList(membersOf(port))}`,
      ),
    );
    const vswitch = await OpenVswitch.start(theirs, folder);
    await vswitch.addBridge('br0');
    for (const [name, port] of ports) {
      const tap = ['--', 'set', 'interface', name, 'type=tap'];
      await vswitch.set('add-port', 'br0', name, ...ovsSettings(port), ...tap);
      await theirs.ip(`link set ${name} up`);
    }
    const [own, other] = [await play(ours), await play(theirs)];
    expect(lastRows).toHaveLength(names.length);
    for (const [index, row] of rows.entries()) {
      const want = { row: index, left: leavingOf(row, index).sort() };
      expect({ row: index, left: own.get(index) ?? [] }).toEqual(want);
      expect({ row: index, left: other.get(index) ?? [] }).toEqual(want);
    }
  });
});

/** Interface between the switch and Open vSwitch, whose userspace datapath takes no super-frames by itself. */
interface Joint {
  readonly what: string;
  /** Port of the trunk on the switch, and its keys. */
  readonly port: (trunk: string) => string;
  /** Settings of Open vSwitch, before its daemon starts. */
  readonly settings?: readonly string[];
  /** Type of the interface in Open vSwitch, which makes an internal one itself. */
  readonly type: 'system' | 'internal';
}

const TAP_WITHOUT_OFFLOADS: Joint = {
  what: 'a TAP of the switch without offloads',
  port: (trunk) => `${trunk},offload=off`,
  type: 'system',
};
const VETH_WITHOUT_OFFLOADS: Joint = {
  what: 'a veth pair of the switch without offloads',
  port: (trunk) => `veth:${trunk},offload=off`,
  type: 'system',
};
const TAP_WITH_TSO: Joint = {
  what: 'a TAP of the switch, with userspace TSO',
  port: (trunk) => trunk,
  settings: ['other_config:userspace-tso-enable=true'],
  type: 'system',
};
const INTERNAL_PORT: Joint = {
  what: 'an internal port of Open vSwitch',
  port: (trunk) => `nic:${trunk}`,
  type: 'internal',
};

describePeers('a trunk between the switch and Open vSwitch', () => {
  test.each([
    { ...TAP_WITHOUT_OFFLOADS, mtu: 1500 },
    { ...TAP_WITHOUT_OFFLOADS, mtu: 9000 },
    { ...VETH_WITHOUT_OFFLOADS, mtu: 1500 },
    { ...TAP_WITH_TSO, mtu: 1500 },
    { ...INTERNAL_PORT, mtu: 9000 },
  ])('carries access VLANs by $what, with an MTU of $mtu', async (joint) => {
    const { mtu, type } = joint;
    const ends = await connect(async ({ near: [a, c], far: [b, d], namespace, trunk }) => {
      const startSwitch = () =>
        lab.startSwitch(
          '--vlan-filtering',
          ...[a.port('vlan=10', `mtu=${mtu}`), c.port('vlan=20', `mtu=${mtu}`)],
          `${joint.port(trunk)},trunk=10+20${type === 'system' ? `,mtu=${mtu}` : ''}`,
        );
      if (type === 'system') await startSwitch();
      await joinByVeth(namespace, [b, d]);
      const vswitch = await OpenVswitch.start(namespace, folder, ...(joint.settings ?? []));
      await vswitch.addBridge('br0');
      for (const [host, tag] of [
        [b, 10],
        [d, 20],
      ] as const) {
        await namespace.ip(`link set ${nearEndOf(host)} mtu ${mtu}`);
        await host.ip(`link set ${INTERFACE} mtu ${mtu}`);
        await host.mustRun(python('plain_link.py', INTERFACE));
        await vswitch.set('add-port', 'br0', nearEndOf(host), `tag=${tag}`);
      }
      const interfaceWords = ['--', 'set', 'interface', TRUNK, `type=${type}`];
      if (type === 'internal') interfaceWords.push(`mtu_request=${mtu}`);
      const trunkWords = ['vlan_mode=trunk', 'trunks=10,20'];
      await vswitch.set('add-port', 'br0', TRUNK, ...trunkWords, ...interfaceWords);
      if (type === 'system') return;
      await namespace.ip(`link set ${TRUNK} up`);
      await startSwitch();
    });
    await expectVlans(ends, mtu);
  });
});

describeNetns('a trunk between two switches', () => {
  test.each([1500, 9000])('carries access VLANs with an MTU of %d', async (mtu) => {
    const ends = await connect(async ({ near: [a, c], far: [b, d], namespace, trunk }) => {
      const mtuKey = `mtu=${mtu}`;
      await lab.startSwitch(
        '--vlan-filtering',
        ...[a.port('vlan=10', mtuKey), c.port('vlan=20', mtuKey), `${trunk},trunk=10+20,${mtuKey}`],
      );
      await lab.startSwitch(
        '--vlan-filtering',
        ...[b.port('vlan=10', mtuKey), d.port('vlan=20', mtuKey)],
        `nic:${TRUNK}@${namespace.netns},trunk=10+20`,
      );
      await Promise.all([b, d].map((host) => host.address()));
    });
    await expectVlans(ends, mtu);
  });
});

/** Hosts in VLANs 10 and 20 at both ends of a trunk, which is a TAP of the near switch. */
interface Ends {
  readonly near: readonly [in10: Host, in20: Host];
  readonly far: readonly [in10: Host, in20: Host];
  readonly namespace: Host;
  /** Port of the trunk on the near switch. */
  readonly trunk: string;
}

const TRUNK = 'trunk0';
const LEASED = '192.0.2.150';

async function connect(start: (ends: Ends) => Promise<void>): Promise<Ends> {
  const [a, b, c, d] = await lab.hosts(4);
  const namespace = await lab.host({ isQuiet: true });
  const ends: Ends = { near: [a, c], far: [b, d], namespace, trunk: `${TRUNK}@${namespace.netns}` };
  await start(ends);
  await Promise.all(ends.near.map((host) => host.address()));
  return ends;
}

async function expectVlans({ near: [a, c], far: [b, d] }: Ends, mtu: number): Promise<void> {
  await until(() => a.reaches(b.ipv4), 'VLAN 10 reaches over the trunk');
  await until(() => d.reaches(c.ipv6), 'VLAN 20 reaches over the trunk');
  const across = [a.reaches(c.ipv4), a.reaches(d.ipv4), c.reaches(b.ipv4), b.reaches(d.ipv4)];
  expect(await Promise.all(across)).toEqual([false, false, false, false]);
  const longest = ['-M', 'do', '-s', String(mtu - IPV4_ICMP_BYTES)];
  expect(await a.reaches(b.ipv4, ...longest)).toBe(true);
  expect(await d.reaches(c.ipv4, ...longest)).toBe(true);
  for (const [from, to] of [
    [a, b],
    [d, c],
  ] as const) {
    expect(await iperf(from, to)).toBeGreaterThan(0);
  }
  await expectLease(d, c, a);
}

/** @returns bytes that arrived by TCP in a second */
async function iperf(from: Host, to: Host): Promise<number> {
  const server = to.start(['iperf3', '--server', '--one-off', '--forceflush']);
  await until(() => server.stdout.includes('Server listening'), 'iperf3 listens');
  const report = await from.mustRun(['iperf3', '--client', to.ipv4, '--time', '1', '--json']);
  const { end } = JSON.parse(report) as { end: { sum_received: { bytes: number } } };
  return end.sum_received.bytes;
}

/** A client in the VLAN of a DHCP server gets an address, and one in another VLAN gets none. */
async function expectLease(server: Host, client: Host, stranger: Host): Promise<void> {
  const leases = join(folder, 'leases');
  const dnsmasq = server.start([
    ...['dnsmasq', '--no-daemon', '--conf-file=/dev/null', '--port=0', '--no-ping', '--user=root'],
    ...[`--interface=${INTERFACE}`, '--bind-interfaces', '--dhcp-authoritative'],
    ...[`--dhcp-range=${LEASED},${LEASED},1h`, `--dhcp-leasefile=${leases}`],
  ]);
  await until(() => dnsmasq.stderr.includes('DHCP, IP range'), 'dnsmasq serves');
  const ask = (host: Host, tries: string) =>
    host.run([
      'udhcpc',
      '-i',
      INTERFACE,
      '-n',
      '-q',
      '-f',
      '-s',
      '/bin/true',
      '-t',
      tries,
      '-T',
      '1',
    ]);
  expect((await ask(stranger, '2')).stderr).toContain('no lease');
  expect((await ask(client, '10')).stderr).toContain(`lease of ${LEASED} obtained`);
}
