/**
 * The fast path: frames that the kernel redirects between interfaces that are ports.
 *
 * A switch that is paused forwards nothing. So what arrives meanwhile has taken the fast path, and what
 * arrives only when the switch goes on has not.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultControlPath } from '../../src/api/control-path';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import type { Capture } from './support/capture';
import { BROADCAST, type FrameFields, frame, macOf, marker } from './support/frame';
import {
  type FastBench,
  type FastPortBody,
  counts,
  portBodies,
  setFast,
  settle,
  startFastBench,
} from './support/fast-bench';
import { type Host, python } from './support/host';
import { Lab } from './support/lab';
import { numberBothWays } from './support/number-both-ways';
import { switchCommand } from './support/switch-process';
import { tcpStream } from './support/tcp-stream';
import { until } from './support/until';
import { joinByVeth, nearEndOf, nicPortsOf } from './support/veth';

const lab = new Lab();

const start = (options?: readonly string[], isQuiet?: boolean): Promise<FastBench> =>
  startFastBench(lab, options, isQuiet);

/** Frames from a host's port that the switch itself received. */
async function countSlow({ namespace }: FastBench, host: Host): Promise<number> {
  const [link] = JSON.parse(await namespace.ip(`-j -s link show ~${nearEndOf(host)}`)) as [
    { stats64: { tx: { packets: number } } },
  ];
  return link.stats64.tx.packets;
}

describeNetns('frames between two hosts that know each other', () => {
  let bench: FastBench;
  beforeAll(async () => {
    bench = await start();
    await settle(bench);
  });
  afterAll(() => lab.clear());

  test('pass while the switch is paused', async () => {
    const { a, b, running } = bench;
    await running.pause();
    expect((await a.floodPings(b.ipv4, 300, 1_400)).received).toBe(300);
    expect(await b.reaches(a.ipv4)).toBe(true);
    running.resume();
  });

  test('are counted as the frames that the switch forwards', async () => {
    const { a, b } = bench;
    const [rxBefore, txBefore] = (await counts(bench)) as [number[], number[]];
    const slowBefore = (await countSlow(bench, a)) + (await countSlow(bench, b));
    expect((await a.floodPings(b.ipv4, 1_000, 100)).received).toBe(1_000);
    const slow = (await countSlow(bench, a)) + (await countSlow(bench, b)) - slowBefore;
    const [rx, tx] = (await counts(bench)) as [number[], number[]];
    const grown = (after: number[], before: number[]): number[] =>
      after.map((value, index) => value - (before[index] as number));
    const lengthBytes = 100 + 8 + 20 + 14;
    for (const counted of [grown(rx, rxBefore), grown(tx, txBefore)]) {
      expect(counted[0]).toBeGreaterThanOrEqual(1_000);
      expect(counted[1]).toBeGreaterThanOrEqual(1_000 * lengthBytes);
      expect(counted[2]).toBeGreaterThanOrEqual(1_000);
      expect(counted[3]).toBeGreaterThanOrEqual(1_000 * lengthBytes);
    }
    expect(slow).toBeLessThan(200);
  });

  test('arrive byte for byte, by TCP and super-frames', async () => {
    const { a, b } = bench;
    for (const [from, to, address] of [
      [a, b, b.ipv4],
      [b, a, a.ipv6],
    ] as const) {
      const { sent, received } = await tcpStream(from, to, address, 50_000_000);
      expect(received).toBe(sent);
    }
  });

  test('all come to the switch while one of the ports is captured, and are captured', async () => {
    const { a, b, client } = bench;
    const [port] = bench.ports as [string];
    const reading = await client.readNoFurther(`/v1/capture?port=${encodeURIComponent(port)}`);
    const why = async () => (await portBodies(bench)).map(({ fastObstacle }) => fastObstacle);
    await until(
      async () => (await why())[0] === 'a capture sees every frame',
      'the port says that it is captured',
    );
    const before = await countSlow(bench, b);
    expect((await a.floodPings(b.ipv4, 100)).received).toBe(100);
    expect((await countSlow(bench, b)) - before).toBeGreaterThanOrEqual(100);
    reading.destroy();
    await until(async () => (await why())[0] === undefined, 'the fast path is open again');
    await settle(bench);
  });

  test('all come to the switch while one of the ports has fast=off', async () => {
    const { a, b } = bench;
    const [, port] = bench.ports as [string, string];
    await setFast(bench, port, false);
    expect(
      (await portBodies(bench)).map(({ fast, fastObstacle }) => ({ fast, fastObstacle })),
    ).toEqual([
      { fast: true, fastObstacle: undefined },
      { fast: false, fastObstacle: 'fast=off' },
    ]);
    const before = await countSlow(bench, a);
    expect((await a.floodPings(b.ipv4, 100)).received).toBe(100);
    expect((await countSlow(bench, a)) - before).toBeGreaterThanOrEqual(100);
    await setFast(bench, port, true);
    await settle(bench);
  });

  test('pass on neither path if both ports are isolated', async () => {
    const { a, b, client, ports } = bench;
    const setAll = async (isolated: boolean): Promise<void> => {
      for (const port of ports) {
        await client.patch(`/v1/ports/${encodeURIComponent(port)}`, { isolated });
      }
    };
    await setAll(true);
    expect(await a.reaches(b.ipv4)).toBe(false);
    await setAll(false);
    await settle(bench);
  });

  test('pass again when an interface was down, renamed, deleted and made anew', async () => {
    const { a, b, namespace, running } = bench;
    const [, port] = bench.ports as [string, string];
    await namespace.ip(`link set ${nearEndOf(b)} down`);
    await running.logged('port is down', port);
    expect((await portBodies(bench))[1]).toMatchObject({
      fast: false,
      fastObstacle: 'the port is down',
    });
    await namespace.ip(`link set ${nearEndOf(b)} name other0`);
    await namespace.ip('link set other0 up');
    await running.logged('port is up', port);
    await settle(bench);

    await namespace.ip('link del other0');
    await running.logged('port is gone', port);
    expect((await portBodies(bench))[1]).toMatchObject({
      fast: false,
      fastObstacle: 'the interface is gone',
    });
    await joinByVeth(namespace, [b]);
    await running.logged('port is back', port);
    await settle(bench);
    expect(await a.reaches(b.ipv6)).toBe(true);
  });
});

