/**
 * The limit loop: see bench/limit.c.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, inNetns, onCpu } from '../child';
import { moveToHosts } from '../lab';
import { missing, type Dut } from './dut';

const PROGRAM = join(__dirname, '..', 'limit');

export const limit: Dut = makeDut('limit', 'limit loop, offloads', ['--vnet']);
export const limitPlain: Dut = makeDut('limit-plain', 'limit loop, no offloads', []);
/** The limit loop with a busy poll: it keeps reading for 40 µs before it blocks. */
export const limitPolling: Dut = {
  ...makeDut('limit-poll', 'limit loop, busy poll', ['--vnet', '--busy-poll', '40']),
  isOptional: true,
};

function makeDut(name: string, title: string, options: readonly string[]): Dut {
  return {
    name,
    title,
    isVariant: options.length === 0,
    maxPorts: 2,
    maxMtu: 9000,
    learns: false,
    hasProcess: true,
    prepare: () => missing(PROGRAM, 'npm run bench builds it'),
    async start(site) {
      const taps = site.hosts.map((host) => host.device);
      const command = onCpu(SWITCH_CPU, [PROGRAM, ...options, ...taps]);
      const child = new Child(inNetns(site.switchNetns, command));
      await child.untilPrinted(/^ready/m);
      await moveToHosts(site);
      return child;
    },
  };
}
