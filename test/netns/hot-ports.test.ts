/** Ports and configuration that change while frames flow. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import type { PingCount } from './support/ping';
import { Tapctl } from './support/tapctl';
import { tcpStream } from './support/tcp-stream';
import { ipLink } from './support/tuntap';
import { until } from './support/until';

function expectNoLoss({ sent, received }: PingCount): void {
  expect(sent).toBeGreaterThan(0);
  expect(received).toBe(sent);
}

/** Stream that fits into the queue of a TAP with plain frames. */
const STREAM_BYTES = 1_000_000;

async function expectWholeStream(from: Host, to: Host): Promise<void> {
  const { sent, received } = await tcpStream(from, to, to.ipv4, STREAM_BYTES);
  expect(received).toBe(sent);
}

/** Work that an interface leaves to its reader, with and without offloads: checksums and segments. */
const OFFLOADED = { checksum: true, segmentation: true };
const PLAIN = { checksum: false, segmentation: false };

describeNetns('while frames flow', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-hot-'));
  const control = join(folder, 'control.sock');
  const file = join(folder, 'lab.yaml');
  const api = new ControlClient(control);
  const tapctl = new Tapctl(control);
  let hosts: [Host, Host, Host];
  let a: Host;
  let b: Host;
  let c: Host;

  beforeEach(async () => {
    hosts = await lab.hosts(3);
    [a, b, c] = hosts;
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = async (...options: string[]) => {
    const running = await lab.startSwitch('--control', control, ...options, a.port(), b.port());
    await Promise.all([a.address(), b.address()]);
    return running;
  };
  const url = (host: Host): string => `/v1/ports/${encodeURIComponent(host.label)}`;
  const labels = async (): Promise<string[]> =>
    ((await api.get('/v1/ports')).body as { port: string }[]).map(({ port }) => port);

  test('a port is added, used, changed and removed, and no other port loses a frame', async () => {
    await start();
    const flood = await a.floodPing(b.ipv4);
    expect((await tapctl.run(`port add ${c.port('mtu=1400')}`)).status).toBe(0);
    await c.address();
    expect(await c.reaches(a.ipv4)).toBe(true);

    const set = await api.patch(url(c), { mtu: 1300, mac: '02:00:00:00:0c:0c' });
    expect(set).toMatchObject({ status: 200, body: { mtu: 1300, state: 'up' } });
    expect(await c.ip('link show dev eth0')).toMatch(/ mtu 1300 .*02:00:00:00:0c:0c/s);
    expect((await tapctl.run(`port set ${c.label} up=off`)).stdout).toMatch(/ down /);
    expect((await tapctl.run(`port set ${c.label} up=on mtu=1500`)).stdout).toMatch(/ up +1500 /);
    expect(await c.reaches(b.ipv4)).toBe(true);

    expect((await tapctl.run(`port del ${c.label}`)).status).toBe(0);
    expect(await labels()).toEqual([a.label, b.label]);
    expect(await c.ip('link show')).not.toContain('eth0');
    expectNoLoss(await flood.stop());
  });

  test('the sum of all counters never falls when a port is removed', async () => {
    await start();
    await a.reaches(b.ipv4);
    const frames = async (): Promise<number> => {
      const { body } = await api.get('/v1/stats');
      return (body as { total: { counters: Record<string, number> } }).total.counters[
        'rx-frames'
      ] as number;
    };
    const before = await frames();
    expect((await api.delete(url(b))).status).toBe(204);
    expect(await frames()).toBeGreaterThanOrEqual(before);
  });

  test('a refused request changes nothing', async () => {
    await start();
    const ports = await api.get('/v1/ports');
    const twice = await api.post('/v1/ports', a.label);
    expect(twice).toMatchObject({
      status: 409,
      body: { detail: `${a.label} is a port of this switch already` },
    });
    const missing = await api.post('/v1/ports', { name: 'eth0', netns: 'ts-none' });
    expect(missing.status).toBe(409);
    expect(missing.body).toMatchObject({ detail: expect.stringContaining('no network namespace') });
    expect((await api.post('/v1/ports', { name: 'lo', netns: a.netns })).status).toBe(409);
    expect((await api.post('/v1/ports', { name: 'x'.repeat(16) })).status).toBe(400);
    expect((await api.patch(url(a), { mtu: 1400, mac: 'x' })).status).toBe(400);
    for (const field of ['owner', 'group']) {
      const unknown = {
        status: 400,
        body: { errors: [{ field, detail: expect.stringContaining('"tsw-nobody"') }] },
      };
      const named = { [field]: 'tsw-nobody' };
      expect(await api.patch(url(a), { mtu: 1400, ...named })).toMatchObject(unknown);
      const spec = { name: INTERFACE, netns: c.netns, ...named };
      expect(await api.post('/v1/ports', spec)).toMatchObject(unknown);
      const set = await tapctl.run(`port set ${a.label} ${field}=tsw-nobody`);
      expect(set.status).toBe(2);
      expect(set.stderr).toMatch(new RegExp(`^tapctl: ${field}: there is no .*\\n$`));
    }
    expect(await device(a)).toMatchObject({ mtu: 1500 });
    expect((await api.patch('/v1/ports/tap9', { mtu: 1400 })).status).toBe(404);
    expect((await api.delete('/v1/ports/tap9')).status).toBe(404);
    expect((await tapctl.run(`port set ${a.label} mut=1400`)).status).toBe(2);
    expect(await api.get('/v1/ports')).toEqual(ports);
    expect(await a.reaches(b.ipv4)).toBe(true);
  });

  test('a port is added and removed again and again', async () => {
    await start();
    const flood = await a.floodPing(b.ipv4);
    for (let round = 0; round < 20; round++) {
      expect((await api.post('/v1/ports', c.label)).status).toBe(201);
      expect((await api.delete(url(c))).status).toBe(204);
    }
    expectNoLoss(await flood.stop());
  });

  const configure = (...lines: string[]): void => writeFileSync(file, lines.join('\n'));

  test('a reload applies the difference, and shows the result as a file', async () => {
    configure('ageing: 100', `ports: ["${a.port()}", "${b.port()}"]`);
    const running = await lab.startSwitch('--control', control, '--config', file);
    await Promise.all([a.address(), b.address()]);
    const flood = await a.floodPing(b.ipv4);
    configure(
      'ageing: 200',
      'address: 192.0.2.100/24',
      `ports: ["${a.port()}", "${b.port('mtu=1600')}", "${c.port()}"]`,
    );
    running.process.signal('SIGHUP');
    await until(
      () => running.log.find(({ message }) => message === 'configuration reloaded'),
      () => `the reload: ${running.process.stderr}`,
    );
    expect(await labels()).toEqual([a.label, b.label, c.label]);
    expect((await api.get('/v1/bridge')).body).toMatchObject({ fdb: { ageing: 200 } });
    expect(await b.ip('link show dev eth0')).toContain(' mtu 1600 ');

    const shown = await tapctl.run('show --config');
    expect(shown.stdout).toContain('ageing: 200\n');
    writeFileSync(file, shown.stdout);
    expect(await tapctl.json('reload')).toEqual({ added: [], removed: [], changed: [] });

    configure('ageing: 200', `ports: ["${a.port()}", "${b.port('mtu=1600')}"]`);
    expect((await api.post('/v1/reload')).body).toEqual({
      added: [],
      removed: [c.label],
      changed: [],
    });
    expect((await api.get('/v1/addresses')).body).toEqual([]);
    expectNoLoss(await flood.stop());
  });

  test("a refused reload restores a MAC of the kernel's choice", async () => {
    await b.ip('tuntap add dev eth0 mode tap');
    configure(`ports: ["${a.port()}", "${b.label}"]`);
    await lab.startSwitch('--control', control, '--config', file);
    const macOf = async () => (await ipLink(b.netns, INTERFACE)).address;
    const before = await macOf();
    // The reload changes ports first, and then fails at an entry that only the running switch can check.
    const { mac: own } = (await api.get('/v1/bridge')).body as { mac: string };
    configure(
      `ports: ["${a.port()}", "${b.label},mac=02:00:00:00:0b:0b"]`,
      `fdb: ["${own} dev ${a.label}"]`,
    );
    expect(await api.post('/v1/reload')).toMatchObject({ status: 409 });
    expect(await macOf()).toBe(before);
  });

  test('an expired station is not listed, swept or not', async () => {
    configure('ageing: 300', `ports: ["${a.port()}", "${b.port()}"]`);
    await lab.startSwitch('--control', control, '--config', file);
    await Promise.all([a.address(), b.address()]);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const fixed = '02:00:00:00:aa:01';
    await api.post('/v1/fdb', { mac: fixed, port: a.label });
    const macs = async (): Promise<string[]> =>
      ((await api.get('/v1/fdb')).body as { mac: string }[]).map(({ mac }) => mac).sort();
    expect(await macs()).toEqual([a.mac, b.mac, fixed]);
    // With ageing 0 every entry is expired, and the sweep takes seconds.
    const ports = `ports: ["${a.port()}", "${b.port()}"]`;
    configure('ageing: 0', `fdb: ["${fixed} dev ${a.label}"]`, ports);
    expect(await api.post('/v1/reload')).toMatchObject({ status: 200 });
    expect(await macs()).toEqual([fixed]);
  });

  /** A host's TAP as `ip -d link` shows it. */
  /** The interface in the host, and the work that it leaves to the switch. */
  const device = async (host: Host) => {
    const { mtu, linkinfo } = await ipLink(host.netns, INTERFACE);
    const features = await host.mustRun(python('link_features.py', INTERFACE));
    const { checksum, segmentation } = JSON.parse(features) as Record<string, boolean>;
    return { mtu, ...linkinfo.info_data, checksum, segmentation };
  };

  test('a reload changes the settings of an interface, which keeps its addresses', async () => {
    const withC = (...settings: string[]) =>
      configure(`ports: ["${a.port()}", "${b.port()}", "${c.port(...settings)}"]`);
    withC();
    const running = await lab.startSwitch('--control', control, '--config', file);
    await Promise.all([a, b, c].map((host) => host.address()));
    const flood = await a.floodPing(b.ipv4);
    const reload = async () => (await api.post('/v1/reload')).body;
    const changed = { added: [], removed: [], changed: [c.label] };

    withC('offload=off');
    expect(await reload()).toEqual(changed);
    expect(await device(c)).toMatchObject({ ...PLAIN, persist: false });
    expect(await c.reaches(a.ipv4)).toBe(true);
    await expectWholeStream(a, c);

    withC('persist', 'owner=65533', 'group=65532');
    expect(await reload()).toEqual(changed);
    expect(await device(c)).toMatchObject({ ...OFFLOADED, persist: true, user: 65533 });
    expect(await device(c)).toMatchObject({ group: 65532 });
    await expectWholeStream(c, a);
    expect((await api.get('/v1/config')).body).toMatchObject({
      ports: [a.port(), b.port(), c.port('persist', 'owner=65533', 'group=65532', 'offload=on')],
    });
    expect(await reload()).toEqual({ ...changed, changed: [] });

    configure(`ports: ["${a.port()}", "${b.port()}"]`);
    expect(await reload()).toMatchObject({ removed: [c.label] });
    expect(await c.ip('link show')).toContain('eth0');
    expectNoLoss(await flood.stop());
    expect(running.process.isRunning).toBe(true);
  });

  test('an interface that the switch made is removed with it unless it persists; others stay', async () => {
    await b.ip('tuntap add dev eth0 mode tap');
    const running = await start();
    expect((await tapctl.run(`port set ${a.label} persist=on`)).status).toBe(0);
    expect(await device(a)).toMatchObject({ persist: true });
    expect((await tapctl.run(`port set ${a.label} offload=off`)).stdout).toMatch(/ off +made$/m);
    expect(await device(a)).toMatchObject({ persist: true, ...PLAIN });
    for (const host of [a, b]) await api.patch(url(host), { persist: false });
    expect(await device(b)).toMatchObject({ persist: true });
    expect(await a.reaches(b.ipv4)).toBe(true);
    await running.stop();
    expect(await a.ip('link show')).not.toContain('eth0');
    expect(await b.ip('link show')).toContain('eth0');
  });

  test('a port whose interface was moved keeps its place when its offloads change', async () => {
    await start();
    await b.ip(`link set dev eth0 netns ${c.netns}`);
    await c.ip('link set dev eth0 up');
    await c.address();
    await until(() => c.reaches(a.ipv4), 'the moved interface');
    expect(await api.patch(url(b), { offload: false })).toMatchObject({ status: 200 });
    expect(await device(c)).toMatchObject(PLAIN);
    expect(await c.reaches(a.ipv4)).toBe(true);
  });

  test('a reload that cannot be applied as a whole is not applied at all', async () => {
    configure(`ports: ["${a.port()}", "${b.port()}"]`);
    await lab.startSwitch('--control', control, '--config', file);
    const before = await api.get('/v1/config');
    const refused = async (...lines: string[]) => {
      configure(...lines);
      const { status, body } = await api.post('/v1/reload');
      expect((await api.get('/v1/config')).body).toEqual(before.body);
      return { status, detail: (body as { detail: string }).detail };
    };
    expect(
      await refused('ageing: 50', `ports: ["${c.port()}", "${a.port()}", "eth0@ts-none"]`),
    ).toEqual({ status: 409, detail: expect.stringContaining('no network namespace') });
    expect(await c.ip('link show')).not.toContain('eth0');
    expect(await refused('fdb-max: 9', `ports: ["${a.port()}", "${b.port()}"]`)).toEqual({
      status: 409,
      detail: 'fdb-max: cannot change while the switch runs; restart it',
    });
    const owned = [a.port('persist', 'offload=off', 'mtu=1400'), b.port('owner=tsw-nobody')];
    expect(await refused(`ports: ${JSON.stringify(owned)}`)).toEqual({
      status: 400,
      detail: expect.stringMatching(/^eth0@\S+: owner: there is no user "tsw-nobody" .*; name /),
    });
    const added = [a.port(), b.port(), c.port('group=tsw-nobody')];
    expect(await refused(`ports: ${JSON.stringify(added)}`)).toEqual({
      status: 400,
      detail: expect.stringMatching(/^eth0@\S+: group: there is no group "tsw-nobody" .*; name /),
    });
    expect(await c.ip('link show')).not.toContain('eth0');
    expect(await device(a)).toMatchObject({ mtu: 1500, persist: false, vnet_hdr: true });
    expect(await refused('ageing: x', 'ports: tap0')).toEqual({
      status: 400,
      detail: expect.stringContaining(`${file}:1: ageing: expected a whole number of seconds`),
    });
  });

  test('a switch without a file has nothing to reload', async () => {
    await start();
    expect(await api.post('/v1/reload')).toMatchObject({ status: 409 });
  });
});