/** Frames from a station behind a to one behind b. Each case has its own two stations. */
interface Case {
  readonly what: string;
  readonly isFast: boolean;
  readonly fields: Partial<FrameFields>;
  /** The source station was learned at b and not at a. */
  readonly isMoved?: boolean;
  /** The source station, or the destination station, is not learned. */
  readonly isSourceNew?: boolean;
  readonly isTargetNew?: boolean;
}

const IPV4 = (protocol: string, payload = '', fragment = '0000'): string =>
  `45000046000${0}${fragment}40${protocol}0000c0000201c0000202${payload}`;
const IPV6 = (next: string, payload = ''): string =>
  `600000000020${next}ff${'20010db8'.padEnd(32, '0')}${'20010db8'.padEnd(32, '1')}${payload}`;
const udp = (from: number, to: number): string =>
  [from, to].map((port) => port.toString(16).padStart(4, '0')).join('') + '00200000';
const V4 = '0800';
const V6 = '86dd';

const CASES: readonly Case[] = [
  { what: 'an unknown type', isFast: true, fields: {} },
  { what: '14 bytes', isFast: true, fields: { lengthBytes: 14 } },
  { what: '1514 bytes', isFast: true, fields: { lengthBytes: 1514, payload: '5a'.repeat(1500) } },
  { what: 'TCP', isFast: true, fields: { type: V4, payload: IPV4('06', '1000200000000000') } },
  { what: 'UDP', isFast: true, fields: { type: V4, payload: IPV4('11', udp(5000, 53)) } },
  {
    what: 'a later fragment',
    isFast: true,
    fields: { type: V4, payload: IPV4('11', udp(67, 68), '0010') },
  },
  { what: 'ping', isFast: true, fields: { type: V4, payload: IPV4('01', '0800') } },
  { what: 'ESP', isFast: true, fields: { type: V4, payload: IPV4('32') } },
  { what: 'TCP by IPv6', isFast: true, fields: { type: V6, payload: IPV6('06'), lengthBytes: 80 } },
  {
    what: 'UDP by IPv6',
    isFast: true,
    fields: { type: V6, payload: IPV6('11', udp(5000, 53)), lengthBytes: 80 },
  },
  {
    what: 'ping by IPv6',
    isFast: true,
    fields: { type: V6, payload: IPV6('3a', '80'), lengthBytes: 80 },
  },
  { what: 'ARP', isFast: false, fields: { type: '0806' } },
  { what: 'a tag', isFast: false, fields: { type: '81000064', payload: '88b5' } },
  { what: 'a service tag', isFast: false, fields: { type: '88a80064', payload: '88b5' } },
  { what: 'LLC', isFast: false, fields: { type: '0026', payload: '424203' } },
  { what: 'LLC behind a jumbo length', isFast: false, fields: { type: '8870' } },
  { what: 'an old tag', isFast: false, fields: { type: '92000064', payload: '88b5' } },
  { what: 'LLDP', isFast: false, fields: { type: '88cc' } },
  { what: 'EAPOL', isFast: false, fields: { type: '888e' } },
  { what: 'IGMP', isFast: false, fields: { type: V4, payload: IPV4('02') } },
  {
    what: 'DHCP to a server',
    isFast: false,
    fields: { type: V4, payload: IPV4('11', udp(68, 67)) },
  },
  {
    what: 'DHCP to a client',
    isFast: false,
    fields: { type: V4, payload: IPV4('11', udp(67, 68)) },
  },
  {
    what: 'UDP behind options',
    isFast: false,
    fields: { type: V4, payload: `46${IPV4('11').slice(2)}00000000` },
  },
  {
    what: 'DHCPv6',
    isFast: false,
    fields: { type: V6, payload: IPV6('11', udp(546, 547)), lengthBytes: 80 },
  },
  {
    what: 'Neighbor Discovery',
    isFast: false,
    fields: { type: V6, payload: IPV6('3a', '88'), lengthBytes: 80 },
  },
  { what: 'MLD', isFast: false, fields: { type: V6, payload: IPV6('3a', '83'), lengthBytes: 80 } },
  {
    what: 'an extension header',
    isFast: false,
    fields: { type: V6, payload: IPV6('00', '3a'), lengthBytes: 80 },
  },
  { what: 'IPv4 cut short', isFast: false, fields: { type: V4, lengthBytes: 30 } },
  { what: 'a source that is new', isFast: false, fields: {}, isSourceNew: true },
  { what: 'a source that has moved', isFast: false, fields: {}, isMoved: true },
  { what: 'a destination that is new', isFast: false, fields: {}, isTargetNew: true },
];

