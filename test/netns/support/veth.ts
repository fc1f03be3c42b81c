/** Hosts that are joined to a namespace by veth pairs, whose near ends a switch in that namespace can take. */

import { type Host, INTERFACE } from './host';

/** Name of the near end of a host's pair. */
export const nearEndOf = (host: Host): string => `near${host.number}`;

/** Joins hosts that have no interface yet to a namespace, and gives them their addresses. */
export async function joinByVeth(namespace: Host, hosts: readonly Host[]): Promise<void> {
  for (const host of hosts) {
    const near = nearEndOf(host);
    const far = `${INTERFACE} address ${host.mac} netns ${host.netns}`;
    await namespace.ip(`link add ${near} type veth peer name ${far}`);
    await namespace.ip(`link set ${near} up`);
    await host.ip(`link set ${INTERFACE} up`);
    await host.address();
  }
}

/** Ports for the near ends of hosts, as on a command line. @param keys keys of each port, with a comma in front */
export function nicPortsOf(namespace: Host, hosts: readonly Host[], keys = ''): string[] {
  return hosts.map((host) => `nic:${nearEndOf(host)}@${namespace.netns}${keys}`);
}
