/**
 * Impairments on real TAPs, set and changed while the switch runs. Their exactness is in `unit/impair`, in
 * simulated time. Real time gives lower bounds only.
 */

import { mkdtempSync, rmSync, statSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { readCapture } from '../../src/testing/capture-file';
import { type Network, network } from '../../src/testing/network';
import type { RecordedFrame } from '../../src/testing/recording';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { frame, marker } from './support/frame';
import { type Host } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-impairments-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
const api = new ControlClient(control);
afterAll(() => rmSync(folder, { recursive: true }));

async function apply(words: string): Promise<void> {
  expect(await tapctl.run(words)).toMatchObject({ status: 0, stderr: '' });
}

interface Shown {
  readonly port: string;
  readonly direction: string;
  readonly words: string;
  readonly state: string;
  readonly seed: number;
  readonly frames: number;
  readonly held: number;
  readonly lost: number;
}

async function shown(): Promise<Shown[]> {
  return (await tapctl.json('impair show')) as Shown[];
}

/** Least round-trip time of pings, milliseconds. */
async function leastRoundTrip(host: Host, target: string, count: number): Promise<number> {
  const { stdout } = await host.run(['ping', '-n', '-i', '0.01', '-c', String(count), target]);
  return Number(/ = ([\d.]+)\//.exec(stdout)?.[1]);
}

/** MAC of a switch, and the beginning of its broadcasts of ARP. */
const mac = '02:00:00:00:fe:01';
const ANNOUNCEMENT = 'ffffffffffff02000000fe010806';

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

describeNetns('impairments', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('delay and lose frames, and real hosts still reach each other', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.connect([a, b], '--control', control);
    expect(await a.reaches(b.ipv4)).toBe(true);
    await apply(`impair add ${b.label} out delay 10ms loss 1% seed 7`);
    expect(await leastRoundTrip(a, b.ipv4, 20)).toBeGreaterThanOrEqual(10);
    await apply(`impair add ${a.label} out delay 5ms`);
    expect(await leastRoundTrip(a, b.ipv4, 20)).toBeGreaterThanOrEqual(15);

    const { received, sent } = await tcpStream(a, b, b.ipv4, 2_000_000);
    expect(received).toBe(sent);
    const rows = await shown();
    expect(rows).toMatchObject([
      { port: b.label, direction: 'out', words: 'delay 10ms loss 1%', state: 'active', seed: 7 },
      { port: a.label, direction: 'out', words: 'delay 5ms', state: 'active', lost: 0 },
    ]);
    // 2 MB are 1,400 segments: that none of them is lost has a probability of a millionth.
    expect(rows[0]?.lost).toBeGreaterThan(0);
    const drops = (await tapctl.json(`stats ${b.label}`)) as {
      ports: { drops: Record<string, number>; counters: Record<string, number> }[];
    };
    expect(drops.ports[0]?.drops['impaired-out']).toBe(rows[0]?.lost);
    expect(drops.ports[0]?.counters['held']).toBeGreaterThan(100);

    await apply(`impair del ${b.label}`);
    await apply(`impair del ${a.label} out`);
    expect(await shown()).toEqual([]);
    expect(await a.ping(b.ipv4, '-c', '3', '-i', '0.05')).toEqual({ sent: 3, received: 3 });
  });

  test('let iperf3 through a delay and a loss', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.connect([a, b], '--control', control);
    await apply(`impair add ${b.label} out delay 10ms loss 1% seed 7`);
    const server = b.start(['iperf3', '--server', '--one-off', '--forceflush']);
    await until(() => server.stdout.includes('Server listening'), 'iperf3 listens');
    const options = ['--client', b.ipv4, '--time', '2', '--json'];
    const report = JSON.parse(await a.mustRun(['iperf3', ...options])) as {
      end: {
        sum_sent: { retransmits: number };
        sum_received: { bytes: number };
        streams: [{ sender: { min_rtt: number } }];
      };
    };
    const { streams, sum_received: got, sum_sent: sent } = report.end;
    expect(got.bytes).toBeGreaterThan(0);
    expect(sent.retransmits).toBeGreaterThan(0);
    // Microseconds.
    expect(streams[0].sender.min_rtt).toBeGreaterThanOrEqual(10_000);
    const [row] = await shown();
    expect(row?.lost).toBeGreaterThan(0);
  });

  test('take single frames: the third ping, each second one, and pings twice', async () => {
    const [a, b] = await lab.hosts(2);
    await lab.connect([a, b], '--control', control);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const pings = ['-i', '0.05', '-c', '6', '-W', '1'];
    await apply(`impair add ${a.label} in nth 3 loss match icmp`);
    expect(await a.ping(b.ipv4, ...pings)).toEqual({ sent: 6, received: 5 });
    await apply(`impair del ${a.label}`);
    await apply(`impair add ${a.label} in every 2 loss match icmp`);
    expect(await a.ping(b.ipv4, ...pings)).toEqual({ sent: 6, received: 3 });
    await apply(`impair del ${a.label} in match icmp`);
    await apply(`impair add ${b.label} out duplicate match icmp for 60`);
    const { stdout } = await a.run(['ping', '-n', '-c', '2', '-i', '0.1', b.ipv4]);
    expect(stdout).toContain('DUP!');
  });

  test('are in the file, a reload, traces and events; invalid words change nothing', async () => {
    const [a, b] = await lab.hosts(2);
    const file = join(folder, 'br0.yaml');
    const configure = (impair: readonly string[]): void =>
      writeFileSync(file, `impair:\n${impair.map((item) => `  - ${item}\n`).join('')}`);
    configure([
      `${a.label} in loss nth 1000000`,
      `{ port: ${b.label}, direction: out, delay: 60s, at: 0s, for: 86400 }`,
    ]);
    const options = ['--control', control, '--config', file];
    const running = await lab.connect([a, b], ...options);
    const texts = async (): Promise<string[]> =>
      (await shown()).map(({ port, direction, words }) => `${port} ${direction} ${words}`);
    expect(await texts()).toEqual([`${a.label} in loss 100%`, `${b.label} out delay 60s`]);
    const config = (await tapctl.run('show --config')).stdout;
    expect(config).toContain(`${b.label} out delay 60s at 0ms for 86400s`);

    // A reload that keeps, changes and removes impairments loses no held frame.
    const sent = frame({ to: b.mac, from: a.mac });
    const capture = await b.capture();
    await a.send(sent);
    await until(async () => ((await shown())[1]?.held ?? 0) > 0, 'a frame is held');
    configure([`{ port: ${b.label}, direction: out, delay: 60s, at: 0s, for: 86400 }`]);
    await apply('reload');
    expect(await texts()).toEqual([`${b.label} out delay 60s`]);
    expect((await shown())[0]?.held).toBeGreaterThanOrEqual(1);
    const { text } = await api.get('/metrics');
    expect(text).toMatch(
      new RegExp(`impairment_held_frames\\{.*impairment="${b.label} out"\\} [1-9]`),
    );

    const trace = await tapctl.run(`trace ${a.label} ${sent}`);
    expect(trace.stdout).toContain(`an impairment of frames to ${b.label} takes it: delay 60s`);
    await apply(`impair add ${a.label} in loss`);
    const lost = await tapctl.run(`trace ${a.label} ${sent}`);
    expect(lost.stdout).toContain(`dropped at ${a.label}, impaired-in`);

    const before = await texts();
    for (const [words, status, complaint] of [
      ['tap99 in loss', 1, 'tap99'],
      [`${a.label} in loss 101%`, 2, 'loss: expected a percentage from 0% to 100%'],
      [`${a.label} in delay 10`, 2, 'delay: expected a time with its unit'],
      [`${a.label} in dalay 10ms`, 2, '"dalay": no such word; did you mean delay?'],
      [`${a.label} in loss nth 2 every 3`, 2, 'nth and every exclude each other'],
    ] as const) {
      const { status: exit, stderr } = await tapctl.run(`impair add ${words}`);
      expect(stderr).toMatch(/^tapctl: [^\n]*\n$/);
      expect([exit, stderr]).toEqual([status, expect.stringContaining(complaint)]);
    }
    const others = `; tapctl impair show lists those of ${b.label}`;
    for (const [words, complaint] of [
      [`${b.label} in`, `${b.label} in has no impairment${others}`],
      [`${b.label} match arp`, `${b.label} has no such impairment${others}`],
      ['99', `no port 99; the ports are: ${a.label}, ${b.label}`],
    ]) {
      const { status: exit, stderr } = await tapctl.run(`impair del ${words}`);
      expect([exit, stderr]).toEqual([1, `tapctl: ${complaint}\n`]);
    }
    expect(await texts()).toEqual(before);

    // The held frames are sent when the impairment is removed, in order with later frames.
    await apply(`impair del ${a.label}`);
    await apply(`impair del ${b.label}`);
    const last = marker(a.mac, 1);
    await a.send(last);
    expect(await capture.before(last)).toContain(sent);

    await apply(`impair add ${b.label} in loss 0% for 10ms`);
    await running.logged('the time of an impairment is over', b.label);
    expect((await shown()).at(-1)).toMatchObject({ state: 'ended' });
  });

  test('that change all the time lose no frame of other hosts', async () => {
    const [a, b, c] = await lab.hosts(3);
    await lab.connect([a, b, c], '--control', control);
    expect(await a.reaches(b.ipv4)).toBe(true);
    const flood = await a.floodPing(b.ipv4);
    for (let round = 0; round < 50; round++) {
      const words = round % 2 === 0 ? 'delay 10ms loss 50%' : 'rate 1mbit limit 10';
      const added = await api.post('/v1/impairments', { port: c.label, direction: 'out', words });
      expect(added.status).toBe(201);
      const removed = await api.delete(`/v1/impairments?port=${encodeURIComponent(c.label)}`);
      expect(removed.status).toBe(204);
    }
    const { received, sent } = await flood.stop();
    expect(received).toBe(sent);
    expect(sent).toBeGreaterThan(50);
  });
});

