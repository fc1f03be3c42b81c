/**
 * The Linux bridge, with a veth pair to each host. Its work is done in the sender's softirq, so it
 * has no CPU and no process of its own.
 */

import { ip } from '../child';
import type { Dut } from './dut';

const BRIDGE = 'br0';

export const kernelBridge: Dut = {
  name: 'bridge',
  title: 'Linux bridge + veth',
  maxPorts: 1024,
  maxMtu: 9000,
  isVariant: false,
  learns: true,
  hasProcess: false,
  prepare: () => undefined,
  async start(site) {
    const lines = [`link add ${BRIDGE} type bridge mcast_snooping 0`, `link set ${BRIDGE} up`];
    for (const { device, netns } of site.hosts) {
      const end = `p${device}`;
      lines.push(
        `link add ${end} mtu ${site.mtu} type veth peer name ${device} netns ${netns}`,
        `link set ${end} master ${BRIDGE} up`,
      );
    }
    await ip(lines, site.switchNetns);
    return { stop: () => ip([`link del ${BRIDGE}`], site.switchNetns).then(() => undefined) };
  },
};
