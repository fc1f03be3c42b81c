/** The metrics for Prometheus: well formed, and equal to the hosts' counts. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';
import { ControlClient } from './support/control-client';
import { BROADCAST, frame, marker } from './support/frame';
import type { Host } from './support/host';
import { freePort } from './support/free-port';
import { Lab } from './support/lab';
import { Prometheus, hasPrometheus } from './support/prometheus';

/** Prometheus's own checker, which scripts/unpacked.mjs installs. */
const PROMTOOL = join(__dirname, '../../build/promtool');
const describeWithPromtool = existsSync(PROMTOOL) ? describe : describe.skip;

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const DASHBOARD = join(__dirname, '../../contrib/grafana-dashboard.json');
const describeWithPrometheus = hasPrometheus ? describe : describe.skip;

/** Expressions of the dashboard for Grafana, with values for its variables. */
function dashboardExpressions(): string[] {
  const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets }) =>
    targets.map(({ expr }) =>
      expr.replace(/\$(bridge|port)/g, '.*').replaceAll('$__rate_interval', '1m'),
    ),
  );
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function samplesOf(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] =
        /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const pairs = [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, key, text]) => [
        key,
        text,
      ]);
      return { name, labels: Object.fromEntries(pairs) as Sample['labels'], value: Number(value) };
    });
}

