/**
 * Throughput of TCP and of UDP with segmentation offload.
 */

import type { Instance } from '../instance';
import type { Host } from '../lab';
import { tcp, udpWithGso } from '../traffic/streams';
import { PAIR, type Experiment, type Readings } from './experiment';

const pairOf = ({ hosts }: Instance) => hosts as unknown as readonly [Host, Host];

export const tcpOneStream: Experiment = tcpExperiment('tcp', 1500, [1], 'all');
export const tcpFourStreams: Experiment = tcpExperiment('tcp-four', 1500, [4], 'none');
export const tcpJumbo: Experiment = tcpExperiment('tcp-jumbo', 9000, [1, 4], 'none');

export const udpGso: Experiment = {
  id: 'udp-gso',
  quickRun: 'none',
  shape: PAIR,
  async run({ pace, shared }) {
    return { 'udp.gso': await udpWithGso(pairOf(await shared()), pace.streamSeconds) };
  },
};

function tcpExperiment(
  id: string,
  mtu: number,
  streamCounts: readonly number[],
  quickRun: Experiment['quickRun'],
): Experiment {
  return {
    id,
    quickRun,
    shape: { ...PAIR, mtu },
    async run({ pace: { streamSeconds }, shared }) {
      const pair = pairOf(await shared());
      const readings: Readings = {};
      for (const streams of streamCounts) {
        const { bitsPerSecond, retransmits } = await tcp(pair, streamSeconds, streams);
        readings[`tcp.${streams}x${mtu}`] = bitsPerSecond;
        readings[`tcp-retransmits.${streams}x${mtu}`] = retransmits / streamSeconds;
      }
      return readings;
    },
  };
}
