/**
 * Where we must stand: each target is a figure made of the medians of one run.
 */

import { OURS } from './duts/tapswitch';
import { medianOf, type Results } from './results';

export interface Target {
  title: string;
  /** Whether the figure must be at least or at most what is asked. */
  bound: 'least' | 'most';
  must: number;
  want: number;
  unit: string;
  /** Undefined if something that it is made of was not measured. */
  figure(results: Results): number | undefined;
}

export interface Verdict {
  target: Target;
  figure: number | undefined;
  meetsMust: boolean;
  meetsWant: boolean;
}

const BRIDGE = 'bridge';
const USERSPACE_PEERS = ['vde', 'ovs', 'ovs-dpdk'];
const PEERS_WITHOUT_TSO = ['vde', 'ovs'];
const BYTES_PER_MB = 1e6;

type Figure = Target['figure'];

const median =
  (metric: string, dut = OURS): Figure =>
  (results) =>
    medianOf(results, metric, dut);

const largest =
  (metric: string, duts: readonly string[]): Figure =>
  (results) => {
    const medians = duts.map((dut) => medianOf(results, metric, dut));
    const measured = medians.filter((value) => value !== undefined);
    return measured.length === 0 ? undefined : Math.max(...measured);
  };

const ratio =
  (numerator: Figure, denominator: Figure): Figure =>
  (results) => {
    const [above, below] = [numerator(results), denominator(results)];
    return above === undefined || below === undefined || below === 0 ? undefined : above / below;
  };

const scaled =
  (figure: Figure, divisor: number): Figure =>
  (results) => {
    const value = figure(results);
    return value === undefined ? undefined : value / divisor;
  };

const rate60 = median('rate.60');
const tcp = median('tcp.1x1500');

const least = (title: string, must: number, want: number, figure: Figure): Target => ({
  title,
  bound: 'least',
  must,
  want,
  unit: '',
  figure,
});

const most = (title: string, must: number, want: number, unit: string, figure: Figure): Target => ({
  title,
  bound: 'most',
  must,
  want,
  unit,
  figure,
});

export const TARGETS: readonly Target[] = [
  least(
    '60 B frames/s / limit loop with the same offloads',
    0.9,
    0.97,
    ratio(rate60, median('rate.60', 'limit')),
  ),
  least(
    '60 B frames/s / best userspace peer',
    1.4,
    2,
    ratio(rate60, largest('rate.60', USERSPACE_PEERS)),
  ),
  least('60 B frames/s / kernel bridge + veth', 1.4, 2, ratio(rate60, median('rate.60', BRIDGE))),
  least('TCP one stream / kernel bridge + veth', 0.85, 1, ratio(tcp, median('tcp.1x1500', BRIDGE))),
  least(
    'TCP one stream / best peer without TSO',
    6,
    9,
    ratio(tcp, largest('tcp.1x1500', PEERS_WITHOUT_TSO)),
  ),
  least(
    'TCP one stream / Open vSwitch DPDK with TSO',
    1,
    1.2,
    ratio(tcp, median('tcp.1x1500', 'ovs-dpdk')),
  ),
  most(
    'Round trip, mean / kernel bridge + veth',
    1.6,
    1.2,
    '',
    ratio(median('rtt.mean'), median('rtt.mean', BRIDGE)),
  ),
  most('Idle CPU of the process', 0.5, 0.1, '%', median('idle.cpu')),
  most(
    'Frame cost, 256 ports / 2 ports',
    1.2,
    1.05,
    '',
    ratio(median('ports.2'), median('ports.256')),
  ),
  most(
    'Frame cost, 100,000 MACs / 10 MACs',
    1.5,
    1.2,
    '',
    ratio(median('destinations.10'), median('destinations.100000')),
  ),
  least(
    'New addresses learned per second / frames/s, none lost',
    0.8,
    0.95,
    ratio(median('learning.rate'), median('learning.known')),
  ),
  most('FDB memory per entry', 32, 20, 'B', median('memory.per-entry')),
  most(
    'Resident memory at start, three ports',
    120,
    80,
    'MB',
    scaled(median('memory.start'), BYTES_PER_MB),
  ),
  most('Start to first forwarded frame', 500, 250, 'ms', median('start.first-frame')),
];

export function judge(results: Results): Verdict[] {
  return TARGETS.map((target) => {
    const figure = target.figure(results);
    const meets = (limit: number): boolean =>
      figure !== undefined && (target.bound === 'least' ? figure >= limit : figure <= limit);
    return { target, figure, meetsMust: meets(target.must), meetsWant: meets(target.want) };
  });
}
