/**
 * tapswitch: `node dist/switch.js`.
 */

import { join } from 'node:path';
import { Child, SWITCH_CPU, inNetns, ip, onCpu, sleep } from '../child';
import { makeFolder } from '../folder';
import type { Host, Site } from '../lab';
import { THIS_TREE, type Tree } from '../tree';
import { missing, type Dut } from './dut';

const STREAM_PEER = join(__dirname, '..', 'stream-peer');
/** Module of a hook that no frame of the bench matches. */
export const IDLE_HOOK = join(THIS_TREE.root, 'bench', 'idle-hook.mjs');
/** Milliseconds in which the switch accepts the peers of all ports. */
const ACCEPTED_MS = 500;

/** Name of the device that the targets are about. */
export const OURS = 'ours';

/** Name of the other commit's device when this tree is compared with it. */
export const OTHER = 'other';

export const tapswitch: Dut = makeDut(OURS, 'tapswitch', THIS_TREE);
export const tapswitchPlain: Dut = {
  ...makeDut('ours-plain', 'tapswitch --no-offload', THIS_TREE, ['--no-offload']),
  isVariant: true,
};

/** tapswitch whose first host cuts its streams into segments by itself, as a guest without TSO does. */
export const tapswitchSegments: Dut = {
  ...makeDut('ours-segments', 'tapswitch, one side offload=off', THIS_TREE, [], (site) => {
    const [first = '', ...others] = tapPorts(site).ports;
    return { ports: [`${first},offload=off`, ...others] };
  }),
  isVariant: true,
};

/** tapswitch with one system call for each read and each write; in a run only if it is named. */
export const tapswitchCalls: Dut = {
  ...makeDut('ours-calls', 'tapswitch --no-io-uring', THIS_TREE, ['--no-io-uring']),
  isVariant: true,
  isOptional: true,
};

/** tapswitch that filters by VLAN, with access ports of one VLAN. */
export const tapswitchVlan: Dut = {
  ...makeDut('ours-vlan', 'tapswitch --vlan-filtering', THIS_TREE, ['--vlan-filtering'], (site) =>
    tapPorts(site, ',vlan=10'),
  ),
  isVariant: true,
};

/** tapswitch with a hook that matches no frame. */
export const tapswitchHook: Dut = {
  ...makeDut('ours-hook', 'tapswitch --hook, never matching', THIS_TREE, ['--hook', IDLE_HOOK]),
  isVariant: true,
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
/** tapswitch with the near ends of veth pairs, where the kernel redirects known unicast. */
export const tapswitchFast: Dut = {
  ...makeDut('ours-fast', 'tapswitch + veth', THIS_TREE, [], (site) => wire(site, '')),
  isVariant: true,
};

/** tapswitch with a stream socket for each host, at whose other end bench/stream-peer.c has the host's TAP. */
export const tapswitchStream: Dut = {
  ...makeDut('ours-stream', 'tapswitch + stream sockets', THIS_TREE, [], (site, folder) => ({
    ports: site.hosts.map((host) => `stream:${socketOf(host, folder)},mtu=${site.mtu}`),
    join: () => joinStreams(site, folder),
  })),
  prepare: () => missing(STREAM_PEER, 'npm run bench builds it'),
  isVariant: true,
  maxPorts: 4,
};

/** The ports of a site, and what the hosts need before the switch starts and after. */
interface Wires {
  readonly ports: readonly string[];
  /** Joins the hosts to a switch that is ready. @returns programs that end with it */
  readonly join?: () => Promise<readonly Child[]>;
}
/** Makes the hosts' interfaces where the switch does not. */
type Wiring = (site: Site, folder: string) => Wires | Promise<Wires>;

function tapPorts({ hosts, mtu }: Site, keys = ''): Wires {
  return { ports: hosts.map(({ device, netns }) => `${device}@${netns},mtu=${mtu}${keys}`) };
}

const socketOf = ({ device }: Host, folder: string): string => join(folder, `${device}.sock`);

async function joinStreams({ hosts }: Site, folder: string): Promise<readonly Child[]> {
  const peers = hosts.map(
    (host) => new Child(inNetns(host.netns, [STREAM_PEER, host.device, socketOf(host, folder)])),
  );
  await Promise.all(peers.map((peer) => peer.untilPrinted(/^ready/m)));
  // The switch takes a peer in between two bursts.
  await sleep(ACCEPTED_MS);
  return peers;
}

async function wire({ hosts, mtu, switchNetns }: Site, keys: string): Promise<Wires> {
  await ip(
    hosts.flatMap(({ device, netns }) => [
      `link add p${device} mtu ${mtu} type veth peer name ${device} netns ${netns}`,
      `link set p${device} up`,
    ]),
    switchNetns,
  );
  return { ports: hosts.map(({ device }) => `nic:p${device}@${switchNetns}${keys}`) };
}

function makeDut(
  name: string,
  title: string,
  tree: Tree,
  options: readonly string[] = [],
  wiring: Wiring = (site) => tapPorts(site),
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
      const folder = makeFolder();
      const { ports, join: joinHosts } = await wiring(site, folder.path);
      const capacity = site.addressCapacity;
      const child = new Child(
        onCpu(SWITCH_CPU, [
          ...[process.execPath, tree.program, '--name', site.name, ...options],
          ...['--control', join(folder.path, 'control.sock')],
          ...(capacity === undefined ? [] : ['--fdb-max', String(capacity)]),
          ...ports,
        ]),
      );
      await child.untilPrinted(/^ready/m);
      const programs = (await joinHosts?.()) ?? [];
      return {
        pid: child.pid,
        async stop() {
          for (const program of programs) await program.stop();
          await child.stop();
          folder.remove();
        },
      };
    },
  };
}
