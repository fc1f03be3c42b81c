/** Everything at once: whatever is asked of a switch, its frames go on. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';

const LOAD_MS = 3_000;
const STATIONS = 100_000;

describeNetns('under load', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-load-'));
  const control = join(folder, 'control.sock');
  const file = join(folder, 'lab.yaml');
  const api = new ControlClient(control);
  let a: Host;
  let b: Host;
  let c: Host;

  beforeEach(async () => {
    [a, b, c] = await lab.hosts(3);
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = async (...lines: string[]) => {
    writeFileSync(file, [...lines, `ports: ["${a.port()}", "${b.port()}"]`].join('\n'));
    const running = await lab.startSwitch('--control', control, '--config', file);
    await Promise.all([a.address(), b.address()]);
    return running;
  };

  test('no ping is lost, whoever asks what, adds, removes, reloads, listens and captures', async () => {
    const running = await start();
    const sleepers = await Promise.all([
      ...Array.from({ length: 5 }, () => api.readNoFurther('/v1/events')),
      api.readNoFurther('/v1/capture'),
    ]);
    const tapctl = new Tapctl(control);
    for (let reader = 0; reader < 2; reader++) lab.start(tapctl.command('events'));
    const flood = await a.floodPing(b.ipv4);

    const until = performance.now() + LOAD_MS;
    const again = async (work: () => Promise<unknown>): Promise<void> => {
      while (performance.now() < until) await work();
    };
    const resources = ['bridge', 'ports', 'fdb', 'addresses', 'stats', 'config', 'openapi.json'];
    const answers = new Set<number>();
    const get = async (url: string): Promise<void> => {
      answers.add((await api.get(url)).status);
    };
    await Promise.all([
      ...resources.map((name) => again(() => get(`/v1/${name}`))),
      again(() => get('/metrics')),
      again(async () => {
        await api.post('/v1/ports', c.port());
        await api.delete(`/v1/ports/${encodeURIComponent(c.label)}`);
      }),
      again(() => api.post('/v1/reload')),
      again(() => api.post('/v1/trace', { port: a.label, frame: `${b.mac}${a.mac}88b5` })),
    ]);
    const { sent, received } = await flood.stop();
    for (const sleeper of sleepers) sleeper.destroy();
    expect([...answers]).toEqual([200]);
    expect(sent).toBeGreaterThan(0);
    expect(received).toBe(sent);
    expect(running.process.isRunning).toBe(true);
  });

  test('a forwarding database of about 100,000 entries is read whole, and no ping is lost', async () => {
    await start('fdb-max: 200000');
    // From a host of its own: what else it sends waits in the queue that its flood overruns.
    await api.post('/v1/ports', c.port());
    const pings = await a.floodPing(b.ipv4);
    await c.mustRun(python('mac_flood.py', INTERFACE, String(STATIONS)));
    const { body } = await api.get('/v1/fdb');
    const macs = new Set((body as { mac: string }[]).map(({ mac }) => mac));
    const { fdb } = (await api.get('/v1/bridge')).body as { fdb: { dynamic: number } };
    const { sent, received } = await pings.stop();
    // The kernel drops frames of a flood before the switch sees them: those teach nothing.
    expect(fdb.dynamic).toBeGreaterThan(STATIONS * 0.9);
    expect(macs.size).toBe(fdb.dynamic);
    expect(macs).toContain(a.mac);
    expect(received).toBe(sent);
  });
});
