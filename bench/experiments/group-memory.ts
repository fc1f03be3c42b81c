/**
 * The memory of groups: 256 ports of a switch in memory join 1,000 groups each. bench/decide/group-memory.ts is the
 * process that is measured. Its readings do not depend on what else runs on the machine.
 */

import { join } from 'node:path';
import { run } from '../child';
import type { GroupMemory } from '../decide/group-memory';
import { isOurs } from '../duts/dut';
import { PAIR, type Experiment } from './experiment';

const PROGRAM = join(__dirname, '../decide/group-memory.js');

export const groupMemory: Experiment = {
  id: 'group-memory',
  // No target uses it.
  quickRun: 'none',
  shape: PAIR,
  needsNoDevices: true,
  isAboutOurs: true,
  skipsVariants: true,
  repeats: { most: 1 },
  async run({ dut }) {
    if (!isOurs(dut)) throw new Error(`${dut.name} has no library`);
    const { library } = dut.tree;
    const output = await run([process.execPath, '--expose-gc', PROGRAM, library]);
    const { bytes, memberships } = JSON.parse(output) as GroupMemory;
    return { 'memory.groups': bytes, 'memory.per-membership': bytes / memberships };
  },
};
