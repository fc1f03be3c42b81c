/** FDB entries of the configuration, and their changes by a reload. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONFIG_OPTIONS } from '../../src/config/schema';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { frame } from './support/frame';
import { whoHears } from './support/hearers';
import { INTERFACE, type Host } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const STATION = '02:00:00:00:aa:01';
const OTHER = '02:00:00:00:aa:02';

/** Other settings that can change while a switch runs, with new values. */
const otherOptions = {
  address: '192.0.2.254/24',
  arp: 'off',
  'neigh-lifetime': 20,
  inspect: true,
  ageing: 60,
  'group-fwd': '0x4000',
  'mcast-snooping': true,
  'mcast-querier': true,
  'mcast-igmp-version': 3,
  'mcast-mld-version': 2,
  'mcast-hash-max': 8,
  'mcast-last-member-count': 3,
  'mcast-last-member-interval': 2,
  'mcast-membership-interval': 30,
  'mcast-querier-interval': 20,
  'mcast-query-interval': 10,
  'mcast-query-response-interval': 5,
  'mcast-startup-query-count': 1,
  'mcast-startup-query-interval': 4,
  'loop-guard': false,
  // The protocol stays off: it would close the ports for some seconds.
  ...{
    stp: 'off',
    'stp-priority': 4096,
    'stp-hello': 1,
    'stp-max-age': 10,
    'stp-forward-delay': 7,
  },
  'vlan-filtering': true,
  'vlan-protocol': '802.1ad',
  'vlan-default-pvid': 'none',
  'busy-poll': 0,
  'log-level': 'warn',
};

