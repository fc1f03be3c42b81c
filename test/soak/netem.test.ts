/**
 * Impairments beside the kernel's netem, in a guest: Debian's kernel in QEMU. The guest pings through a veth with netem, and
 * a bridge in memory gets the same frames at the same times.
 *
 * QEMU counts instructions instead of time (`-icount`), so that the guest's time does not depend on the load of the
 * machine, and leaps over idle time. A ping without netem takes less than 0.1 ms of it. What is compared are therefore
 * fates, and no speed.
 *
 * The kernel's random numbers differ each time. The bounds are five standard errors, and for distributions the
 * Kolmogorov-Smirnov test: a right result exceeds one in less than a millionth of the runs.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { frame } from '../../src/testing/frames/frame';
import { network } from '../../src/testing/network';
import { Background } from '../netns/support/command';
import { initramfs } from '../netns/support/initramfs';

/** What scripts/unpacked.mjs provides, and the programs of iproute2. */
const KERNEL_FOLDER = join(__dirname, '../../build/guest-kernel');
const BUSYBOX = join(__dirname, '../../build/busybox');
const PROGRAMS = ['/sbin/ip', '/sbin/tc'];
const DISTRIBUTIONS = '/usr/lib/x86_64-linux-gnu/tc';
const NEEDED = [join(KERNEL_FOLDER, 'sch_netem.ko'), BUSYBOX, DISTRIBUTIONS, ...PROGRAMS];
const describeWithNetem = NEEDED.every((path) => existsSync(path)) ? describe : describe.skip;

/** Ten minutes: TCG takes one on a quiet machine. */
const PATIENCE_MS = 600_000;

const PINGS = 2_000;
/** Longer than any delay: no frame meets another one. */
const INTERVAL_MS = 250;
const PAYLOAD_BYTES = 1_000;

interface Load {
  readonly words: string;
  readonly pings: number;
  readonly intervalMs: number;
}
const load = (words: string, pings = PINGS, intervalMs = INTERVAL_MS): Load => ({
  ...{ words, pings, intervalMs },
});

const DELAYS = [
  'delay 100ms 20ms',
  'delay 100ms 20ms distribution normal',
  'delay 100ms 20ms distribution pareto',
  'delay 100ms 20ms distribution paretonormal',
  // Delays below zero are none.
  'delay 20ms 20ms distribution normal',
].map((words) => load(words));
const LOSSES = [
  'loss 10%',
  'loss gemodel 5% 20%',
  'loss gemodel 5% 20% 70% 2%',
  'loss state 10% 40% 30% 20% 5%',
  'delay 10ms loss 5% duplicate 20%',
  'delay 10ms reorder 25%',
].map((words) => load(words));
/** Loads whose fates have nothing random. */
const EXACT = [
  load('', 100),
  load('delay 10ms', 100),
  load('delay 10ms reorder 100% gap 5', 100),
  load('rate 1mbit', 100),
  // A frame takes 83.36 ms, and no ping comes within a millisecond of the end of one.
  load('rate 100kbit limit 5', 40, 20.5),
  load('delay 50ms limit 3', 100, 12.5),
];
const LOADS = [...EXACT, ...DELAYS, ...LOSSES];

/** Fate of each ping: milliseconds until it came back, or `undefined`; and how many came back twice. */
interface Fates {
  readonly times: readonly (number | undefined)[];
  readonly doubled: number;
}

// The guest -------------------------------------------------------------------------------------

const INIT = `#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
for type in proc sysfs; do mount -t $type none /\${type%fs}; done
for folder in run tmp; do mount -t tmpfs none /$folder; done
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
insmod /veth.ko
insmod /sch_netem.ko
/sbin/ip netns add far
/sbin/ip link add near address 02:00:00:00:00:01 type veth peer name far address 02:00:00:00:00:02 netns far
/sbin/ip address add 192.0.2.1/24 dev near
/sbin/ip link set near up
/sbin/ip -n far address add 192.0.2.2/24 dev far
/sbin/ip -n far link set far up
/sbin/ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev near
/sbin/ip -n far neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev far
sleep 5
${LOADS.map(runLoad).join('')}
poweroff -f
`;

function runLoad({ words, pings, intervalMs }: Load, index: number): string {
  const add = words === '' ? '' : `/sbin/tc qdisc add dev near root netem ${words}\n`;
  const options = `-c ${pings} -i ${intervalMs / 1_000} -s ${PAYLOAD_BYTES} -W 2`;
  return `${add}ping ${options} 192.0.2.2 > /tmp/pings
echo "load ${index}"
sed -n 's/.*seq=\\([0-9]*\\).*time=\\([0-9.]*\\) ms\\(.*\\)/\\1 \\2\\3/p' /tmp/pings
echo "end ${index}"
${words === '' ? '' : '/sbin/tc qdisc del dev near root\n'}`;
}

