/**
 * Open vSwitch with its userspace datapath, as private processes with a database of their own.
 *
 * The DPDK build runs without network cards (`--no-pci`) and with userspace TSO. Its taps are
 * served by the main thread, as in the plain build.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child, SWITCH_CPU, inNetns, onCpu, run } from '../child';
import { makeFolder } from '../folder';
import { moveToHosts, type Site } from '../lab';
import { missing, type Dut, type RunningDut } from './dut';
import { takeHugePages } from './huge-pages';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';
const PLAIN = '/usr/lib/openvswitch-switch/ovs-vswitchd';
const DPDK = '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk';
/** Huge pages of 2 MB: 512 MB for packets, and the rest for DPDK itself. */
const HUGE_PAGES = 300;
const DPDK_SETTINGS = [
  'other_config:dpdk-init=true',
  'other_config:userspace-tso-enable=true',
  'other_config:dpdk-socket-mem=512',
  `other_config:dpdk-lcore-mask=0x${(1 << SWITCH_CPU).toString(16)}`,
  'other_config:dpdk-extra="--no-pci --in-memory"',
];

export const openVswitch = makeDut('ovs', 'Open vSwitch, userspace', PLAIN, []);
export const openVswitchDpdk = makeDut('ovs-dpdk', 'Open vSwitch, DPDK + TSO', DPDK, DPDK_SETTINGS);

function makeDut(name: string, title: string, program: string, settings: string[]): Dut {
  const usesDpdk = settings.length > 0;
  return {
    name,
    title,
    maxPorts: 1024,
    // With its taps in another namespace it passes no longer frames, whatever mtu_request says. With
    // userspace TSO it does.
    maxMtu: usesDpdk ? 9000 : 1500,
    isVariant: false,
    learns: true,
    hasProcess: true,
    prepare() {
      const obstacle = missing(program, 'apt-get install openvswitch-switch[-dpdk]');
      return obstacle ?? (usesDpdk ? takeHugePages(HUGE_PAGES) : undefined);
    },
    start: (site) => start(site, program, settings),
  };
}

async function start(site: Site, program: string, settings: string[]): Promise<RunningDut> {
  const folder = makeFolder();
  const file = (base: string): string => join(folder.path, base);
  const database = `unix:${file('db.sock')}`;
  const configure = (words: readonly string[]): Promise<string> =>
    run(['ovs-vsctl', `--db=${database}`, '--retry', '--timeout=20', ...words]);
  const children: Child[] = [];
  const stop = async (): Promise<void> => {
    for (const child of [...children].reverse()) await child.stop();
    folder.remove();
  };

  try {
    await run(['ovsdb-tool', 'create', file('conf.db'), SCHEMA]);
    const listen = [`--remote=p${database}`, `--unixctl=${file('server.ctl')}`];
    const server = new Child(['ovsdb-server', ...listen, file('conf.db')]);
    children.push(server);
    while (!existsSync(file('db.sock'))) await server.stillRuns();
    await configure(['--no-wait', 'init']);
    if (settings.length > 0) {
      await configure(['--no-wait', 'set', 'Open_vSwitch', '.', ...settings]);
    }
    const command = [program, database, `--unixctl=${file('switch.ctl')}`];
    const child = new Child(inNetns(site.switchNetns, onCpu(SWITCH_CPU, command)));
    children.push(child);
    await configure(bridgeOf(site));
    await moveToHosts(site);
    return { pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Arguments of ovs-vsctl that make the bridge and its ports. */
function bridgeOf(site: Site): string[] {
  const words = ['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev'];
  if (site.addressCapacity !== undefined) {
    words.push(`other_config:mac-table-size=${site.addressCapacity}`);
  }
  for (const { device } of site.hosts) {
    words.push('--', 'add-port', 'br0', device);
    words.push('--', 'set', 'interface', device, 'type=tap', `mtu_request=${site.mtu}`);
  }
  return words;
}