describeNetns('static entries of the forwarding database', () => {
  const lab = new Lab();
  let folder: string;
  let file: string;
  let tapctl: Tapctl;
  let api: ControlClient;
  let hosts: [Host, Host, Host];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-fdb-reload-'));
    file = join(folder, 'br0.yaml');
    api = new ControlClient(join(folder, 'control.sock'));
    tapctl = new Tapctl(api.path);
    hosts = await lab.hosts(3, { isQuiet: true });
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const configure = (entries: readonly string[], more: object = {}): void => {
    const ports = hosts.map((host) => host.port());
    writeFileSync(file, JSON.stringify({ fdb: entries, ports, ...more }));
  };

  const start = () => lab.startSwitch('--control', api.path, '--config', file);

  /** Entries of the running configuration. */
  const configured = async (): Promise<unknown> =>
    ((await api.get('/v1/config')).body as { readonly fdb: unknown }).fdb;

  /** Entries of the table: `MAC PORT KIND`. The switch learns nothing from quiet hosts. */
  const table = async (): Promise<string[]> => {
    const { body } = await api.get('/v1/fdb');
    type Row = { mac: string; ifname: string; state: string; flags: string[] };
    return (body as Row[])
      .filter(({ mac }) => mac.startsWith('02:00:00:00:aa:'))
      .map(({ mac, ifname, state, flags }) => [mac, ifname, state, ...flags].join(' '))
      .sort();
  };

  const reload = async (entries: readonly string[]): Promise<void> => {
    configure(entries);
    expect((await api.post('/v1/reload')).status).toBe(200);
  };

  test('exist before the first frame, and match the file after a reload', async () => {
    const [a, b, c] = hosts;
    const entries = [`${STATION} dev ${b.label}`, `${OTHER} dev ${c.label} sticky`];
    configure(entries);
    await start();
    const shown = [`${STATION} dev ${b.label} static`, `${OTHER} dev ${c.label} sticky`];
    expect(await configured()).toEqual(shown);
    expect(await table()).toEqual([`${STATION} ${b.label} static`, `${OTHER} ${c.label}  sticky`]);
    const probe = frame({ to: STATION, from: a.mac });
    expect((await whoHears(a, hosts, probe)).by).toEqual([b]);
    // A static station does not move.
    await c.send(frame({ to: a.mac, from: STATION }));
    expect((await whoHears(a, hosts, probe)).by).toEqual([b]);
    expect(await tapctl.json('reload')).toEqual({ added: [], removed: [], changed: [] });
    expect(await configured()).toEqual(shown);

    await reload([`${STATION} dev ${c.label} static`]);
    expect(await table()).toEqual([`${STATION} ${c.label} static`]);
    expect((await whoHears(a, hosts, probe)).by).toEqual([c]);
    await reload([]);
    expect(await table()).toEqual([]);
    expect((await whoHears(a, hosts, probe)).by).toEqual([b, c]);
  });

  test('that are set by hand are shown as a file, and go with a reload or their port', async () => {
    const [a, b] = hosts;
    configure([]);
    await start();
    await tapctl.run(`fdb add ${STATION} dev ${a.label}`);
    await tapctl.run(`fdb add ${OTHER} dev ${b.label} sticky`);
    expect(await configured()).toEqual([
      `${STATION} dev ${a.label} static`,
      `${OTHER} dev ${b.label} sticky`,
    ]);
    const { stdout } = await tapctl.run('show --config');
    expect(stdout).toContain(`fdb:\n  - ${STATION} dev ${a.label} static\n`);
    await tapctl.run(`fdb add ${OTHER} dev ${b.label} static`);
    await tapctl.run(`fdb del ${STATION}`);
    expect(await configured()).toEqual([`${OTHER} dev ${b.label} static`]);
    await tapctl.run(`port del ${b.label}`);
    expect(await configured()).toEqual([]);
    await tapctl.run(`fdb add ${STATION} dev ${a.label}`);
    await reload([]);
    expect([await configured(), await table()]).toEqual([[], []]);
  });

  test('stay with a port that is gone and comes back; a reload adds a sticky one again', async () => {
    const [a, b] = hosts;
    const entries = [`${STATION} dev ${b.label} static`, `${OTHER} dev ${b.label} sticky`];
    configure(entries);
    const running = await start();
    await b.ip(`link delete ${INTERFACE}`);
    await running.logged('port is gone', b.label);
    expect(await configured()).toEqual(entries);
    await b.ip(`tuntap add ${INTERFACE} mode tap`);
    await b.ip(`link set ${INTERFACE} up`);
    await running.logged('port is back', b.label);
    expect(await table()).toEqual([`${STATION} ${b.label} static`]);
    const probe = frame({ to: STATION, from: a.mac });
    const before = await b.countReceived();
    await until(async () => {
      await a.send(probe);
      return (await b.countReceived()) > before;
    }, 'frames reach the port that is back');
    expect((await whoHears(a, hosts, probe)).by).toEqual([b]);
    await reload(entries);
    expect(await table()).toEqual([`${STATION} ${b.label} static`, `${OTHER} ${b.label}  sticky`]);
  });

  test('are refused in one line, and change nothing', async () => {
    const [a, b] = hosts;
    const hook = join(folder, 'hook.cjs');
    writeFileSync(hook, 'exports.frame = () => undefined;');
    const kept = `${STATION} dev ${b.label} static`;
    configure([kept], { neigh: [`${b.ipv4} lladdr ${b.mac}`] });
    await start();
    const before = [await api.get('/v1/config'), await table()];
    const { mac: own } = (await api.get('/v1/bridge')).body as { mac: string };
    const refused = async (entries: readonly string[], status: number, detail: unknown) => {
      configure(entries, {
        ...otherOptions,
        neigh: [`${a.ipv4} lladdr ${a.mac}`],
        mdb: [`239.1.1.1 dev ${a.label}`],
        mirror: [`m1 from ${a.label} to ${hosts[1].label}`],
        impair: [`${a.label} in loss 1%`],
        hook: [hook],
      });
      expect(await api.post('/v1/reload')).toMatchObject({ status, body: { detail } });
      const after = [await api.get('/v1/config'), await table()];
      expect(after).toEqual(before);
    };
    // The test covers every option that can change while the switch runs.
    const keys = CONFIG_OPTIONS.filter(({ live }) => live !== undefined).map(({ key }) => key);
    expect(
      [...Object.keys(otherOptions), 'fdb', 'hook', 'impair', 'mdb', 'mirror', 'neigh'].sort(),
    ).toEqual(keys.sort());
    const isOwn = "the switch's own MAC address, which is behind no port";
    const moved = `${STATION} dev ${a.label} sticky`;
    await refused([moved, `${own} dev ${a.label}`], 409, `fdb: ${own}: ${isOwn}`);
    const many = Array.from({ length: 1025 }, (_, index) => {
      const digits = index.toString(16).padStart(4, '0');
      return `02:00:00:00:${digits.slice(0, 2)}:${digits.slice(2)} dev ${a.label}`;
    });
    const excess = expect.stringMatching(
      /br0\.yaml:\d+: fdb\[1024\]: 1024 static entries at most, got 1025; leave some out$/,
    );
    await refused(many, 400, excess);
    const ports = hosts.map(({ label }) => label).join(', ');
    await refused(
      [moved, `${OTHER} dev tap9`],
      400,
      `--fdb: ${OTHER}: no port tap9; the ports are: ${ports}`,
    );
    expect(await api.post('/v1/fdb', { mac: own, port: a.label })).toMatchObject({
      status: 409,
      body: { detail: `fdb: ${own}: ${isOwn}` },
    });
    expect([await api.get('/v1/config'), await table()]).toEqual(before);
  });

  test("end a start in one line if one is the switch's own MAC", async () => {
    const mac = '02:00:00:00:aa:fe';
    configure([`${mac} dev ${hosts[0].label}`], { mac });
    await expect(start()).rejects.toThrow(`--fdb: ${mac}: the switch's own MAC address`);
  });
});
