/**
 * Ours: `node dist/switch.js`.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, onCpu } from '../child';
import { makeFolder } from '../folder';
import { missing, type Dut } from './dut';

/** Name of the device that the targets are about. */
export const OURS = 'ours';

const PROGRAM = join(__dirname, '../../../dist/switch.js');

export const tapswitch: Dut = makeDut(OURS, 'tapswitch', []);
export const tapswitchPlain: Dut = makeDut('ours-plain', 'tapswitch --no-offload', [
  '--no-offload',
]);

/** What a system call for each read and each write costs; in a run only if it is named. */
export const tapswitchCalls: Dut = {
  ...makeDut('ours-calls', 'tapswitch --no-io-uring', ['--no-io-uring']),
  isOptional: true,
};
function makeDut(name: string, title: string, options: readonly string[]): Dut {
  return {
    name,
    title,
    isVariant: name !== OURS,
    maxPorts: Infinity,
    maxMtu: 9000,
    learns: true,
    hasProcess: true,
    prepare: () => missing(PROGRAM, 'npm run build makes it'),
    async start(site) {
      const ports = site.hosts.map(({ device, netns }) => `${device}@${netns},mtu=${site.mtu}`);
      const capacity = site.addressCapacity;
      const folder = makeFolder();
      const child = new Child(
        onCpu(SWITCH_CPU, [
          ...[process.execPath, PROGRAM, '--name', site.name, ...options],
          ...['--control', join(folder.path, 'control.sock')],
          ...(capacity === undefined ? [] : ['--fdb-max', String(capacity)]),
          ...ports,
        ]),
      );
      await child.untilPrinted(/^ready/m);
      return {
        pid: child.pid,
        async stop() {
          await child.stop();
          folder.remove();
        },
      };
    },
  };
}
