/**
 * tapswitch: `node dist/switch.js`.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, ip, onCpu } from '../child';
import { makeFolder } from '../folder';
import type { Site } from '../lab';
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

/** tapswitch that takes the near ends of veth pairs, as a Linux bridge has them. */
export const tapswitchNic: Dut = {
  ...makeDut('ours-nic', 'tapswitch + veth, fast=off', THIS_TREE, [], (site) =>
    wire(site, ',fast=off'),
  ),
  isVariant: true,
};
/** The same, and the kernel redirects known unicast. */
export const tapswitchFast: Dut = {
  ...makeDut('ours-fast', 'tapswitch + veth', THIS_TREE, [], (site) => wire(site, '')),
  isVariant: true,
};

/** Makes the hosts' interfaces where the switch does not. Gives the ports. */
type Wiring = (site: Site) => Promise<readonly string[]>;

function tapPorts({ hosts, mtu }: Site): Promise<readonly string[]> {
  return Promise.resolve(hosts.map(({ device, netns }) => `${device}@${netns},mtu=${mtu}`));
}

async function wire({ hosts, mtu, switchNetns }: Site, keys: string): Promise<readonly string[]> {
  await ip(
    hosts.flatMap(({ device, netns }) => [
      `link add p${device} mtu ${mtu} type veth peer name ${device} netns ${netns}`,
      `link set p${device} up`,
    ]),
    switchNetns,
  );
  return hosts.map(({ device }) => `nic:p${device}@${switchNetns}${keys}`);
}

function makeDut(
  name: string,
  title: string,
  tree: Tree,
  options: readonly string[] = [],
  wiring: Wiring = tapPorts,
): Dut {
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
      const ports = await wiring(site);
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
