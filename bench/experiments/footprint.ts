/**
 * What the switch costs when it does nothing: memory, idle CPU and wake-ups, start-up.
 */

import { ip, sleep } from '../child';
import { isOurs, type Dut } from '../duts/dut';
import { warmUp, withInstance } from '../instance';
import { makeSite, receivedFrames, removeSite, type Host } from '../lab';
import { ADDRESS_COUNTS } from '../metrics';
import { processCpuNs, processSleeps, pssBytes, residentBytes } from '../proc';
import { startSending, stationsOf, teach } from '../traffic/frames';
import { PAIR, type Experiment, type Pace, type Readings } from './experiment';

const SETTLE_MS = 500;
const START_PATIENCE_MS = 20_000;
const KNOCKS_PER_SECOND = 1000;
/** Open vSwitch takes new addresses in so slowly that more would take minutes. */
const MOST_FOR_PEERS = 100_000;
/** A table is committed as a whole at start: what it costs shows beside one with no room. */
const ROOM_FOR_ONE = { ports: 3, mtu: 1500, addressCapacity: 1 };
/** A hash table is spread over all its pages long before it is full: only a full one tells. */
const QUICK_ADDRESS_COUNTS = [0, Math.max(...ADDRESS_COUNTS)];

export const memory: Experiment = {
  id: 'memory',
  quickRun: 'ours',
  shape: { ports: 3, mtu: 1500, addressCapacity: Math.max(...ADDRESS_COUNTS) },
  needsProcess: true,
  skipsVariants: true,
  needsLearning: true,
  async run({ dut, pace }) {
    const counts = addressCounts(dut, pace);
    const emptyBytes = await withInstance(dut, ROOM_FOR_ONE, async (instance) => {
      await warmUp(instance);
      await sleep(SETTLE_MS);
      return pssBytes(instance.running.pid!);
    });
    return withInstance(dut, memory.shape, async (instance) => {
      const { hosts, running } = instance;
      const [learner, listener] = hosts as [Host, Host];
      const readings: Readings = {};
      await warmUp(instance);
      for (const count of counts) {
        if (count > 0) await teach(learner, listener, stationsOf(learner, count));
        await sleep(SETTLE_MS);
        readings[`memory.${count}`] = pssBytes(running.pid!);
      }
      const most = counts[counts.length - 1]!;
      const growth = readings[`memory.${most}`]! - emptyBytes;
      return { ...readings, 'memory.per-entry': growth / most };
    });
  },
};

function addressCounts(dut: Dut, pace: Pace): readonly number[] {
  if (!isOurs(dut)) return ADDRESS_COUNTS.filter((count) => count <= MOST_FOR_PEERS);
  return pace.isQuick ? QUICK_ADDRESS_COUNTS : ADDRESS_COUNTS;
}

export const memoryAtStart: Experiment = {
  id: 'memory-start',
  quickRun: 'ours',
  shape: { ports: 3, mtu: 1500 },
  needsProcess: true,
  skipsVariants: true,
  run: ({ dut }) =>
    withInstance(dut, memoryAtStart.shape, async ({ running }) => {
      await sleep(SETTLE_MS);
      return { 'memory.start': residentBytes(running.pid!) };
    }),
};

export const idle: Experiment = {
  id: 'idle',
  quickRun: 'all',
  shape: PAIR,
  needsProcess: true,
  skipsVariants: true,
  async run({ pace, shared }) {
    const pid = (await shared()).running.pid!;
    await sleep(SETTLE_MS);
    const before = { cpuNs: processCpuNs(pid), sleeps: processSleeps(pid) };
    await sleep(pace.idleMs);
    return {
      'idle.cpu': (100 * (processCpuNs(pid) - before.cpuNs)) / (pace.idleMs * 1e6),
      'idle.wake-ups': (1000 * (processSleeps(pid) - before.sleeps)) / pace.idleMs,
    };
  },
};

/**
 * The TAPs are there before, so that what is measured is the switch and not how interfaces are
 * moved. One broadcast frame a millisecond knocks at the first until one comes out of the second.
 */
export const startUp: Experiment = {
  id: 'start',
  quickRun: 'ours',
  shape: PAIR,
  needsProcess: true,
  skipsVariants: true,
  async run({ dut }) {
    const made = await makeSite(PAIR);
    const netns = made.switchNetns;
    const site = { ...made, hosts: made.hosts.map((host) => ({ ...host, netns })) };
    const [from, to] = site.hosts as [Host, Host];
    await ip(
      site.hosts.flatMap(({ device }) => [
        `tuntap add dev ${device} mode tap`,
        `link set ${device} up`,
      ]),
      netns,
    );
    const knocks = { from, source: stationsOf(from), rate: KNOCKS_PER_SECOND };
    const extent = { milliseconds: START_PATIENCE_MS };
    const sender = startSending([{ ...knocks, destination: 'broadcast' }], extent);
    const startMs = performance.now();
    const starting = dut.start(site);
    try {
      const [firstMs] = await Promise.all([
        firstFrameMs(to, startMs + START_PATIENCE_MS),
        starting,
      ]);
      return { 'start.first-frame': firstMs - startMs };
    } finally {
      await sender.stop();
      const running = await starting.catch(() => undefined);
      await running?.stop();
      await removeSite(made);
    }
  },
};

async function firstFrameMs(host: Host, deadlineMs: number): Promise<number> {
  while (receivedFrames(host) === 0) {
    if (performance.now() > deadlineMs) throw new Error('no frame came through after the start');
    await sleep(1);
  }
  return performance.now();
}
