// `npm run bench [-- OPTIONS]`: installs and builds what is missing, then runs the benchmark as
// root. A peer that cannot be installed is left out, and the benchmark says so. (Debian's package of
// Open vSwitch starts its service where there is systemd. The benchmark does not use it.)

import { join } from 'node:path';
import { runInForeground } from './foreground.mjs';
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
const PEERS = [
  { vde2: 'vde_switch' },
  { 'openvswitch-switch': '/usr/lib/openvswitch-switch/ovs-vswitchd' },
  { 'openvswitch-switch-dpdk': '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk' },
];

await runMain(() => {
  installPackages({ ...START_PACKAGES, ...TRAFFIC_PACKAGES });
  PEERS.forEach(installPeer);
  build(['dependencies', 'addon', 'typescript', 'bench', 'bench-programs']);
  if (!becomeRoot('run the benchmark')) throw new PrepareError('the benchmark needs root or sudo');
  const bench = [process.execPath, join(CLONE, 'build/bench/bench.js'), ...process.argv.slice(2)];
  return runInForeground(asRoot(bench));
});

function installPeer(peer) {
  try {
    installPackages(peer);
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    say(error.message);
  }
}
