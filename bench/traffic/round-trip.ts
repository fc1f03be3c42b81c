/**
 * Round trips from the first host to the second: ping for the mean, sockperf (UDP, ping-pong) for
 * the percentiles. Both ends run on the generator's CPU, so that they do not compete with the
 * switch for its own.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child, GENERATOR_CPU, inNetns, onCpu, run } from '../child';
import { makeFolder } from '../folder';
import type { Host } from '../lab';

const PORT = '11111';

export interface Percentiles {
  p50: number;
  p99: number;
  'p99.9': number;
}

/** Seconds after which ping ends, with fewer round trips on a slow path. */
const PING_PATIENCE_S = '5';

/** Mean of up to `count` echoes, µs. Each is sent when the one before is answered. */
export async function meanRoundTripUs(
  [from, to]: readonly [Host, Host],
  count: number,
): Promise<number> {
  const ping = ['ping', '-n', '-i', '0', '-w', PING_PATIENCE_S, '-c', String(count), to.address];
  // Writes to a file: a process that reads each line would take processor time from the switch.
  const folder = makeFolder();
  try {
    const report = join(folder.path, 'ping.txt');
    const intoFile = ['sh', '-c', 'exec "$@" > "$0"', report, ...ping];
    await run(inNetns(from.netns, onCpu(GENERATOR_CPU, intoFile)));
    return readPingMean(readFileSync(report, 'utf8'));
  } finally {
    folder.remove();
  }
}

/** Percentiles of the full round trip over `seconds` of ping-pong, µs. */
export async function roundTripPercentilesUs(
  [from, to]: readonly [Host, Host],
  seconds: number,
): Promise<Percentiles> {
  const address = ['-i', to.address, '-p', PORT];
  const onHost = (host: Host, words: string[]) =>
    inNetns(host.netns, onCpu(GENERATOR_CPU, ['sockperf', ...words, ...address]));
  const server = new Child(onHost(to, ['server']));
  try {
    await server.untilPrinted(/block on socket/);
    const client = ['ping-pong', '--full-rtt', '-t', String(seconds)];
    return readSockperf(await run(onHost(from, client)));
  } finally {
    await server.stop();
  }
}

/**
 * ping cuts the mean that it prints to whole microseconds, which is a tenth of the result here. The
 * times of the single echoes are differences of two clock readings, without this bias.
 */
export function readPingMean(report: string): number {
  const times = [...report.matchAll(/ time=([\d.]+) ms$/gm)].map(([, time]) => Number(time));
  if (times.length === 0) throw new Error(`ping printed no round-trip time: ${report.trim()}`);
  return (times.reduce((sum, time) => sum + time, 0) / times.length) * 1000;
}

export function readSockperf(report: string): Percentiles {
  const read = (percentile: string): number => {
    const match = new RegExp(`percentile ${percentile} += +([\\d.]+)`).exec(report);
    if (match === null) throw new Error(`sockperf printed no percentile ${percentile}`);
    return Number(match[1]);
  };
  return { p50: read('50\\.000'), p99: read('99\\.000'), 'p99.9': read('99\\.900') };
}