function guestFiles(): Buffer {
  const file = (from: string, path = from.slice(1)) => ({ path, bytes: readFileSync(from) });
  const printed = execFileSync('ldd', PROGRAMS, { encoding: 'utf8' });
  const libraries = new Set(
    [...printed.matchAll(/\s(\/\S+) \(/g)].map(([, path]) => path as string),
  );
  const tables = readdirSync(DISTRIBUTIONS).filter((name) => name.endsWith('.dist'));
  const contents = [
    file(BUSYBOX, 'bin/busybox'),
    ...['veth.ko', 'sch_netem.ko'].map((name) => file(join(KERNEL_FOLDER, name), name)),
    ...[...PROGRAMS, ...libraries].map((path) => file(path)),
    ...tables.map((name) => file(join(DISTRIBUTIONS, name))),
    { path: 'init', bytes: Buffer.from(INIT) },
  ];
  const folders = new Set(['proc', 'sys', 'run', 'tmp']);
  for (const { path } of contents) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, index) => folders.add(parts.slice(0, index + 1).join('/')));
  }
  return initramfs([...[...folders].map((path) => ({ path })), ...contents]);
}

/** Runs the guest to its end. @returns what it printed */
async function runGuest(folder: string): Promise<string> {
  const printed = join(folder, 'printed');
  writeFileSync(join(folder, 'initrd'), guestFiles());
  const kernel = readdirSync(KERNEL_FOLDER).find((name) => name.startsWith('vmlinuz')) ?? '';
  const guest = new Background([
    ...['qemu-system-x86_64', '-nodefaults', '-no-reboot', '-display', 'none'],
    // A pipe that is full loses characters: the guest's time does not wait for its reader.
    ...['-serial', `file:${printed}`],
    ...['-M', 'q35', '-accel', 'tcg', '-icount', 'shift=0,sleep=off', '-rtc', 'clock=vm'],
    ...['-m', '256', '-append', 'console=ttyS0 quiet panic=-1'],
    ...['-kernel', join(KERNEL_FOLDER, kernel), '-initrd', join(folder, 'initrd')],
  ]);
  await guest.succeeded();
  return readFileSync(printed, 'utf8');
}

function fatesOfGuest(printed: string, index: number): Fates {
  const { pings } = LOADS[index] as Load;
  const [, lines] =
    new RegExp(`load ${index}\\r?\\n([^]*?)end ${index}\\r?\\n`).exec(printed) ?? [];
  if (lines === undefined) throw new Error(`the guest did not run it: ${printed.slice(-2_000)}`);
  const times = new Array<number | undefined>(pings).fill(undefined);
  let doubled = 0;
  for (const [, number, time] of lines.matchAll(/^(\d+) ([\d.]+)/gm)) {
    if (times[Number(number)] === undefined) times[Number(number)] = Number(time);
    else doubled++;
  }
  return { times, doubled };
}

// The bridge ------------------------------------------------------------------------------------

const NUMBER_AT = 42;

/** @returns the fates of the same frames in memory, without the way back, which takes no time there */
function fatesHere({ words, pings, intervalMs }: Load, seed: number): Fates {
  const impairments = words === '' ? [] : [`far out ${words} seed ${seed}`];
  const net = network({ ports: ['near', 'far'], impairments });
  const recording = net.record();
  const sent = frame.udp({
    ...{ from: '02:00:00:00:00:01', to: '02:00:00:00:00:02' },
    ...{ source: '192.0.2.1', destination: '192.0.2.2', sourcePort: 1, destinationPort: 2 },
    payload: new Uint8Array(PAYLOAD_BYTES),
  });
  const at: number[] = [];
  for (let number = 0; number < pings; number++) {
    at.push(net.nowMs);
    new DataView(sent.buffer, sent.byteOffset).setUint32(NUMBER_AT, number);
    net.port('near').send(sent);
    net.advance(intervalMs);
  }
  net.advance(2_000);
  const times = new Array<number | undefined>(pings).fill(undefined);
  let doubled = 0;
  for (const { bytes, direction, port, timeNs } of recording.frames) {
    if (port !== 'far' || direction !== 'out') continue;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(NUMBER_AT);
    if (times[number] === undefined) times[number] = Number(timeNs) / 1e6 - (at[number] as number);
    else doubled++;
  }
  return { times, doubled };
}

// Statistics ------------------------------------------------------------------------------------

const BATCHES = 40;
const STANDARD_ERRORS = 5;
/** Kolmogorov-Smirnov: sqrt(-ln(1e-6 / 2) / 2). */
const KS_MILLIONTH = 2.69;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Square of the standard error of a mean, from the means of batches: neighbours may depend on each other. */
function squaredError(values: readonly number[]): number {
  const size = values.length / BATCHES;
  const means = Array.from({ length: BATCHES }, (_, batch) =>
    mean(values.slice(Math.floor(batch * size), Math.floor((batch + 1) * size))),
  );
  const middle = mean(means);
  const variance = means.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (BATCHES - 1);
  return variance / BATCHES;
}

