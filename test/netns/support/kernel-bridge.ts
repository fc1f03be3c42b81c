/** The reference switch: the kernel's bridge with veth pairs as ports. */

import { type Host, INTERFACE } from './host';

/**
 * Joins hosts that have no interface yet by a bridge in `room`. STP and multicast snooping are off, so
 * that the bridge only learns and forwards.
 * @param room a quiet host that is the bridge only
 */
export async function connectByKernelBridge(
  room: Host,
  hosts: readonly Host[],
  mac: string,
): Promise<void> {
  await letBridgesForward(room);
  await room.ip(`link add br0 address ${mac} type bridge stp_state 0 mcast_snooping 0`);
  await room.ip('link set br0 up');
  for (const [index, host] of hosts.entries()) {
    const port = `port${index}`;
    await room.ip(
      `link add ${port} type veth peer name ${INTERFACE} address ${host.mac} netns ${host.netns}`,
    );
    await room.ip(`link set ${port} master br0 up`);
    await host.ip(`link set ${INTERFACE} up`);
  }
}

/** Settings that keep br_netfilter, if it is loaded, from passing bridged frames to the firewall. */
async function letBridgesForward(room: Host): Promise<void> {
  const settings = await room.mustRun(['sysctl', '-a', '--pattern', '^net.bridge.bridge-nf-call']);
  const names = settings
    .split('\n')
    .flatMap((line) => line.split(' = ').slice(0, 1))
    .filter(Boolean);
  await Promise.all(names.map((name) => room.mustRun(['sysctl', '-q', '-w', `${name}=0`])));
}
