/**
 * The targets. Each one is a figure made of the medians of one run.
 */

import { OURS, tapswitchFast, tapswitchHook, tapswitchNic, tapswitchVlan } from './duts/tapswitch';
import { medianOf, summaryOf, type Results } from './results';

export interface Target {
  title: string;
  /** Whether the target is a lower or an upper limit. */
  bound: 'least' | 'most';
  /** Limit that must be reached; undefined if there is only one that we want. */
  must: number | undefined;
  want: number;
  unit: string;
  /** The figure; undefined if one of its metrics was not measured. */
  figure(results: Results): number | undefined;
}

export interface Verdict {
  target: Target;
  figure: number | undefined;
  meetsMust: boolean;
  meetsWant: boolean;
}

const BRIDGE = 'bridge';
const FAST = tapswitchFast.name;
const NIC = tapswitchNic.name;
const USERSPACE_PEERS = ['vde', 'ovs', 'ovs-dpdk'];
const PEERS_WITHOUT_TSO = ['vde', 'ovs'];
const BYTES_PER_MB = 1e6;

type Figure = Target['figure'];

const median =
  (metric: string, dut = OURS): Figure =>
  (results) =>
    medianOf(results, metric, dut);

/** The greatest reading of tapswitch. */
const worst =
  (metric: string): Figure =>
  (results) =>
    summaryOf(results, metric, OURS)?.max;

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
const tcpFour = median('tcp.4x1500');

const least = (title: string, must: number, want: number, figure: Figure): Target => ({
  title,
  bound: 'least',
  must,
  want,
  unit: '',
  figure,
});

const most = (
  title: string,
  must: number | undefined,
  want: number,
  unit: string,
  figure: Figure,
): Target => ({
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
    1.1,
    1.3,
    ratio(rate60, median('rate.60', 'limit')),
  ),
  least(
    '60 B frames/s / best userspace peer',
    1.4,
    2,
    ratio(rate60, largest('rate.60', USERSPACE_PEERS)),
  ),
  least('60 B frames/s / kernel bridge + veth', 1.3, 2, ratio(rate60, median('rate.60', BRIDGE))),
  least('TCP one stream / limit loop', 1, 1.1, ratio(tcp, median('tcp.1x1500', 'limit'))),
  least('TCP four streams / limit loop', 1, 1.1, ratio(tcpFour, median('tcp.4x1500', 'limit'))),
  least(
    'TCP one stream / kernel bridge + veth',
    0.75,
    0.9,
    ratio(tcp, median('tcp.1x1500', BRIDGE)),
  ),
  least(
    'TCP one stream / best peer without TSO',
    7,
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
    1.5,
    1.2,
    '',
    ratio(median('rtt.mean'), median('rtt.mean', BRIDGE)),
  ),
  least(
    'Fast path: 60 B frames/s / kernel bridge + veth',
    1.2,
    1.5,
    ratio(median('rate.60', FAST), median('rate.60', BRIDGE)),
  ),
  least(
    'Fast path: TCP one stream / kernel bridge + veth',
    1,
    1.15,
    ratio(median('tcp.1x1500', FAST), median('tcp.1x1500', BRIDGE)),
  ),
  least(
    'Fast path: TCP four streams / kernel bridge + veth',
    1,
    1.15,
    ratio(median('tcp.4x1500', FAST), median('tcp.4x1500', BRIDGE)),
  ),
  most(
    'Fast path: round trip, mean / kernel bridge + veth',
    0.8,
    0.65,
    '',
    ratio(median('rtt.mean', FAST), median('rtt.mean', BRIDGE)),
  ),
  least(
    'Interface without fast path: TCP one stream / TAP',
    0.9,
    1,
    ratio(median('tcp.1x1500', NIC), tcp),
  ),
  least(
    '--vlan-filtering with access ports: 60 B frames/s / without',
    0.9,
    0.97,
    ratio(median('rate.60', tapswitchVlan.name), rate60),
  ),
  least(
    'A hook that never matches: 60 B frames/s / without',
    0.95,
    0.98,
    ratio(median('rate.60', tapswitchHook.name), rate60),
  ),
  most('Lost a second after the start, median start', 0, 0, 'frames', median('cold')),
  most('Lost a second after the start, worst start', 100, 0, 'frames', worst('cold')),
  most('Lost when warm at 100,000/s', 0, 0, 'frames', median('steady.100000')),
  most('Lost when warm at 200,000/s', undefined, 0, 'frames', median('steady.200000')),
  most(
    'Round trip at half load, 99 % / kernel bridge + veth',
    5,
    3,
    '',
    ratio(median('rtt-loaded.p99'), median('rtt-loaded.p99', BRIDGE)),
  ),
  most('Idle CPU of the process', 0.1, 0.05, '%', median('idle.cpu')),
  most('Idle wake-ups', 2, 1, '/s', median('idle.wake-ups')),
  most(
    'Frame cost, 256 ports / 2 ports',
    1.1,
    1.05,
    '',
    ratio(median('ports.2'), median('ports.256')),
  ),
  most(
    'Frame cost, 100,000 MACs / 10 MACs',
    1.1,
    1.05,
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
    90,
    70,
    'MB',
    scaled(median('memory.start'), BYTES_PER_MB),
  ),
  most('Start to first forwarded frame', 350, 200, 'ms', median('start.first-frame')),
];

export function judge(results: Results): Verdict[] {
  return TARGETS.map((target) => {
    const figure = target.figure(results);
    const meets = (limit: number | undefined): boolean =>
      figure !== undefined &&
      (limit === undefined || (target.bound === 'least' ? figure >= limit : figure <= limit));
    return { target, figure, meetsMust: meets(target.must), meetsWant: meets(target.want) };
  });
}
