/**
 * tapswitch: `node dist/switch.js`.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, onCpu } from '../child';
import { makeFolder } from '../folder';
import { THIS_TREE, type Tree } from '../tree';
import { missing, type Dut } from './dut';

/** Name of the device that the targets are about. */
export const OURS = 'ours';

/** Name of the other commit's device when this tree is compared with it. */
export const OTHER = 'other';

export const tapswitch: Dut = makeDut(OURS, 'tapswitch', THIS_TREE);
export const tapswitchPlain: Dut = {
  ...makeDut('ours-plain', 'tapswitch --no-offload', THIS_TREE, ['--no-offload']),
  isVariant: true,
};

/** tapswitch with one system call for each read and each write; in a run only if it is named. */
export const tapswitchCalls: Dut = {
  ...makeDut('ours-calls', 'tapswitch --no-io-uring', THIS_TREE, ['--no-io-uring']),
  isVariant: true,
  isOptional: true,
};

/** tapswitch of another commit. */
export const otherTapswitch = (title: string, tree: Tree): Dut => makeDut(OTHER, title, tree);

function makeDut(name: string, title: string, tree: Tree, options: readonly string[] = []): Dut {
  return {
    name,
    title,
    tree,
    isVariant: false,
    maxPorts: Infinity,
    maxMtu: 9000,
    learns: true,
    hasProcess: true,
    prepare: () => missing(tree.program, 'npm run build makes it'),
    async start(site) {
      const ports = site.hosts.map(({ device, netns }) => `${device}@${netns},mtu=${site.mtu}`);
      const capacity = site.addressCapacity;
      const folder = makeFolder();
      const child = new Child(
        onCpu(SWITCH_CPU, [
          ...[process.execPath, tree.program, '--name', site.name, ...options],
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
