/**
 * Frames per second: by size, by pattern, by the number of destinations and of ports.
 *
 * RFC 2889 sections 5.1 (full mesh) and 5.10 (broadcast); the sizes are those of RFC 2544 section 9.
 */

import { isOurs } from '../duts/dut';
import { deliveredRate, warmUp, withInstance, type Instance } from '../instance';
import type { Host } from '../lab';
import { DESTINATION_COUNTS, FRAME_SIZES_BYTES, PORT_COUNTS } from '../metrics';
import { sendAndCount, stationsOf, sum, teach, type Stream } from '../traffic/frames';
import { PAIR, QUAD, type Experiment, type Readings } from './experiment';

/** IMIX 7:4:1, interleaved. */
const IMIX_BYTES = [60, 590, 60, 60, 590, 60, 1514, 60, 590, 60, 590, 60];
const MESH_HOSTS = 3;
const QUICK_DESTINATION_COUNTS = [10, 100_000];
/** Numbers of ports for peers and for a quick run: the smallest and the largest. */
const ENDS_OF_PORT_COUNTS = [2, 256];

export const rate60: Experiment = {
  id: 'rate-60',
  quickRun: 'all',
  shape: PAIR,
  async run({ pace, shared }) {
    const options = { milliseconds: pace.frameTrialMs };
    return { 'rate.60': await deliveredRate(await shared(), options) };
  },
};

export const rateSizes: Experiment = {
  id: 'rate-sizes',
  quickRun: 'none',
  shape: PAIR,
  async run({ pace, shared }) {
    const instance = await shared();
    const readings: Readings = {};
    const milliseconds = pace.frameTrialMs;
    for (const size of FRAME_SIZES_BYTES.slice(1)) {
      const options = { milliseconds, sizesBytes: [size] };
      readings[`rate.${size}`] = await deliveredRate(instance, options);
    }
    const imix = { milliseconds, sizesBytes: IMIX_BYTES };
    readings['rate.imix'] = await deliveredRate(instance, imix);
    return readings;
  },
};

export const twoWay: Experiment = {
  id: 'two-way',
  quickRun: 'none',
  shape: PAIR,
  async run({ pace, shared }) {
    const rate = await meshRate((await shared()).hosts, pace.frameTrialMs);
    return { 'rate.two-way': rate };
  },
};

export const mesh: Experiment = {
  id: 'mesh',
  quickRun: 'none',
  shape: QUAD,
  async run({ pace, shared }) {
    const hosts = (await shared()).hosts.slice(0, MESH_HOSTS);
    return { 'rate.mesh': await meshRate(hosts, pace.frameTrialMs) };
  },
};

export const broadcast: Experiment = {
  id: 'broadcast',
  quickRun: 'none',
  shape: QUAD,
  async run({ pace, shared }) {
    const [from, ...others] = (await shared()).hosts as [Host, ...Host[]];
    const stream: Stream = { from, source: stationsOf(from), destination: 'broadcast' };
    const counted = await sendAndCount(others, [stream], { milliseconds: pace.frameTrialMs });
    return { 'rate.broadcast': sum(counted.receivedFrames) / counted.elapsedS };
  },
};

export const destinations: Experiment = {
  id: 'destinations',
  quickRun: 'ours',
  shape: { ...PAIR, addressCapacity: 262_144 },
  needsLearning: true,
  skipsVariants: true,
  async run({ pace, shared }) {
    const instance = await shared();
    const readings: Readings = {};
    for (const count of pace.isQuick ? QUICK_DESTINATION_COUNTS : DESTINATION_COUNTS) {
      const options = { milliseconds: pace.frameTrialMs, destinations: count };
      readings[`destinations.${count}`] = await deliveredRate(instance, options);
    }
    return readings;
  },
};

export const ports: Experiment = {
  id: 'ports',
  quickRun: 'ours',
  shape: { ...PAIR, ports: Math.max(...PORT_COUNTS) },
  skipsVariants: true,
  // It starts about ten switches, most of them with 256 ports.
  repeats: { most: 2 },
  async run({ dut, pace }) {
    const readings: Readings = {};
    const hasSteps = isOurs(dut) && !pace.isQuick;
    for (const count of hasSteps ? PORT_COUNTS : ENDS_OF_PORT_COUNTS) {
      const shape = { ...PAIR, ports: count };
      readings[`ports.${count}`] = await withInstance(dut, shape, async (instance) => {
        await warmUp(instance);
        return deliveredRate(instance, { milliseconds: pace.frameTrialMs });
      });
    }
    return readings;
  },
};

/** Frames per second, in all, when every host sends to every other host at full speed. */
async function meshRate(hosts: Instance['hosts'], milliseconds: number): Promise<number> {
  const streams = hosts.flatMap((from) =>
    hosts
      .filter((to) => to !== from)
      .map((to) => ({ from, source: stationsOf(from), destination: stationsOf(to), to })),
  );
  for (const { from, to } of streams) await teach(from, to, stationsOf(from));
  const { receivedFrames, elapsedS } = await sendAndCount(hosts, streams, { milliseconds });
  return sum(receivedFrames) / elapsedS;
}
