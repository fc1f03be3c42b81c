/**
 * The cost of an idle switch: memory, idle CPU and wake-ups, start-up.
 */

import { ip, sleep } from '../child';
import { isOurs, type Dut } from '../duts/dut';
import { warmUp, withInstance, type Instance } from '../instance';
import { makeSite, receivedFrames, removeSite, type Host } from '../lab';
import { ADDRESS_COUNTS } from '../metrics';
import {
  growth,
  processCpuNs,
  pssBytes,
  residentBytes,
  threadsCpuNs,
  threadsSleeps,
} from '../proc';
import { startSending, stationsOf, sum, teach } from '../traffic/frames';
import { PAIR, type Experiment, type Pace, type Readings } from './experiment';

/** Milliseconds from the last frame until the switch counts as idle: V8 collects what a load has left for some seconds. */
const IDLE_AFTER_MS = 10_000;
const SETTLE_MS = 500;
const START_PATIENCE_MS = 20_000;
const KNOCKS_PER_SECOND = 1000;
/** Fewer addresses for Open vSwitch: it learns so slowly that more would take minutes. */
const MOST_FOR_PEERS = 100_000;
/** A table is committed as a whole at start: its cost is the difference to a table for one address. */
const ROOM_FOR_ONE = { ports: 3, mtu: 1500, addressCapacity: 1 };
/** A hash table uses all its pages long before it is full, so only a full one gives the cost. */
const QUICK_ADDRESS_COUNTS = [0, Math.max(...ADDRESS_COUNTS)];

export const memory: Experiment = {
  id: 'memory',
  quickRun: 'ours',
  repeats: { most: 1 },
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
  quickRun: 'ours',
  shape: PAIR,
  needsProcess: true,
  skipsVariants: true,
  repeats: { most: 1 },
  async run({ dut, pace, shared }) {
    const instance = await shared();
    const pid = instance.running.pid!;
    const forwarder = isOurs(dut) ? await forwardingThread(instance, pid) : undefined;
    await sleep(IDLE_AFTER_MS);
    const before = { cpuNs: processCpuNs(pid), sleeps: threadsSleeps(pid) };
    await sleep(pace.idleMs);
    const perSecond = (count: number): number => (1000 * count) / pace.idleMs;
    const wakeUps = growth(before.sleeps, threadsSleeps(pid));
    const readings: Readings = {
      'idle.cpu': (100 * (processCpuNs(pid) - before.cpuNs)) / (pace.idleMs * 1e6),
      'idle.wake-ups': perSecond(sum([...wakeUps.values()])),
    };
    if (forwarder === undefined) return readings;
    return {
      ...readings,
      'idle.wake-ups.main': perSecond(wakeUps.get(pid)!),
      'idle.wake-ups.data-plane': perSecond(wakeUps.get(forwarder)!),
    };
  },
};

/** The thread that works while frames flow. */
async function forwardingThread(instance: Instance, pid: number): Promise<number> {
  const before = threadsCpuNs(pid);
  await warmUp(instance);
  return busiest(growth(before, threadsCpuNs(pid)));
}

/** @param grown CPU time by thread, of at least one thread */
export function busiest(grown: ReadonlyMap<number, number>): number {
  return [...grown].reduce((most, each) => (each[1] > most[1] ? each : most))[0];
}

/**
 * The TAPs exist before, so that the result is the time of the switch and not of moving interfaces. One
 * broadcast frame a millisecond goes into the first TAP until one comes out of the second.
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
