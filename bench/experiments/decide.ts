/**
 * The cost of a decision: nanoseconds in which `Bridge` classifies and forwards a frame, in one process,
 * without ports and system calls. bench/decide/ has the traffic.
 *
 * Each repeat has a process of its own, because two processes of one build differ. In a comparison with
 * another commit the processes of both run at the same time, and their turns are milliseconds apart.
 */

import { DecideProcess } from '../decide/process';
import { isOurs } from '../duts/dut';
import { PAIR, type Experiment } from './experiment';

export const decide: Experiment = {
  id: 'decide',
  // No target uses it, and it is a quick run by itself.
  quickRun: 'none',
  shape: PAIR,
  needsNoDevices: true,
  isAboutOurs: true,
  repeats: { least: 9, leastQuick: 3 },
  // Each repeat has some turns that nothing has interrupted: the shortest ones.
  turns: { count: 12, combine: (readings) => Math.min(...readings) },
  async run({ dut, kept }) {
    if (!isOurs(dut)) throw new Error(`${dut.name} has no library`);
    const program = await kept(() => DecideProcess.start(dut.tree));
    const turn = await program.takeTurn();
    const readings = Object.entries(turn).map(([id, ns]) => [`decide.${id}`, ns]);
    return Object.fromEntries(readings) as Record<string, number>;
  },
};
