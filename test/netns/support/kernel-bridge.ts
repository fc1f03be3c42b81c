/** The reference switch: the kernel's bridge with veth pairs as ports. */

import { type Host, INTERFACE } from './host';

/**
 * Joins hosts that have no interface yet by a bridge in `namespace`. STP and multicast snooping are off, so
 * that the bridge only learns and forwards.
 * @param namespace a quiet host that is the bridge only
 */
export async function connectByKernelBridge(
  namespace: Host,
  hosts: readonly Host[],
  mac: string,
): Promise<void> {
  await letBridgesForward(namespace);
  await namespace.ip(`link add br0 address ${mac} type bridge stp_state 0 mcast_snooping 0`);
  await namespace.ip('link set br0 up');
  for (const [index, host] of hosts.entries()) {
    const port = `port${index}`;
    await namespace.ip(
      `link add ${port} type veth peer name ${INTERFACE} address ${host.mac} netns ${host.netns}`,
    );
    await namespace.ip(`link set ${port} master br0 up`);
    await host.ip(`link set ${INTERFACE} up`);
  }
}

/** Settings that keep br_netfilter, if it is loaded, from passing bridged frames to the firewall. */
async function letBridgesForward(namespace: Host): Promise<void> {
  const settings = await namespace.mustRun([
    'sysctl',
    '-a',
    '--pattern',
    '^net.bridge.bridge-nf-call',
  ]);
  const names = settings
    .split('\n')
    .flatMap((line) => line.split(' = ').slice(0, 1))
    .filter(Boolean);
  await Promise.all(names.map((name) => namespace.mustRun(['sysctl', '-q', '-w', `${name}=0`])));
}
