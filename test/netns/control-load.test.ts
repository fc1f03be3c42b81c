/** All operations at once: frames flow on under any load of operators. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Answer, ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { type StreamDigests, tcpStream } from './support/tcp-stream';

const LOAD_MS = 3_000;
const STATIONS = 100_000;
const STREAM_BYTES = 200_000_000;

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

  test('no ping and no byte of a stream is lost while operators read, add, remove, reload and capture', async () => {
    const running = await start();
    const sleepers = await Promise.all([
      ...Array.from({ length: 5 }, () => api.readNoFurther('/v1/events')),
      api.readNoFurther('/v1/capture'),
    ]);
    const readers = await Promise.all(
      Array.from({ length: 4 }, () => api.readNoFurther('/v1/events')),
    );
    for (const reader of readers) reader.resume();
    lab.start(new Tapctl(control).command('events'));
    const flood = await a.floodPing(b.ipv4);

    const until = performance.now() + LOAD_MS;
    const again = async (work: () => Promise<unknown>): Promise<void> => {
      while (performance.now() < until) await work();
    };
    const resources = ['bridge', 'ports', 'fdb', 'addresses', 'stats', 'config', 'openapi.json'];
    const answers = new Set<number>();
    const streams: StreamDigests[] = [];
    const get = async (url: string): Promise<void> => {
      answers.add((await api.get(url)).status);
    };
    await Promise.all([
      again(async () => {
        streams.push(await tcpStream(a, b, b.ipv4, STREAM_BYTES));
      }),
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
    for (const listener of [...sleepers, ...readers]) listener.destroy();
    expect(streams.length).toBeGreaterThan(0);
    expect(streams.filter((stream) => stream.received !== stream.sent)).toEqual([]);
    expect([...answers]).toEqual([200]);
    expect(sent).toBeGreaterThan(0);
    expect(received).toBe(sent);
    expect(running.process.isRunning).toBe(true);
  });

  const portUrl = ({ label }: Host): string => `/v1/ports/${encodeURIComponent(label)}`;
  /** Opens connections, so that the next requests arrive all at once. */
  const openConnections = (count: number): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, () => api.get('/v1/ports')));
  const detailOf = ({ body }: Answer): string => (body as { detail: string }).detail;

  test('simultaneous changes are made one after the other', async () => {
    await start();
    const count = { added: 0, removed: 0 };
    const refusals = new Set<string>();
    const add = async (): Promise<void> => {
      const answer = await api.post('/v1/ports', c.port());
      if (answer.status === 201) count.added++;
      else refusals.add(detailOf(answer));
    };
    const remove = async (): Promise<void> => {
      const answer = await api.delete(portUrl(c));
      if (answer.status === 204) count.removed++;
      else refusals.add(detailOf(answer));
    };
    const reload = async (): Promise<void> => {
      const { status, body } = await api.post('/v1/reload');
      const { removed } = body as { removed: string[] };
      expect({ status, body }).toEqual({ status: 200, body: { added: [], removed, changed: [] } });
      count.removed += removed.length;
    };
    for (let round = 0; round < 5; round++) {
      const adds = Array.from({ length: 8 }, () => add);
      const changes = [...adds, reload, remove, ...adds, remove, reload];
      await openConnections(changes.length);
      await Promise.all(changes.map((make) => make()));
    }
    const { body } = await api.get('/v1/ports');
    const labels = (body as { port: string }[]).map(({ port }) => port);
    const right = [
      `${c.label} is a port of this switch already`,
      `no port ${c.label}; the ports are: ${a.label}, ${b.label}`,
    ];
    expect([...refusals].filter((refusal) => !right.includes(refusal))).toEqual([]);
    expect(count.added).toBeGreaterThan(0);
    expect(labels).toEqual([a.label, b.label, ...(count.added > count.removed ? [c.label] : [])]);
    expect(count.added - count.removed).toBe(labels.length - 2);
  });

  test('changes beyond the queue are refused for the moment, and not made', async () => {
    const running = await start();
    const names = Array.from({ length: 60 }, (_, index) => `eth${index + 1}@${c.netns}`);
    await openConnections(names.length);
    await running.pause();
    const asked = names.map((name) => api.post('/v1/ports', name));
    running.resume();
    const answers = await Promise.all(asked);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer).toMatchObject({
        status: 503,
        contentType: expect.stringContaining('application/problem+json'),
        retryAfter: '1',
      });
      expect(detailOf(answer)).toBe('32 changes are under way or wait; try again later');
    }
    const { body } = await api.get('/v1/ports');
    expect((body as unknown[]).length).toBe(2 + answers.length - refused.length);
  });

  test('a forwarding database of about 100,000 entries is read whole, and no ping is lost', async () => {
    await start('fdb-max: 200000');
    // A host of its own floods: other frames of it would wait in the queue that it overruns.
    await api.post('/v1/ports', c.port());
    const pings = await a.floodPing(b.ipv4);
    await c.mustRun(python('mac_flood.py', INTERFACE, String(STATIONS)));
    const { body } = await api.get('/v1/fdb');
    const macs = new Set((body as { mac: string }[]).map(({ mac }) => mac));
    const { fdb } = (await api.get('/v1/bridge')).body as { fdb: { dynamic: number } };
    const { sent, received } = await pings.stop();
    // The kernel drops some frames of a flood: the switch does not learn from these.
    expect(fdb.dynamic).toBeGreaterThan(STATIONS * 0.9);
    expect(macs.size).toBe(fdb.dynamic);
    expect(macs).toContain(a.mac);
    expect(received).toBe(sent);
  });
});
