/**
 * Script ports: frames per second from a program into the switch and back to the program, without loss. The program
 * sends and receives in one thread, so that a frame costs it both ways.
 */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isOurs } from '../duts/dut';
import { PAIR, type Experiment, type Readings } from './experiment';

const PROGRAM = join(__dirname, '../script/program.js');
const PATIENCE_MS = 60_000;

export const script: Experiment = {
  id: 'script',
  quickRun: 'none',
  shape: PAIR,
  isAboutOurs: true,
  async run({ dut }) {
    if (!isOurs(dut)) throw new Error(`${dut.name} has no library`);
    const { library } = dut.tree;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [PROGRAM, library], { timeout: PATIENCE_MS });
    return JSON.parse(stdout) as Readings;
  },
};
