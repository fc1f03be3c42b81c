// `npm run bench [-- OPTIONS]`: installs and builds what the chosen experiments need, then runs them, as
// root if they make interfaces. The benchmark leaves out a peer that cannot be installed, and says so.
// (Debian's package of Open vSwitch starts its service where there is systemd. The benchmark does not
// use the service.)

import { join } from 'node:path';
import { runInForeground } from './foreground.mjs';
import { buildOtherTree } from './other-tree.mjs';
import {
  CLONE,
  PrepareError,
  START_PACKAGES,
  asRoot,
  becomeRoot,
  build,
  installPackages,
  runMain,
  say,
} from './prepare.mjs';

const TRAFFIC_PACKAGES = {
  iperf3: 'iperf3',
  'iputils-ping': 'ping',
  procps: 'sysctl',
  sockperf: 'sockperf',
  'util-linux': 'taskset',
};
/** Packages of the peers, by the name of the device under test. */
const PEERS = {
  vde: { vde2: 'vde_switch' },
  ovs: { 'openvswitch-switch': '/usr/lib/openvswitch-switch/ovs-vswitchd' },
  'ovs-dpdk': { 'openvswitch-switch-dpdk': '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk' },
};

await runMain(async () => {
  const words = process.argv.slice(2);
  build(['dependencies', 'typescript', 'bench']);
  const { needsDevices, against, duts } = await readOptions(words);
  if (needsDevices) {
    installPackages({ ...START_PACKAGES, ...TRAFFIC_PACKAGES });
    for (const { name } of duts) if (name in PEERS) installPeer(PEERS[name]);
    build(['addon', 'bench-programs']);
  }
  if (against !== undefined) {
    const targets = ['dependencies', ...(needsDevices ? ['addon'] : []), 'typescript'];
    words.push('--against-tree', buildOtherTree(against, targets));
  }
  const bench = [process.execPath, join(CLONE, 'build/bench/bench.js'), ...words];
  if (!needsDevices) return runInForeground(bench);
  if (!becomeRoot('run the benchmark')) throw new PrepareError('the benchmark needs root or sudo');
  return runInForeground(asRoot(bench));
});

/** Reads the options. Ends the process if one is wrong, or after printing help. */
async function readOptions(words) {
  const { parseOptions } = (await import(join(CLONE, 'build/bench/options.js'))).default;
  return parseOptions(words);
}

function installPeer(peer) {
  try {
    installPackages(peer);
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    say(error.message);
  }
}