const stationOf = (index: number, end: 1 | 2): string => macOf(0x1000 + index * 2 + end);

const frameOf = ({ fields }: Case, index: number): string =>
  frame({ ...fields, from: stationOf(index, 1), to: stationOf(index, 2) });

describeNetns('a frame that the switch must see', () => {
  let passed: string[] = [];
  let all: string[] = [];
  const traced: string[] = [];
  beforeAll(async () => {
    const bench = await start([], true);
    const { a, b, running } = bench;
    const hello = (index: number, end: 1 | 2): string =>
      frame({ from: stationOf(index, end), to: BROADCAST });
    const [atA, atB]: [string[], string[]] = [[], []];
    for (const [index, { isSourceNew, isMoved, isTargetNew }] of CASES.entries()) {
      if (isSourceNew !== true) (isMoved === true ? atB : atA).push(hello(index, 1));
      if (isTargetNew !== true) atB.push(hello(index, 2));
    }
    const heard = await b.capture();
    const ready = await a.capture();
    await b.send(...atB, marker(b.mac, 1));
    await ready.has(marker(b.mac, 1));
    await a.send(...atA, marker(a.mac, 1));
    await heard.has(marker(a.mac, 1));
    // The answer of the control plane comes behind all frames that were on their way.
    await bench.client.get('/v1/stats');
    for (const [index, one] of CASES.entries()) {
      const body = { port: bench.ports[0], frame: frameOf(one, index) };
      const { steps } = (await bench.client.post('/v1/trace', body)).body as { steps: string[] };
      traced.push(steps.at(-1) as string);
    }
    await running.pause();
    const fast = frame({ from: stationOf(0, 1), to: stationOf(0, 2), payload: 'ff' });
    await a.send(...CASES.map(frameOf), fast);
    await heard.has(fast);
    passed = [...heard.frames];
    running.resume();
    await a.send(marker(a.mac, 2));
    await heard.has(marker(a.mac, 2));
    all = heard.frames;
  });
  afterAll(() => lab.clear());

  test.each(CASES.map((one, index) => ({ ...one, index })))(
    '$what: passes without it: $isFast',
    ({ index, isFast }) => {
      const sent = frameOf(CASES[index] as Case, index);
      expect(passed.filter((one) => one === sent)).toHaveLength(isFast ? 1 : 0);
      expect(all.filter((one) => one === sent)).toHaveLength(1);
      expect(traced[index]).toMatch(isFast ? /^fast path: / : /^no fast path: /);
    },
  );
});

