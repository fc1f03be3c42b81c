/**
 * TCP by iperf3 and UDP with segmentation offload by bench/udpgso.c, from the first host to the
 * second. The scheduler chooses the CPUs of the ends; the switch has its own.
 */

import { join } from 'node:path';
import { Child, inNetns, run } from '../child';
import type { Host } from '../lab';

const UDP_PROGRAM = join(__dirname, '..', 'udpgso');
const UDP_PORT = '5001';

export interface TcpResult {
  bitsPerSecond: number;
  retransmits: number;
}

interface IperfReport {
  end: {
    sum_received: { bits_per_second: number };
    sum_sent: { retransmits: number };
  };
}

export async function tcp(
  [from, to]: readonly [Host, Host],
  seconds: number,
  streams: number,
): Promise<TcpResult> {
  const server = new Child(inNetns(to.netns, ['iperf3', '--server', '--forceflush']));
  try {
    await server.untilPrinted(/listening/);
    const client = ['iperf3', '--client', to.address, '--json'];
    const options = ['--time', String(seconds), '--parallel', String(streams)];
    const report = await run(inNetns(from.netns, [...client, ...options]));
    const { sum_received: received, sum_sent: sent } = (JSON.parse(report) as IperfReport).end;
    return { bitsPerSecond: received.bits_per_second, retransmits: sent.retransmits };
  } finally {
    await server.stop();
  }
}

/** Bits per second of UDP payload that arrive. */
export async function udpWithGso(
  [from, to]: readonly [Host, Host],
  seconds: number,
): Promise<number> {
  const receiver = new Child(inNetns(to.netns, [UDP_PROGRAM, 'receive', UDP_PORT]));
  await receiver.untilPrinted(/ready/);
  const sender = [UDP_PROGRAM, 'send', to.address, UDP_PORT, String(seconds * 1000)];
  await run(inNetns(from.netns, sender));
  const [, result] = (await receiver.output()).split('\n');
  const { bytes, elapsedNs } = JSON.parse(result!) as { bytes: number; elapsedNs: number };
  return (bytes * 8 * 1e9) / elapsedNs;
}
