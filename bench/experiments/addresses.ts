/**
 * Learning, after RFC 2889: address caching capacity (5.7), address learning rate (5.8), and
 * head-of-line blocking (5.5).
 *
 * Three ports as in RFC 2889: addresses are learned behind host 0, frames to them come from host 1,
 * and host 2 sees those that were flooded, that is, whose address was not learned.
 *
 * Departure in 5.5: a TAP has no line rate that could be exceeded. Instead one port floods the
 * switch, and a light flow between two others must not suffer.
 */

import { deliveredRate, withInstance, type Instance } from '../instance';
import type { Host } from '../lab';
import { searchRate, type RateSearch, type Trial } from '../rate-search';
import {
  FREE_STATIONS,
  TEACH_RATE,
  sendAndCount,
  stationsOf,
  teach,
  type Stations,
} from '../traffic/frames';
import { QUAD, type Experiment } from './experiment';

const CAPACITY_STEPS = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000];
/** Milliseconds of a trial: about ten thousand addresses, which are then checked one by one. */
const TRIAL_MS = 100;
const CAPACITY_ATTEMPTS = 4;
const LIGHT_SHARE = 0.1;

/** Learning rate, and for comparison the highest loss-free rate in the same trials with known addresses. */
export const learningRate: Experiment = {
  id: 'learning',
  quickRun: 'ours',
  shape: { ...QUAD, addressCapacity: 1_000_000 },
  needsLearning: true,
  skipsVariants: true,
  async run({ pace, shared }) {
    const instance = await shared();
    const highestRate = await deliveredRate(instance, { milliseconds: pace.frameTrialMs });
    const search = (trial: RateSearch['trial']): Promise<number> =>
      searchRate({ highestRate, lossGoal: 0, trial });
    return {
      'learning.known': await search((rate) => knownAddresses(instance, rate)),
      'learning.rate': await search((rate) => newAddresses(instance, rate)),
    };
  },
};

export const cachingCapacity: Experiment = {
  id: 'capacity',
  quickRun: 'none',
  shape: QUAD,
  needsLearning: true,
  skipsVariants: true,
  repeats: { most: 1 },
  async run({ dut }) {
    let cached = 0;
    for (const count of CAPACITY_STEPS) {
      // As in RFC 2889, each trial begins with an empty table: in a full one a device may keep some of
      // the earlier addresses.
      const holdsAll = await withInstance(dut, QUAD, (instance) =>
        cachesAll(instance, freshStations(instance, count)),
      );
      if (!holdsAll) break;
      cached = count;
    }
    return { 'learning.capacity': cached };
  },
};

export const headOfLine: Experiment = {
  id: 'head-of-line',
  quickRun: 'none',
  shape: QUAD,
  async run({ pace, shared }) {
    const instance = await shared();
    const [from, to, floodFrom, floodTo] = instance.hosts as [Host, Host, Host, Host];
    const fullRate = await deliveredRate(instance, { milliseconds: pace.frameTrialMs });
    await teach(floodTo, floodFrom, stationsOf(floodTo));
    const flow = (source: Host, sink: Host) => ({
      from: source,
      source: stationsOf(source),
      destination: stationsOf(sink),
    });
    const light = { ...flow(from, to), rate: fullRate * LIGHT_SHARE };
    const flood = flow(floodFrom, floodTo);
    const extent = { milliseconds: pace.frameTrialMs };
    const { sentFrames, receivedFrames } = await sendAndCount([to], [light, flood], extent);
    return { 'head-of-line.loss': 100 * Math.max(0, 1 - receivedFrames[0]! / sentFrames[0]!) };
  },
};

/** Offers `rate` frames per second, each from a new address. An address that is not learned is a loss. */
async function newAddresses(instance: Instance, rate: number): Promise<Trial> {
  const [learner, , listener] = instance.hosts as [Host, Host, Host];
  const count = framesOfTrial(rate);
  const stations = freshStations(instance, count);
  const stream = { from: learner, source: stations, destination: stationsOf(listener), rate };
  await teach(listener, learner, stationsOf(listener));
  const { elapsedS } = await sendAndCount([listener], [stream], { frames: count });
  const flooded = await floodedFrames(instance, stations);
  return { offeredRate: count / elapsedS, lossRatio: flooded / count };
}

/** Offers the same frames from one known address. A frame that does not arrive is a loss. */
async function knownAddresses(instance: Instance, rate: number): Promise<Trial> {
  const [sender, , listener] = instance.hosts as [Host, Host, Host];
  const ends = { source: stationsOf(sender), destination: stationsOf(listener) };
  const count = framesOfTrial(rate);
  await teach(sender, listener, ends.source);
  await teach(listener, sender, ends.destination);
  const stream = { from: sender, ...ends, rate };
  const counted = await sendAndCount([listener], [stream], { frames: count });
  const lossRatio = Math.max(0, 1 - counted.receivedFrames[0]! / count);
  return { offeredRate: count / counted.elapsedS, lossRatio };
}

const framesOfTrial = (rate: number): number => Math.round((rate * TRIAL_MS) / 1000);

/** Number of free stations that each instance has used. */
const usedStations = new WeakMap<Instance, number>();

/** Stations that this instance has never seen, unless it has seen all there are. */
function freshStations(instance: Instance, count: number): Stations {
  const used = usedStations.get(instance) ?? 0;
  const start = used + count > FREE_STATIONS.count ? 0 : used;
  usedStations.set(instance, start + count);
  return { first: FREE_STATIONS.first + start, count };
}

/** Sends one frame to each station, slowly. Returns how many of them host 2 sees. */
async function floodedFrames(instance: Instance, stations: Stations): Promise<number> {
  const [, tester, monitor] = instance.hosts as [Host, Host, Host];
  const source = stationsOf(tester);
  const stream = { from: tester, source, destination: stations, rate: TEACH_RATE };
  const { receivedFrames } = await sendAndCount([monitor], [stream], { frames: stations.count });
  return receivedFrames[0]!;
}

/**
 * Further attempts make up for a stall of the machine, which sometimes loses frames: the next attempt
 * teaches the addresses that were lost. A table that is full stays full.
 */
async function cachesAll(instance: Instance, stations: Stations): Promise<boolean> {
  const [learner, tester] = instance.hosts as [Host, Host];
  for (let attempt = 0; attempt < CAPACITY_ATTEMPTS; attempt++) {
    await teach(learner, tester, stations);
    if ((await floodedFrames(instance, stations)) === 0) return true;
  }
  return false;
}