describeNetns('a pair that changes over', () => {
  afterEach(() => lab.clear());

  /** The header of IPv4 with IGMP behind it. */
  const IGMP = '45000030000000004002';

  const numbered = (
    { a, b }: FastBench,
    number: number,
    { type, header = '' }: { readonly type?: string; readonly header?: string } = {},
  ): string =>
    frame({
      from: a.mac,
      to: b.mac,
      payload: header + number.toString(16).padStart(8, '0'),
      ...(type !== undefined && { type }),
    });

  /** Starts a bench whose frames take the fast path, pauses its switch, and captures at its second host. */
  async function startPaused(): Promise<{ bench: FastBench; heard: Capture }> {
    const bench = await start([], true);
    const { a, b, running } = bench;
    const heard = await b.capture();
    await b.send(frame({ from: b.mac, to: BROADCAST }));
    await a.send(marker(a.mac, 1));
    await heard.has(marker(a.mac, 1));
    const first = numbered(bench, 0);
    await until(async () => {
      await a.send(first);
      return heard.frames.includes(first);
    }, 'frames of the pair arrive');
    await running.pause();
    // A frame of another pair does not wait for this pair.
    await until(async () => {
      await b.send(frame({ from: b.mac, to: a.mac }));
      return (await a.countReceived()) > 0;
    }, 'frames pass without the switch');
    return { bench, heard };
  }

  test('keeps its order: no frame overtakes one that waits for the switch', async () => {
    const { bench, heard } = await startPaused();
    // The bridge reads UDP behind options, because it may be DHCP.
    const toSwitch = numbered(bench, 1, { type: '0800', header: '46000030000000004011' });
    const sent = [toSwitch, numbered(bench, 2), numbered(bench, 3)];
    await bench.a.send(...sent);
    bench.running.resume();
    await heard.has(numbered(bench, 3));
    expect(heard.frames.filter((one) => sent.includes(one))).toEqual(sent);
  });

  test('does not wait for a frame of a protocol that always goes to the switch', async () => {
    const { bench, heard } = await startPaused();
    const always = [
      numbered(bench, 1, { type: '0806' }),
      numbered(bench, 2, { type: '0026' }),
      numbered(bench, 3, { type: '88cc' }),
      numbered(bench, 4, { type: '0800', header: IGMP }),
    ];
    await bench.a.send(...always, numbered(bench, 5));
    await heard.has(numbered(bench, 5));
    expect(heard.frames.filter((one) => always.includes(one))).toEqual([]);
    bench.running.resume();
    await heard.has(always.at(-1) as string);
    expect(heard.frames.filter((one) => always.includes(one))).toEqual(always);
  });

  test('loses, doubles and disorders nothing of 100,000 frames each way', async () => {
    const bench = await start([], true);
    const { a, b, namespace, client } = bench;
    // The longest queue that the kernel allows: on a busy machine the switch waits for the processor.
    for (const host of [a, b]) await namespace.ip(`link set ~${nearEndOf(host)} txqueuelen 100000`);
    const [port] = bench.ports as [string];
    const { seen, changes } = await numberBothWays([a, b], 100_000, async () => {
      await client.delete('/v1/fdb');
      await setFast(bench, port, false);
      await setFast(bench, port, true);
    });
    const allOnce = { received: 100_000, doubled: 0, disordered: 0 };
    expect(seen).toEqual([allOnce, allOnce]);
    expect(changes).toBeGreaterThan(0);
    const [rx] = (await counts(bench)) as [number[]];
    expect(rx[0]).toBe(100_000);
  });

  test('disorders nothing where frames take long to get into the queue of the switch', async () => {
    const bench = await start([], true);
    const { a, b, namespace, client } = bench;
    // Filters that compare every frame between the program and the queue, and match none.
    const never = 'protocol all u32 match u32 0xffffffff 0xffffffff at 0 flowid 1:1';
    for (const companion of [a, b].map((host) => `~${nearEndOf(host)}`)) {
      const filters = [1, 2].flatMap((pref) =>
        Array<string>(2000).fill(`filter add dev ${companion} egress pref ${pref} ${never}`),
      );
      const lines = [`qdisc add dev ${companion} clsact`, ...filters];
      await namespace.mustRun(['tc', '-batch', '-'], { input: lines.join('\n') });
    }
    const flush = async (): Promise<void> => {
      await client.delete('/v1/fdb');
    };
    // Pauses let the pair change over after each flush.
    const { seen, changes } = await numberBothWays([a, b], 50_000, flush, 20);
    const inOrder = { doubled: 0, disordered: 0 };
    expect(seen).toMatchObject([inOrder, inOrder]);
    expect(changes).toBeGreaterThan(0);
  });
});