describeNetns('a capture of a switch', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  /** Captures at all ports during an action. @returns the frames */
  async function captureOf(work: () => Promise<unknown>): Promise<RecordedFrame[]> {
    const path = join(folder, 'all.pcapng');
    rmSync(path, { force: true });
    const capture = lab.start(tapctl.command('capture', '-w', path));
    await until(() => sizeOf(path) > 0, 'the beginning of a capture');
    await work();
    await until(async () => {
      const before = sizeOf(path);
      await setTimeout(300);
      return sizeOf(path) === before;
    }, 'the capture to be complete');
    capture.signal('SIGINT');
    await capture.finished;
    return readCapture(readFileSync(path));
  }

  /** Checks that the same frames left by each port of both switches. */
  function expectSame(
    net: Network,
    recorded: readonly RecordedFrame[],
    hosts: readonly Host[],
  ): void {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    // The last announcement of the switch's own address may come after the capture has begun.
    const isSent = (text: string): boolean => !text.startsWith(ANNOUNCEMENT);
    for (const { label } of hosts) {
      const left = recorded.filter(({ direction, port }) => direction === 'out' && port === label);
      expect(left.length).toBeGreaterThan(0);
      const replayed = net.port(label).received.map(hex).filter(isSent);
      expect(replayed).toEqual(left.map(({ bytes }) => hex(bytes)).filter(isSent));
    }
  }

  test('replays in memory: the same frames leave by each port', async () => {
    const hosts = await lab.hosts(3);
    const [a, b, c] = hosts;
    const own = '192.0.2.254';
    const options = ['--control', control, '--mac', mac, '--address', `${own}/24`];
    await lab.startSwitch(...options, ...hosts.map((host) => host.port()));
    const recorded = await captureOf(async () => {
      await Promise.all(hosts.map((host) => host.address()));
      expect(await a.reaches(b.ipv4)).toBe(true);
      expect(await c.reaches(own)).toBe(true);
      await tcpStream(b, c, c.ipv4, 200_000);
      await a.send(frame({ to: c.mac, from: a.mac }));
    });
    // A capture has super-frames whole.
    const ports = hosts.map(({ label: name }) => ({ name, mtuBytes: 65_521 }));
    const net = network({ ports, mac, addresses: [own] });
    for (const { label } of hosts) net.port(label).take();
    net.replay(recorded);
    expectSame(net, recorded, hosts);
  });

  test('replays with its impairments: the same frames are lost', async () => {
    const hosts = await lab.hosts(2);
    const [a, b] = hosts;
    // Other frames may come before the capture begins.
    const impairments = [
      `${b.label} out loss 30% match icmp seed 7`,
      `${a.label} in loss nth 9 match icmp`,
    ];
    const options = impairments.flatMap((text) => ['--impair', text]);
    options.push('--control', control, '--loop-guard', 'off');
    await lab.startSwitch(...options, ...hosts.map((host) => host.port()));
    const recorded = await captureOf(async () => {
      await Promise.all(hosts.map((host) => host.address()));
      await a.ping(b.ipv4, '-c', '40', '-i', '0.02', '-W', '1');
    });
    const ports = hosts.map(({ label: name }) => ({ name, mtuBytes: 65_521 }));
    const net = network({ ports, impairments });
    net.replay(recorded);
    expectSame(net, recorded, hosts);
    const live = await shown();
    expect(live[0]?.lost).toBeGreaterThan(0);
    expect(net.impairments().map(({ lost }) => lost)).toEqual(live.map(({ lost }) => lost));
  });
});
