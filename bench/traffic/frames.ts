/**
 * Frames: sends them with the generator (bench/framegen.c), and counts the ones that arrive.
 *
 * The stations that send and receive are addresses behind the hosts, not the hosts' own, so that the
 * receiving kernel counts a frame and drops it without reading its content.
 */

import { join } from 'node:path';
import { Child, GENERATOR_CPU, onCpu, sleep } from '../child';
import { receivedFrames, refusedFrames, type Host } from '../lab';

const PROGRAM = join(__dirname, '..', 'framegen');

/** A range of station numbers; number n is MAC address 02:00:00 and n in three bytes. */
export interface Stations {
  first: number;
  count: number;
}

export interface Stream {
  from: Host;
  source: Stations;
  destination: Stations | 'broadcast';
  /** Frame lengths in bytes without FCS, used in turn; 60 where not given. */
  sizesBytes?: readonly number[];
  /** Frames per second; as many as possible unless given. */
  rate?: number;
}

/** Time to send, or number of frames of each stream. */
export type Extent = { milliseconds: number } | { frames: number };

export interface SendOptions {
  /** Whether to pace evenly, without catching up after a stall: see framegen.c. */
  isExact?: boolean;
}

export interface Counted {
  /** Sent frames per stream. */
  sentFrames: number[];
  /** Received frames per host. */
  receivedFrames: number[];
  /** Frames per stream that the sender's own interface did not take. */
  refusedFrames: number[];
  elapsedS: number;
}

/** First number above the stations of the hosts: a million each for four hosts. */
export const FREE_STATIONS: Stations = { first: 0x500000, count: 0xb00000 };
const STATIONS_PER_HOST = 0x100000;

/** Rate at which the slowest device under test learns new addresses without loss. */
export const TEACH_RATE = 150_000;
const TEACH_FRAMES = 16;

const DRAIN_STEP_MS = 5;
const DRAIN_QUIET_MS = 10;
const DRAIN_PATIENCE_MS = 500;

export function stationsOf(host: Host, count = 1): Stations {
  return { first: STATIONS_PER_HOST * (host.index + 1), count };
}

/** Starts the generator. */
export function startSending(
  streams: readonly Stream[],
  extent: Extent,
  { isExact = false }: SendOptions = {},
): Child {
  const pacing = isExact ? ['--exact'] : [];
  const limit =
    'frames' in extent
      ? ['--frames', String(extent.frames)]
      : ['--milliseconds', String(extent.milliseconds)];
  return new Child(onCpu(GENERATOR_CPU, [PROGRAM, ...limit, ...pacing, ...streams.map(describe)]));
}

/** Sends, waits until nothing arrives any more, and counts the received frames of each host. */
export async function sendAndCount(
  hosts: readonly Host[],
  streams: readonly Stream[],
  extent: Extent,
  options: SendOptions = {},
): Promise<Counted> {
  const count = (): number[] => hosts.map(receivedFrames);
  const countRefused = (): number[] => streams.map(({ from }) => refusedFrames(from));
  const [before, refusedBefore] = [count(), countRefused()];
  const report = await startSending(streams, extent, options).output();
  const { sent, elapsedNs } = JSON.parse(report) as { sent: number[]; elapsedNs: number };
  const after = await countWhenQuiet(count);
  const refused = countRefused();
  return {
    sentFrames: sent,
    elapsedS: elapsedNs / 1e9,
    receivedFrames: after.map((frames, host) => frames - before[host]!),
    refusedFrames: refused.map((frames, stream) => frames - refusedBefore[stream]!),
  };
}

/** The counters, once they have stopped growing. */
async function countWhenQuiet(count: () => number[]): Promise<number[]> {
  let last = count();
  let quietMs = 0;
  for (let waitedMs = 0; waitedMs < DRAIN_PATIENCE_MS; waitedMs += DRAIN_STEP_MS) {
    await sleep(DRAIN_STEP_MS);
    const now = count();
    const hasMoved = now.some((frames, host) => frames !== last[host]);
    quietMs = hasMoved ? 0 : quietMs + DRAIN_STEP_MS;
    if (quietMs >= DRAIN_QUIET_MS) break;
    last = now;
  }
  return last;
}

/** Makes the switch learn stations behind a host: each sends to a station of `listener`. */
export async function teach(host: Host, listener: Host, stations: Stations): Promise<void> {
  const stream = { from: host, source: stations, destination: stationsOf(listener) };
  const frames = Math.max(stations.count, TEACH_FRAMES);
  await sendAndCount([listener], [{ ...stream, rate: TEACH_RATE }], { frames });
}

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

function describe(stream: Stream): string {
  const { from, source, destination, sizesBytes = [60], rate } = stream;
  const range = ({ first, count }: Stations): string => `${first}+${count}`;
  const to = destination === 'broadcast' ? destination : range(destination);
  const words = [
    ...[`netns=/run/netns/${from.netns}`, `dev=${from.device}`],
    ...[`src=${range(source)}`, `dst=${to}`, `sizes=${sizesBytes.join('/')}`],
    ...(rate === undefined ? [] : [`rate=${rate}`]),
  ];
  return words.join(',');
}
