/**
 * Every metric of the bench: its name, its unit, and whether more or less is better.
 */

import { PATTERNS } from './decide/patterns';
import { FEATURES } from './experiments/features';

export interface Metric {
  title: string;
  unit: string;
  better: 'higher' | 'lower';
  /** Divisor of the readings for display. */
  scale: number;
}

export const FRAME_SIZES_BYTES = [60, 128, 256, 512, 1024, 1280, 1514] as const;
export const DESTINATION_COUNTS = [1, 10, 1000, 100_000] as const;
export const PORT_COUNTS = [2, 16, 64, 256] as const;
/** Frames per second at which a warm switch should lose nothing. */
export const STEADY_RATES = [100_000, 200_000] as const;
export const ADDRESS_COUNTS = [0, 1000, 10_000, 100_000, 1_000_000] as const;

const frames = (title: string): Metric => ({
  title,
  unit: 'M frames/s',
  better: 'higher',
  scale: 1e6,
});
const bits = (title: string): Metric => ({ title, unit: 'Gb/s', better: 'higher', scale: 1e9 });
const micros = (title: string): Metric => ({ title, unit: 'µs', better: 'lower', scale: 1 });
const bytes = (title: string): Metric => ({ title, unit: 'MB', better: 'lower', scale: 1e6 });
const lower = (title: string, unit: string): Metric => ({
  title,
  unit,
  better: 'lower',
  scale: 1,
});

const share = (title: string): Metric => ({ title, unit: '', better: 'higher', scale: 1 });

const each = <T extends number>(
  numbers: readonly T[],
  id: (number: T) => string,
  metric: (number: T) => Metric,
): [string, Metric][] => numbers.map((number) => [id(number), metric(number)]);

const count = (number: number): string => number.toLocaleString('en');

const AT_SENDER = "… of them in the sender's queue, the rest behind it";

const prices = [...FEATURES].map(([id, { title }]): [string, Metric] => [
  `price.${id}`,
  share(`60 B frames/s with ${title} / without`),
]);

const decisions = [...PATTERNS].map(([id, { title }]): [string, Metric] => [
  `decide.${id}`,
  lower(`Decision, ${title}`, 'ns'),
]);

/** Metrics by id, in the order of the tables. Readings are in frames/s, bits/s, bytes, µs, ns, ms. */
export const METRICS: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ...each(
    FRAME_SIZES_BYTES,
    (size) => `rate.${size}`,
    (size) => frames(`${size} B frames, one way`),
  ),
  ['rate.imix', frames('IMIX 7:4:1 of 60, 590, 1514 B')],
  ['rate.two-way', frames('60 B, two ways, sum')],
  ['rate.mesh', frames('60 B, full mesh of 3 ports, sum')],
  ['rate.broadcast', frames('60 B broadcast, delivered at 3 of 4 ports, sum')],
  ['loss-free.0', frames('60 B, highest rate with no loss')],
  ['loss-free.0.5', frames('60 B, highest rate with 0.5 % loss')],
  ['cold', lower('Lost of 100,000 at 100,000/s, a second after the start', 'frames')],
  ['cold.at-sender', lower(AT_SENDER, 'frames')],
  ...STEADY_RATES.flatMap((rate): [string, Metric][] => [
    [`steady.${rate}`, lower(`Lost of 1,000,000 at ${count(rate)}/s, warm`, 'frames')],
    [`steady.${rate}.at-sender`, lower(AT_SENDER, 'frames')],
  ]),
  ...each(
    DESTINATION_COUNTS,
    (n) => `destinations.${n}`,
    (n) => frames(`60 B, ${count(n)} destinations`),
  ),
  ...each(
    PORT_COUNTS,
    (n) => `ports.${n}`,
    (n) => frames(`60 B, two of ${n} ports busy`),
  ),
  ...prices,
  ['script', frames('60 B, from a program to itself by two script ports')],
  ...[1500, 9000].flatMap((mtu): [string, Metric][] =>
    [1, 4].flatMap((streams): [string, Metric][] => [
      [`tcp.${streams}x${mtu}`, bits(`TCP, ${streams} stream(s), MTU ${mtu}`)],
      [`tcp-retransmits.${streams}x${mtu}`, lower(`… retransmits`, 'segments/s')],
    ]),
  ),
  ['udp.gso', bits('UDP with GSO, received')],
  ['rtt.mean', micros('Round trip, ping, mean')],
  ['rtt.p50', micros('Round trip, sockperf, median')],
  ['rtt.p99', micros('Round trip, sockperf, 99 %')],
  ['rtt.p99.9', micros('Round trip, sockperf, 99.9 %')],
  ['rtt-loaded.p50', micros('Round trip at half load, median')],
  ['rtt-loaded.p99', micros('Round trip at half load, 99 %')],
  ['rtt-loaded.p99.9', micros('Round trip at half load, 99.9 %')],
  ['cpu.machine', lower('CPU time per frame, whole machine', 'ns')],
  ['cpu.process', lower('CPU time per frame, the switch alone', 'ns')],
  ...decisions,
  ['learning.known', frames('Known addresses, none lost, trials of 100 ms')],
  ['learning.rate', frames('New addresses learned, none lost, trials of 100 ms')],
  ['learning.capacity', { title: 'Addresses cached', unit: '', better: 'higher', scale: 1 }],
  ['head-of-line.loss', lower('Loss of a light flow beside a flood', '%')],
  ...each(
    ADDRESS_COUNTS,
    (n) => `memory.${n}`,
    (n) => bytes(`Memory (PSS), ${count(n)} addresses`),
  ),
  ['memory.per-entry', lower('Memory per address', 'B')],
  ['memory.groups', bytes('Memory of 1,000 groups that 256 ports have joined')],
  ['memory.per-membership', lower('Memory per membership', 'B')],
  ['memory.start', bytes('Resident memory at start, three ports')],
  ['idle.cpu', lower('Idle CPU of the process', '%')],
  ['idle.wake-ups', lower('Idle wake-ups, all threads', '/s')],
  ['idle.wake-ups.main', lower('… of the main thread', '/s')],
  ['idle.wake-ups.data-plane', lower('… of the data plane', '/s')],
  ['start.first-frame', lower('Start to first forwarded frame', 'ms')],
]);
