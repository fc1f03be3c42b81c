/**
 * Round trips, alone and beside a stream of frames at half the highest rate.
 */

import { deliveredRate } from '../instance';
import type { Host } from '../lab';
import { startSending, stationsOf } from '../traffic/frames';
import { meanRoundTripUs, roundTripPercentilesUs, type Percentiles } from '../traffic/round-trip';
import { PAIR, type Experiment, type Readings } from './experiment';

/** The load outlasts the measurement, which ends it. */
const LOAD_MS = 60_000;

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
    const [from, to] = instance.hosts as [Host, Host];
    const stream = { from, source: stationsOf(from), destination: stationsOf(to), rate };
    const load = startSending([stream], { milliseconds: LOAD_MS });
    try {
      return named('rtt-loaded', await roundTripPercentilesUs([from, to], pace.streamSeconds));
    } finally {
      await load.stop();
    }
  },
};

function named(prefix: string, percentiles: Percentiles): Readings {
  const entries = Object.entries(percentiles) as [string, number][];
  return Object.fromEntries(entries.map(([name, value]) => [`${prefix}.${name}`, value]));
}
