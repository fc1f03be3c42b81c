/**
 * The price of features (features.ts) for traffic that does not use them: UDP frames of 60 bytes, one
 * way, at the highest rate. A third port is idle.
 *
 * The price is smaller than the difference between two starts of one program. So one switch is reloaded,
 * over and over, without and with each feature, and neighbouring turns are compared.
 */

import { request, type ClientRequest } from 'node:http';
import { SWITCH_CPU, onCpu } from '../child';
import { OperatedSwitch, portOf } from '../control/switch';
import { isOurs } from '../duts/dut';
import type { Host } from '../lab';
import { summarize } from '../stats';
import { sendAndCount, stationsOf, teach } from '../traffic/frames';
import { takeTurns } from '../turns';
import { PAIR, type Experiment, type Readings } from './experiment';
import { FEATURES, modesOf, type Mode } from './features';

/** Rounds: many, because a single turn is easily a tenth off. */
const ROUNDS = 40;
const QUICK_ROUNDS = 8;
const TURN_MS = 100;
/** Rounds of warm-up, until V8 has compiled the code of all modes. */
const WARM_UP_ROUNDS = 3;

export const price: Experiment = {
  id: 'price',
  quickRun: 'none',
  shape: PAIR,
  isAboutOurs: true,
  repeats: { most: 1 },
  async run({ dut, pace }) {
    if (!isOurs(dut)) throw new Error(`${dut.name} has no features that we know`);
    const program = onCpu(SWITCH_CPU, [process.execPath]);
    const operated = await OperatedSwitch.start({ hosts: 3, ports: 3 }, [], program, dut.tree);
    try {
      return await comparePrices(operated, pace.isQuick ? QUICK_ROUNDS : ROUNDS);
    } finally {
      await operated.stop();
    }
  },
};

async function comparePrices(operated: OperatedSwitch, rounds: number): Promise<Readings> {
  const idlePort = portOf(operated.hosts[2]!);
  const features = [...FEATURES].map(([id, feature]) => ({
    id,
    modes: modesOf(feature, idlePort),
  }));
  const takePair = async ({ modes }: (typeof features)[number], round: number): Promise<number> => {
    const both = await takeTurns([modes.without, modes.with], { first: round, count: 1 }, (mode) =>
      rateIn(operated, mode),
    );
    return both.get(modes.with)![0]! / both.get(modes.without)![0]!;
  };
  await takeTurns(features, { first: 0, count: WARM_UP_ROUNDS }, takePair);
  const ratios = await takeTurns(features, { first: 0, count: rounds }, takePair);
  const readings = [...ratios].map(([{ id }, taken]) => [`price.${id}`, summarize(taken).median]);
  return Object.fromEntries(readings) as Readings;
}

/** Frames per second in one mode. */
async function rateIn(operated: OperatedSwitch, mode: Mode): Promise<number> {
  await operated.reload(mode.lines);
  // With VLAN filtering, the stations are others than without.
  await learn(operated.hosts);
  if (mode.captureFilter === undefined) return rate(operated.hosts);
  const capture = await openCapture(operated.control, mode.captureFilter);
  try {
    return await rate(operated.hosts);
  } finally {
    capture.destroy();
  }
}

/** Resolves when the switch has opened the capture. */
function openCapture(socketPath: string, filter: string): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const path = `/v1/capture?filter=${encodeURIComponent(filter)}`;
    const asked = request({ socketPath, path, agent: false }, (response) => {
      response.on('error', () => undefined).resume();
      if (response.statusCode === 200) resolve(asked);
      else reject(new Error(`the switch answers a capture with ${response.statusCode}`));
    });
    asked.on('error', reject).end();
  });
}

async function learn(hosts: readonly Host[]): Promise<void> {
  const [from, to] = hosts as [Host, Host];
  await teach(to, from, stationsOf(to));
  await teach(from, to, stationsOf(from));
}

async function rate(hosts: readonly Host[]): Promise<number> {
  const [from, to] = hosts as [Host, Host];
  const stream = { from, source: stationsOf(from), destination: stationsOf(to) };
  const extent = { milliseconds: TURN_MS };
  const { receivedFrames, elapsedS } = await sendAndCount([to], [stream], extent);
  return receivedFrames[0]! / elapsedS;
}
