/**
 * Frames lost at a rate that every device can forward, by a switch that has just started and by a warm
 * one. A TAP's queue of 1000 frames holds 10 ms of traffic at 100,000 frames a second.
 */

import { inNetns, run, sleep } from '../child';
import { oneWay, withInstance } from '../instance';
import type { Host } from '../lab';
import { STEADY_RATES } from '../metrics';
import { sendExactly, type Loss } from '../traffic/exact';
import { stationsOf, type Stations } from '../traffic/frames';
import { PAIR, type Experiment, type Readings } from './experiment';

const COLD_RATE = 100_000;
const COLD_FRAMES = 100_000;
/** Milliseconds from the switch's readiness to the first frame of the load. */
const COLD_DELAY_MS = 1000;

const STEADY_FRAMES = 1_000_000;
const STEADY_WARM_UP_MS = 500;

/** Devices left out to save time. Open vSwitch's own datapath stands for both of its builds. */
const NOT_MEASURED = ['ovs-dpdk'];

/** Loss after a start. Each repeat is a start; the switch has forwarded only one ping before. */
export const cold: Experiment = {
  id: 'cold',
  quickRun: 'ours',
  shape: PAIR,
  skipsVariants: true,
  skips: NOT_MEASURED,
  repeats: { least: 10, leastQuick: 3 },
  run: ({ dut }) =>
    withInstance(dut, PAIR, async ({ hosts, readyMs }) => {
      const [from, to] = hosts as [Host, Host];
      await run(inNetns(from.netns, ['ping', '-q', '-n', '-c', '1', '-W', '1', to.address]));
      await sleep(Math.max(0, readyMs + COLD_DELAY_MS - performance.now()));
      // Addresses of the hosts themselves: the switch has learned only these, from the ping.
      const ends = { from, to, source: ownStation(from), destination: ownStation(to) };
      const loss = await sendExactly({ ...ends, rate: COLD_RATE, frames: COLD_FRAMES });
      return readingsOf('cold', loss);
    }),
};

export const steady: Experiment = {
  id: 'steady',
  quickRun: 'ours',
  shape: PAIR,
  skipsVariants: true,
  skips: NOT_MEASURED,
  repeats: { most: 1 },
  async run({ shared }) {
    const instance = await shared();
    const [from, to] = instance.hosts as [Host, Host];
    await oneWay(instance, { milliseconds: STEADY_WARM_UP_MS });
    const ends = { from, to, source: stationsOf(from), destination: stationsOf(to) };
    const readings: Readings = {};
    for (const rate of STEADY_RATES) {
      const loss = await sendExactly({ ...ends, rate, frames: STEADY_FRAMES });
      Object.assign(readings, readingsOf(`steady.${rate}`, loss));
    }
    return readings;
  },
};

/** A host's own address is the MAC of station index + 1 (lab.ts). */
const ownStation = ({ index }: Host): Stations => ({ first: index + 1, count: 1 });

const readingsOf = (metric: string, { lost, atSender }: Loss): Readings => ({
  [metric]: lost,
  [`${metric}.at-sender`]: atSender,
});