describeNetns('with VLAN filtering, frames between two ports', () => {
  let bench: FastBench;
  beforeAll(async () => {
    bench = await start(['--vlan-filtering']);
  });
  afterAll(() => lab.clear());

  async function change(index: 0 | 1, settings: object): Promise<void> {
    const path = `/v1/ports/${encodeURIComponent(bench.ports[index] as string)}`;
    expect(await bench.client.patch(path, settings)).toMatchObject({ status: 200 });
  }

  /** Whether a ping passes, by the switch or without it. */
  async function reaches(): Promise<boolean> {
    const { a, b, running } = bench;
    const withSwitch = await a.reaches(b.ipv4);
    await running.pause();
    const without = await a.reaches(b.ipv4);
    running.resume();
    return withSwitch || without;
  }

  test('pass while the switch is paused, if both have the same untagged VLAN', async () => {
    const { a, b, running } = bench;
    await settle(bench);
    await change(0, { vlan: 10 });
    expect(await reaches()).toBe(false);
    await change(1, { vlan: 10 });
    await settle(bench);
    await running.pause();
    expect((await a.floodPings(b.ipv4, 300, 1_400)).received).toBe(300);
    running.resume();
    await change(1, { vlan: 20 });
    expect(await reaches()).toBe(false);
    await change(1, { trunk: '20', native: 10 });
    await settle(bench);
  });

  test('come to the switch, if their VLAN has a tag at one of them', async () => {
    await change(1, { vlans: '10+20' });
    expect((await portBodies(bench)).map(({ fastObstacle }) => fastObstacle)).toEqual([
      undefined,
      'the port has no untagged VLAN',
    ]);
    await change(1, { vlan: 10 });
    await settle(bench);
  });

  test('pass on neither path if both ports are isolated, or one is locked and the station new', async () => {
    const { a, b, client, running } = bench;
    for (const index of [0, 1] as const) await change(index, { isolated: true });
    expect(await reaches()).toBe(false);
    for (const index of [0, 1] as const) await change(index, { isolated: false });
    await settle(bench);

    await change(0, { locked: true });
    await running.pause();
    expect(await a.reaches(b.ipv4)).toBe(true);
    running.resume();
    await client.delete('/v1/fdb');
    expect(await reaches()).toBe(false);
    await change(0, { locked: false });
    await settle(bench);
  });

  test('arrive byte for byte', async () => {
    const { a, b } = bench;
    const { sent, received } = await tcpStream(a, b, b.ipv4, 50_000_000);
    expect(received).toBe(sent);
  });
});

describeNetns('if the kernel refuses eBPF', () => {
  const restricted = new Lab((...args) => [...python('without_bpf.py'), ...switchCommand(...args)]);
  afterEach(() => restricted.clear());

  test('there is no fast path, the port says why, and frames come by the switch', async () => {
    const [a, b] = await restricted.hosts(2);
    const namespace = await restricted.host({ isQuiet: true });
    await joinByVeth(namespace, [a, b]);
    const running = await restricted.startSwitch(...nicPortsOf(namespace, [a, b]));
    const [, name] = /^ready (\S+)/m.exec(running.process.stdout) as unknown as [string, string];
    const client = new ControlClient(defaultControlPath(name));
    await until(() => a.reaches(b.ipv4), 'the hosts reach each other');
    const ports = (await client.get('/v1/ports')).body as FastPortBody[];
    expect(ports.map(({ fastObstacle }) => fastObstacle)).toEqual(
      ports.map(() => 'the kernel refuses its program (EPERM), which takes CAP_BPF'),
    );
  });
});

describe('the table of frames', () => {
  test('has a station for each case', () => {
    expect(new Set(CASES.map(frameOf)).size).toBe(CASES.length);
  });
});
