/**
 * What the protocol rooms cost frames that are none of theirs: UDP past the neighbour table, and past
 * inspection, which looks into every frame for DHCP.
 *
 * The differences are smaller than those between two starts of one program, so each turn starts every
 * variant anew, several times, in an order that changes.
 */

import type { Dut } from '../duts/dut';
import { tapswitch, tapswitchArpOff, tapswitchInspect } from '../duts/tapswitch';
import { deliveredRate, warmUp, withInstance } from '../instance';
import { counterbalanced, summarize } from '../stats';
import { PAIR, type Experiment, type Readings } from './experiment';

const ROUNDS = 2;
const VARIANTS: readonly (readonly [metric: string, dut: Dut])[] = [
  ['rooms.off', tapswitchArpOff],
  ['rooms.on', tapswitch],
  ['rooms.inspect', tapswitchInspect],
];

export const rooms: Experiment = {
  id: 'rooms',
  quickRun: 'none',
  shape: PAIR,
  isAboutOurs: true,
  async run({ pace }) {
    const rates = new Map<string, number[]>(VARIANTS.map(([metric]) => [metric, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [metric, dut] of counterbalanced(VARIANTS, round)) {
        rates.get(metric)?.push(await freshRate(dut, pace.frameTrialMs));
      }
    }
    const readings: Readings = {};
    for (const [metric, values] of rates) readings[metric] = summarize(values).median;
    return readings;
  },
};

const freshRate = (dut: Dut, milliseconds: number): Promise<number> =>
  withInstance(dut, PAIR, async (instance) => {
    await warmUp(instance);
    return deliveredRate(instance, { milliseconds });
  });
