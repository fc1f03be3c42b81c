/**
 * Round trips, alone and beside a stream of frames at half the highest rate.
 */

import { deliveredRate, type Instance } from '../instance';
import type { Host } from '../lab';
import { startSending, stationsOf } from '../traffic/frames';
import { meanRoundTripUs, roundTripPercentilesUs, type Percentiles } from '../traffic/round-trip';
import { PAIR, type Experiment, type Readings } from './experiment';

/** The load begins before the measurement and outlasts it by so much. */
const LOAD_MARGIN_S = 1;

export const roundTrip: Experiment = {
  id: 'rtt',
  quickRun: 'all',
  shape: PAIR,
  async run({ pace, shared }) {
    const pair = (await shared()).hosts as unknown as readonly [Host, Host];
    const readings: Readings = { 'rtt.mean': await meanRoundTripUs(pair, pace.pings) };
    if (pace.isQuick) return readings;
    const percentiles = await roundTripPercentilesUs(pair, pace.streamSeconds);
    return { ...readings, ...named('rtt', percentiles) };
  },
};

export const roundTripLoaded: Experiment = {
  id: 'rtt-loaded',
  quickRun: 'none',
  shape: PAIR,
  async run({ pace, shared }) {
    const instance = await shared();
    const rate = (await deliveredRate(instance, { milliseconds: pace.frameTrialMs })) / 2;
    const load = loadFor(instance, rate, pace.streamSeconds + LOAD_MARGIN_S);
    const pair = instance.hosts as unknown as readonly [Host, Host];
    const percentiles = await roundTripPercentilesUs(pair, pace.streamSeconds);
    await load;
    return named('rtt-loaded', percentiles);
  },
};

function loadFor({ hosts }: Instance, rate: number, seconds: number): Promise<unknown> {
  const [from, to] = hosts as [Host, Host];
  const stream = { from, source: stationsOf(from), destination: stationsOf(to), rate };
  return startSending([stream], { milliseconds: seconds * 1000 }).output();
}

function named(prefix: string, percentiles: Percentiles): Readings {
  const entries = Object.entries(percentiles) as [string, number][];
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}.${name}`, value]));
}
