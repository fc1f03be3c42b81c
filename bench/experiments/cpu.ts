/**
 * CPU time per frame.
 *
 * It is measured over the whole machine, because the kernel bridge works in the sender's softirq. The
 * generator's part is the same for all. The load is eight tenths of the device's highest rate, so that
 * hardly a frame is lost.
 */

import { deliveredRate, oneWay } from '../instance';
import { cpuCount, machineIdleNs, processCpuNs } from '../proc';
import { PAIR, type Experiment, type Readings } from './experiment';

const SHARE_OF_FULL_RATE = 0.8;

export const cpuPerFrame: Experiment = {
  id: 'cpu',
  quickRun: 'none',
  shape: PAIR,
  async run({ pace, shared }) {
    const instance = await shared();
    const fullRate = await deliveredRate(instance, { milliseconds: pace.frameTrialMs });
    const { pid } = instance.running;
    const processNs = (): number => (pid === undefined ? 0 : processCpuNs(pid));

    const before = { now: process.hrtime.bigint(), idle: machineIdleNs(), own: processNs() };
    const { receivedFrames } = await oneWay(instance, {
      rate: fullRate * SHARE_OF_FULL_RATE,
      milliseconds: pace.streamSeconds * 1000,
    });
    const elapsedNs = Number(process.hrtime.bigint() - before.now);
    const busyNs = elapsedNs * cpuCount() - (machineIdleNs() - before.idle);
    const frames = receivedFrames[0]!;
    if (frames === 0) throw new Error('no frame arrived');
    const readings: Readings = { 'cpu.machine': busyNs / frames };
    if (pid !== undefined) readings['cpu.process'] = (processNs() - before.own) / frames;
    return readings;
  },
};
