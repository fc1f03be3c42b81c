/**
 * VLANs on real TAPs: access ports, a trunk between two switches, and changes while frames flow.
 * `unit/l2/vlan-matrix` and `property/l2/vlan` have the cases.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { OwnAddressBody } from '../../src/control/shapes';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame, macOf } from './support/frame';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const STREAM_BYTES = 30_000_000;

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-vlan-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
const client = new ControlClient(control);
afterAll(() => rmSync(folder, { recursive: true }));

async function change(line: string): Promise<void> {
  expect(await tapctl.run(line)).toMatchObject({ status: 0, stderr: '' });
}

interface FlushTable {
  readonly entries: readonly {
    readonly port: 'p1' | 'p2';
    readonly vlan: number;
    readonly kind: 'learned' | 'static' | 'local';
  }[];
  readonly cases: readonly {
    readonly id: string;
    readonly filter: {
      readonly port?: 'p1' | 'p2';
      readonly vlan?: number;
      readonly kind?: 'learned' | 'static';
      readonly extern?: boolean;
    };
    /** Indices of the entries that the flush leaves. */
    readonly stays: readonly number[];
  }[];
}

const table = join(__dirname, '../conformance/flags.json');
const { fdbFlush } = JSON.parse(readFileSync(table, 'utf8')) as { fdbFlush: FlushTable };

async function expectSameBytes(from: Host, to: Host): Promise<void> {
  const { sent, received } = await tcpStream(from, to, to.ipv4, STREAM_BYTES);
  expect(received).toBe(sent);
}

