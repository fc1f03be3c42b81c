/**
 * What the protocol rooms cost frames that are none of theirs: UDP past the neighbour table, and past
 * inspection, which looks into every frame for DHCP.
 *
 * That is less than two starts of one program differ. So one switch is told, over and over, to do
 * without, to keep the table, and to inspect, too; what is compared are neighbouring turns.
 */

import { SWITCH_CPU, onCpu } from '../child';
import { OperatedSwitch } from '../control/switch';
import type { Host } from '../lab';
import { counterbalanced, summarize } from '../stats';
import { sendAndCount, stationsOf, teach } from '../traffic/frames';
import { PAIR, type Experiment } from './experiment';

/** A turn is a tenth off as likely as not. */
const ROUNDS = 100;
const TURN_MS = 100;
/** Until V8 has compiled all three. */
const WARM_UP_ROUNDS = 4;

const MODES = {
  off: 'arp: "off"',
  on: 'arp: answer',
  inspect: 'arp: answer\ninspect: true',
};
type Mode = keyof typeof MODES;

export const rooms: Experiment = {
  id: 'rooms',
  quickRun: 'none',
  shape: PAIR,
  isOptional: true,
  isAboutOurs: true,
  async run() {
    const program = onCpu(SWITCH_CPU, [process.execPath]);
    const operated = await OperatedSwitch.start({ hosts: 2, ports: 2 }, [], program);
    const rounds: Record<Mode, number>[] = [];
    try {
      await learn(operated.hosts);
      for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
        rounds.push(await takeTurns(operated, round));
      }
    } finally {
      await operated.stop();
    }
    const measured = rounds.slice(WARM_UP_ROUNDS);
    const median = (of: (rates: Record<Mode, number>) => number): number =>
      summarize(measured.map(of)).median;
    return {
      'rooms.off': median(({ off }) => off),
      'rooms.on': median(({ on, off }) => on / off),
      'rooms.inspect': median(({ inspect, off }) => inspect / off),
    };
  },
};

/** @returns the frames per second of each mode */
async function takeTurns(operated: OperatedSwitch, round: number): Promise<Record<Mode, number>> {
  const rates: Record<Mode, number> = { off: 0, on: 0, inspect: 0 };
  for (const mode of counterbalanced(Object.keys(MODES) as Mode[], round)) {
    await operated.reload(MODES[mode]);
    rates[mode] = await rate(operated.hosts);
  }
  return rates;
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