/** Checks that two series have one mean, as far as chance lets one tell. */
function expectSameMean(what: string, kernel: readonly number[], ours: readonly number[]): void {
  const bound = STANDARD_ERRORS * Math.sqrt(squaredError(kernel) + squaredError(ours));
  const [inKernel, here] = [mean(kernel), mean(ours)];
  const differs = Math.abs(inKernel - here) > bound;
  expect({ what, inKernel, here, bound, differs }).toMatchObject({ differs: false });
}

/** Greatest distance between the distributions of two samples. */
function distance(first: readonly number[], second: readonly number[]): number {
  const [a, b] = [first, second].map((values) => [...values].sort((x, y) => x - y)) as [
    number[],
    number[],
  ];
  let [i, j, farthest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i] as number, b[j] as number);
    while (i < a.length && (a[i] as number) <= value) i++;
    while (j < b.length && (b[j] as number) <= value) j++;
    farthest = Math.max(farthest, Math.abs(i / a.length - j / b.length));
  }
  return farthest;
}

const isNumber = (value: number | undefined): value is number => value !== undefined;

describeWithNetem('an impairment beside netem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-netem-'));
  let printed = '';
  /** Time of a ping without netem, milliseconds. */
  let unimpairedMs = 0;
  beforeAll(async () => {
    printed = await runGuest(folder);
    unimpairedMs = mean(fatesOfGuest(printed, 0).times.filter(isNumber));
  }, PATIENCE_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Fates in the kernel, less the time of a ping without netem, and here. */
  function fatesOf(wanted: Load): readonly [kernel: Fates, ours: Fates] {
    const { doubled, times } = fatesOfGuest(printed, LOADS.indexOf(wanted));
    const delays = times.map((ms) => (ms === undefined ? ms : Math.max(0, ms - unimpairedMs)));
    return [{ doubled, times: delays }, fatesHere(wanted, 1)];
  }

  test('starts from a ping that takes no time', () => {
    const { times } = fatesOfGuest(printed, 0);
    expect(times.filter(isNumber)).toHaveLength(100);
    expect(unimpairedMs).toBeLessThan(0.5);
  });

  test.each(EXACT.slice(1).map((one) => [one.words, one] as const))(
    '%s: the same fates',
    (_, one) => {
      const [kernel, ours] = fatesOf(one);
      const lost = ({ times }: Fates): number[] =>
        times.flatMap((time, index) => (time === undefined ? [index] : []));
      expect(lost(ours)).toEqual(lost(kernel));
      const far = kernel.times.map((ms, index) => Math.abs((ms ?? 0) - (ours.times[index] ?? 0)));
      const longest = Math.max(...kernel.times.filter(isNumber));
      // One percent, and a tenth of a millisecond in which the guest computes.
      expect(Math.max(...far)).toBeLessThan(longest / 100 + 0.1);
    },
  );

  test.each(DELAYS.map((one) => [one.words, one] as const))('%s: one distribution', (_, one) => {
    const [kernel, ours] = fatesOf(one).map(({ times }) => times.filter(isNumber)) as [
      number[],
      number[],
    ];
    expect([kernel.length, ours.length]).toEqual([PINGS, PINGS]);
    expectSameMean('delay', kernel, ours);
    expectSameMean('squared delay', ...both(kernel, ours, (ms) => ms ** 2));
    // Delays of zero: how small the difference is that the guest's computing makes is no question here.
    const coarse = both(kernel, ours, (ms) => (ms < 0.2 ? 0 : ms));
    const bound = KS_MILLIONTH * Math.sqrt(2 / PINGS);
    expect({ distance: distance(...coarse) < bound }).toEqual({ distance: true });
  });

  test.each(LOSSES.map((one) => [one.words, one] as const))(
    '%s: one part of the frames',
    (_, one) => {
      const [kernel, ours] = fatesOf(one);
      const lost = ({ times }: Fates): number[] => times.map((ms) => (ms === undefined ? 1 : 0));
      const inRuns = (fates: Fates): number[] =>
        lost(fates).map((value, index, all) => value * (all[index - 1] ?? 0));
      expectSameMean('lost', lost(kernel), lost(ours));
      expectSameMean('lost after a lost one', inRuns(kernel), inRuns(ours));
      const atOnce = ({ times }: Fates): number[] =>
        times.map((ms) => (ms !== undefined && ms < 5 ? 1 : 0));
      expectSameMean('at once', atOnce(kernel), atOnce(ours));
      const bound = STANDARD_ERRORS * Math.sqrt(2 * PINGS * 0.2 * 0.8);
      expect(Math.abs(kernel.doubled - ours.doubled)).toBeLessThan(bound);
      const isDoubling = one.words.includes('duplicate');
      expect([kernel.doubled > 0, ours.doubled > 0]).toEqual([isDoubling, isDoubling]);
    },
  );
});

function both(
  kernel: readonly number[],
  ours: readonly number[],
  change: (value: number) => number,
): [number[], number[]] {
  return [kernel.map(change), ours.map(change)];
}