describeNetns('/metrics', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-metrics-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  let hosts: [Host, Host];
  let place: string;

  beforeAll(async () => {
    hosts = await lab.hosts(2, { isQuiet: true });
    place = `127.0.0.1:${await freePort()}`;
    await lab.connect(hosts, '--control', api.path, '--metrics', place);
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const scrape = async (): Promise<string> => {
    const { status, contentType, text } = await api.get('/metrics');
    expect({ status, contentType }).toEqual({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    });
    return text;
  };
  const valueOf = (samples: Sample[], name: string, labels: Sample['labels']): number => {
    const found = samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    expect(found).toHaveLength(1);
    return found[0]?.value ?? Number.NaN;
  };

  test('describe every metric once, in front of its samples', async () => {
    const blocks = (await scrape()).split(/^# HELP /m).slice(1);
    const names = blocks.map((block) => block.split(' ')[0] ?? '');
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^tapswitch_[a-z]+(_[a-z]+)*$/.test(name))).toEqual([]);
    const isWellFormed = (block: string): boolean => {
      const [head = '', type = '', ...samples] = block.trimEnd().split('\n');
      const [, name = ''] = /^(\S+) [A-Z].*\.$/.exec(head) ?? [];
      const kind = name.endsWith('_total') ? 'counter' : 'gauge';
      const sample = new RegExp(`^${name}\\{bridge="[^"]+"[^}]*\\} \\d+$`);
      return type === `# TYPE ${name} ${kind}` && samples.every((line) => sample.test(line));
    };
    expect(blocks.filter((block) => !isWellFormed(block.replaceAll('\n\n', '\n')))).toEqual([]);
  });

  test('have no spanning tree while it is off', async () => {
    const samples = samplesOf(await scrape());
    expect(samples.filter(({ name }) => name.includes('stp_'))).toEqual([]);
    expect(valueOf(samples, 'tapswitch_mcast_groups', {})).toBe(0);
  });

  test('have the spanning tree and the number of groups while they are on', async () => {
    const other = new Lab();
    const tree = new ControlClient(join(folder, 'tree.sock'));
    try {
      const [host] = await other.hosts(1, { isQuiet: true });
      const options = ['--stp', 'rstp', '--mcast-snooping'];
      await other.startSwitch('--control', tree.path, ...options, host.port());
      const group = { port: host.label, group: '239.1.1.1' };
      expect(await tree.post('/v1/mdb', group)).toMatchObject({ status: 204 });
      const samples = samplesOf((await tree.get('/metrics')).text);
      expect(valueOf(samples, 'tapswitch_stp_root', {})).toBe(1);
      expect(valueOf(samples, 'tapswitch_mcast_groups', {})).toBe(1);
      const states = samples.filter(({ name }) => name === 'tapswitch_port_stp_state');
      expect(states.filter(({ value }) => value === 1)).toHaveLength(1);
      expect(new Set(states.map(({ labels }) => labels['port']))).toEqual(new Set([host.label]));
    } finally {
      await other.clear();
    }
  });

  test('have every drop reason of the counters', async () => {
    const { body } = await api.get('/v1/stats');
    const { drops } = (body as { total: { drops: Record<string, number> } }).total;
    const dropped = samplesOf(await scrape()).filter(
      ({ name, labels }) =>
        name === 'tapswitch_port_dropped_frames_total' && labels['port'] === hosts[0].label,
    );
    expect(dropped.map(({ labels }) => labels['reason'])).toEqual(Object.keys(drops));
  });

  test('the counters of the API have the frames of a moment ago', async () => {
    const [a, b] = hosts;
    const sentTo = async (port: string): Promise<number> => {
      const { body } = await api.get(`/v1/stats?port=${encodeURIComponent(port)}`);
      const { ports } = body as { ports: { counters: Record<string, number> }[] };
      return ports[0]?.counters['tx-frames'] ?? Number.NaN;
    };
    for (let round = 0; round < 5; round++) {
      const before = await sentTo(b.label);
      await a.send(`${frame({ from: a.mac, to: BROADCAST })} 40`);
      expect((await sentTo(b.label)) - before).toBe(40);
    }
  });

  test('count frames, bytes and drops exactly', async () => {
    const [a, b] = hosts;
    const before = samplesOf(await scrape());
    const broadcast = frame({ from: a.mac, to: BROADCAST });
    const toItself = frame({ from: a.mac, to: a.mac });
    await a.send(`${broadcast} 100`, `${toItself} 7`);
    const after = samplesOf(await scrape());
    const grown = (name: string, labels: Sample['labels']): number =>
      valueOf(after, `tapswitch_port_${name}_total`, labels) -
      valueOf(before, `tapswitch_port_${name}_total`, labels);
    const bytes = broadcast.length / 2;
    expect(grown('receive_frames', { port: a.label, to: 'broadcast' })).toBe(100);
    expect(grown('receive_frames', { port: a.label, to: 'unicast' })).toBe(7);
    expect(grown('receive_bytes', { port: a.label })).toBe(107 * bytes);
    expect(grown('flooded', { port: a.label })).toBe(100);
    expect(grown('transmit_frames', { port: b.label })).toBe(100);
    expect(grown('transmit_bytes', { port: b.label })).toBe(100 * bytes);
    expect(grown('dropped_frames', { port: a.label, reason: 'source-is-destination' })).toBe(7);
    expect(valueOf(after, 'tapswitch_port_up', { port: a.label })).toBe(1);
    expect(valueOf(after, 'tapswitch_fdb_entries', { kind: 'dynamic' })).toBe(1);
    const bursts = after.filter(({ name }) => name === 'tapswitch_bursts_total');
    expect(bursts.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0);
  });

  test('agree with tcpdump at the hosts, and so does the forwarding database', async () => {
    const [a, b] = hosts;
    await a.send(frame({ from: a.mac, to: BROADCAST }));
    const before = samplesOf(await scrape());
    const [atA, atB] = [await a.capture(), await b.capture()];
    await a.send(`${frame({ from: a.mac, to: BROADCAST, lengthBytes: 900 })} 300`);
    await a.send(marker(a.mac, 1));
    await b.send(`${frame({ from: b.mac, to: a.mac, lengthBytes: 1400 })} 200`, marker(b.mac, 2));
    const seenAtB = await atB.before(marker(a.mac, 1));
    const seenAtA = await atA.before(marker(b.mac, 2));
    const after = samplesOf(await scrape());
    const grown = (name: string, port: string): number =>
      [before, after]
        .map((samples) =>
          samples
            .filter((one) => one.name === `tapswitch_port_${name}` && one.labels['port'] === port)
            .reduce((sum, { value }) => sum + value, 0),
        )
        .reduce((from, to) => to - from);
    const bytesOf = (frames: readonly string[]): number =>
      frames.reduce((sum, hex) => sum + hex.length / 2, 0);
    expect([seenAtA.length, seenAtB.length]).toEqual([200, 300]);
    for (const [to, from, seen, last] of [
      [a, b, seenAtA, marker(b.mac, 2)],
      [b, a, seenAtB, marker(a.mac, 1)],
    ] as const) {
      const all = [...seen, last];
      expect(grown('transmit_frames_total', to.label)).toBe(all.length);
      expect(grown('transmit_bytes_total', to.label)).toBe(bytesOf(all));
      expect(grown('receive_frames_total', from.label)).toBe(all.length);
      expect(grown('receive_bytes_total', from.label)).toBe(bytesOf(all));
    }
    const { body } = await api.get('/v1/fdb');
    const entries = body as { mac: string; ifname: string }[];
    const sources = [...seenAtA, ...seenAtB].map((hex) => hex.slice(12, 24));
    expect(entries.map(({ mac }) => mac.replaceAll(':', '')).sort()).toEqual(
      [...new Set(sources)].sort(),
    );
    expect(new Map(entries.map(({ mac, ifname }) => [mac, ifname]))).toEqual(
      new Map(hosts.map(({ mac, label }) => [mac, label])),
    );
  });

  test('are all that the address for Prometheus serves, and are the same there', async () => {
    const answer = await fetch(`http://${place}/metrics`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    const names = (text: string): string[] => samplesOf(text).map(({ name }) => name);
    expect(names(await answer.text())).toEqual(names(await scrape()));
    for (const path of ['/v1/bridge', '/v1/ports', '/', '/metrics/x']) {
      expect((await fetch(`http://${place}${path}`)).status).toBe(404);
    }
    expect((await fetch(`http://${place}/metrics`, { method: 'POST', body: 'x' })).status).toBe(
      405,
    );
  });

  describeWithPrometheus('Prometheus', () => {
    test('has every value that the dashboard shows', async () => {
      const prometheus = await Prometheus.start(join(folder, 'prometheus'), place);
      try {
        const expressions = dashboardExpressions();
        expect(expressions.length).toBeGreaterThan(10);
        for (const expression of expressions) {
          // The query leaves out the condition, because there may be no drops.
          const result = await prometheus.query(expression.replace(/ > 0$/, ''));
          expect({ expression, isEmpty: result.length === 0 }).toEqual({
            expression,
            isEmpty: false,
          });
        }
      } finally {
        await prometheus.stop();
      }
    });
  });

  describeWithPromtool('promtool', () => {
    test('finds no fault with traffic and drops', async () => {
      const [a, b] = hosts;
      await a.send(frame({ from: a.mac, to: BROADCAST }), frame({ from: a.mac, to: a.mac }));
      await b.send(frame({ from: b.mac, to: a.mac }));
      const text = await scrape();
      const samples = samplesOf(text);
      const countOf = (name: string): number =>
        samples.filter((one) => one.name === name).reduce((sum, { value }) => sum + value, 0);
      expect(countOf('tapswitch_port_transmit_frames_total')).toBeGreaterThan(0);
      expect(countOf('tapswitch_port_dropped_frames_total')).toBeGreaterThan(0);
      expect(await run([PROMTOOL, 'check', 'metrics'], { input: text })).toEqual({
        status: 0,
        signal: null,
        stdout: '',
        stderr: '',
      });
    });
  });
});