describeNetns('VLANs', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('are kept apart over a trunk between two switches, through sockets and through a veth pair', async () => {
    const [a, b, c, d, middle] = await lab.hosts(5);
    const filtering = ['--vlan-filtering', '--vlan-default-pvid', 'none'];
    const socket = `stream:${join(folder, 'trunk')}`;
    const trunk = 'trunk=10+20';
    await lab.startSwitch(
      ...['--control', control, ...filtering, '--address', '192.0.2.100/24,vlan=20'],
      ...[a.port('vlan=10'), c.port('vlan=20'), `${socket},${trunk}`],
    );
    const other = join(folder, 'other.sock');
    await lab.startSwitch(
      ...['--control', other, ...filtering],
      ...[b.port('vlan=10', 'offload=off'), d.port('vlan=20'), `${socket},connect,${trunk}`],
    );
    await Promise.all([a, b, c, d].map((host) => host.address()));
    await until(() => a.reaches(b.ipv4), 'VLAN 10 reaches over the trunk');
    await until(() => c.reaches(d.ipv6), 'VLAN 20 reaches over the trunk');
    expect(await Promise.all([a.reaches(c.ipv4), a.reaches(d.ipv4), c.reaches(b.ipv6)])).toEqual(
      Array(3).fill(false),
    );
    await until(() => d.reaches('192.0.2.100'), 'the switch answers in VLAN 20');
    expect(await a.reaches('192.0.2.100')).toBe(false);
    await expectSameBytes(a, b);

    // The same trunk between interfaces, which carry tagged super-frames whole.
    await middle.ip('link add t0 type veth peer name t1');
    for (const end of ['t0', 't1']) await middle.ip(`link set ${end} up`);
    await change(`port del ${socket}`);
    await change(`port add nic:t0@${middle.netns},${trunk}`);
    const added = await new Tapctl(other).run(`port add nic:t1@${middle.netns},${trunk}`);
    expect(added).toMatchObject({ status: 0 });
    await until(() => a.reaches(b.ipv4), 'VLAN 10 reaches over the veth pair');
    await expectSameBytes(b, a);
    await expectSameBytes(c, d);
    expect(await a.reaches(d.ipv4)).toBe(false);
  });

  test('change while others ping, and are shown in the words of bridge vlan', async () => {
    const [a, b, c] = await lab.hosts(3);
    const running = await lab.startSwitch(
      '--control',
      control,
      '--vlan-filtering',
      ...[a, b, c].map((h) => h.port()),
    );
    await Promise.all([a, b, c].map((host) => host.address()));
    expect(await a.reaches(c.ipv4)).toBe(true);
    const flood = await a.floodPing(b.ipv4);
    await change(`port set ${c.label} vlan=10`);
    expect(await a.reaches(c.ipv4)).toBe(false);
    await change(`vlan add vid 20-22 dev ${c.label}`);
    await change(`vlan add vid 1 dev ${c.label} pvid untagged`);
    expect(await tapctl.json(`vlan show dev ${c.label}`)).toEqual([
      {
        port: c.label,
        ifname: c.label,
        vlans: [
          { vlan: 1, flags: ['PVID', 'Egress Untagged'] },
          { vlan: 10, flags: ['Egress Untagged'] },
          { vlan: 20, vlanEnd: 22 },
        ],
      },
    ]);
    expect(await tapctl.json('vlan show vid 21')).toEqual([
      { port: c.label, ifname: c.label, vlans: [{ vlan: 20, vlanEnd: 22 }] },
    ]);
    expect(await tapctl.json(`vlan show vid 10 dev ${a.label}`)).toEqual([]);
    await until(() => c.reaches(a.ipv4), 'the port is in VLAN 1 again');
    await change(`vlan del vid 1 dev ${c.label}`);
    expect(await c.reaches(a.ipv4)).toBe(false);
    const { sent, received } = await flood.stop();
    expect(received).toBe(sent);
    const told = () =>
      running.process.stderr.split('\n').filter((line) => line.includes('VLANs of a port changed'));
    const vlansOf = (lines: string[]) =>
      lines.map((line) => (JSON.parse(line) as { vlans: string }).vlans);
    const ofC = '10:untagged+20-22';
    await until(() => told().length === 4, 'each change is reported, whoever made it');
    expect(vlansOf(told())).toEqual([
      ...['10:pvid:untagged', '10:pvid:untagged+20-22', `1:pvid:untagged+${ofC}`, ofC],
    ]);

    const refused = await tapctl.run(`vlan add vid 20-10 dev ${c.label}`);
    expect(refused.stderr).toBe(
      'tapctl: vid: expected a VID from 1 to 4094 or a range, such as 10 or 10-20, got "20-10", 20-10 is a range backwards\n',
    );
    expect(await tapctl.run(`vlan add vid 10-20 dev ${c.label} pvid`)).toMatchObject({
      status: 2,
      stderr: 'tapctl: pvid: only one VID can be the PVID, not a range\n',
    });
    await change('address add 192.0.2.100/24 vlan 20');
    await change('address add 192.0.2.101/24 vlan 21');
    const shown = (await tapctl.json('address show vlan 21')) as OwnAddressBody[];
    expect(shown.filter(({ address }) => !address.startsWith('fe80:'))).toMatchObject([
      { address: '192.0.2.101', vlan: 21 },
    ]);
    await until(() => a.reaches(b.ipv4), 'hosts of VLAN 1 are known');
    expect(await tapctl.json('neigh flush vlan 20')).toEqual({ removed: 0 });
    const { removed } = (await tapctl.json('neigh flush vlan 1')) as { removed: number };
    expect(removed).toBeGreaterThan(0);
    const absent = await tapctl.run(`vlan del vid 99 dev ${c.label}`);
    expect(absent.stderr).toBe(`tapctl: ${c.label} is no member of VLAN 99\n`);
  });

  /** The switch has no entries of other programs (`extern`); the `local` one is that of the host's own leg. */
  test('stations are flushed by port, VLAN and kind, as in the table of cases', async () => {
    const [a, b] = await lab.hosts(2, { isQuiet: true });
    const trunks = [a, b].map((host) => host.port('trunk=10+20'));
    await lab.startSwitch('--control', control, '--vlan-filtering', ...trunks);
    const hosts = { p1: a, p2: b };
    const entries = fdbFlush.entries.flatMap((entry, index) =>
      entry.kind === 'local' ? [] : [{ ...entry, index, mac: macOf(0xa0 + index) }],
    );
    const cases = fdbFlush.cases.filter(({ filter }) => filter.extern === undefined);
    expect(cases).toHaveLength(7);
    for (const { id, filter, stays } of cases) {
      for (const kind of ['static', 'dynamic']) await client.delete(`/v1/fdb?kind=${kind}`);
      for (const { port, vlan, kind, mac } of entries) {
        const type = `8100${vlan.toString(16).padStart(4, '0')}88b5`;
        if (kind === 'learned') await hosts[port].send(frame({ to: BROADCAST, from: mac, type }));
        else await client.post('/v1/fdb', { mac, port: hosts[port].label, vlan });
      }
      const words = [
        ...(filter.port === undefined ? [] : [`dev ${hosts[filter.port].label}`]),
        ...(filter.vlan === undefined ? [] : [`vlan ${filter.vlan}`]),
        ...(filter.kind === undefined ? [] : [filter.kind === 'static' ? 'static' : 'dynamic']),
      ];
      const left = entries.filter(({ index }) => stays.includes(index)).map(({ mac }) => mac);
      const { removed } = (await tapctl.json(['fdb flush', ...words].join(' '))) as {
        removed: number;
      };
      expect({ id, removed }).toEqual({ id, removed: entries.length - left.length });
      const shown = (await client.get('/v1/fdb')).body as { mac: string }[];
      expect({ id, left: shown.map(({ mac }) => mac).sort() }).toEqual({ id, left });
    }
    await change(`fdb add ${macOf(7)} dev ${a.label}`);
    const part = await tapctl.run(`fdb del ${macOf(7)} vlan 10`);
    const why = `placed in each VLAN of ${a.label}; remove it without a VLAN`;
    expect(part).toMatchObject({ status: 1, stderr: `tapctl: ${macOf(7)} vlan 10: ${why}\n` });
    await change(`fdb del ${macOf(7)}`);
    expect((await tapctl.run('fdb flush static dynamic')).stderr).toBe(
      'tapctl: static or dynamic, not both\n',
    );
  });

  test('with mab, a locked port notes a station, and fdb add lets it in', async () => {
    const [a, b] = await lab.hosts(2);
    const ports = [a.port('locked', 'mab'), b.port()];
    const running = await lab.startSwitch('--control', control, ...ports);
    await Promise.all([a, b].map((host) => host.address()));
    expect(await a.reaches(b.ipv4)).toBe(false);
    expect(
      await running.logged(
        'station of a locked port waits; let it in with tapctl fdb add',
        a.label,
      ),
    ).toMatchObject({
      mac: a.mac,
    });
    const shown = (await tapctl.json(`fdb show dev ${a.label}`)) as object[];
    expect(shown).toMatchObject([{ mac: a.mac, flags: ['locked'], state: '' }]);
    await change(`fdb add ${a.mac} dev ${a.label}`);
    await until(() => a.reaches(b.ipv4), 'the station is let in');
    const refused = await tapctl.run(`port set ${a.label} locked=off`);
    expect(refused).toMatchObject({
      status: 2,
      stderr: 'tapctl: mab: is for a locked port; give it locked, or leave it out\n',
    });
  });
});
