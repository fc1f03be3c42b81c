/** Two hosts in one access VLAN, each on a switch of its own, and a trunk between the switches. */

import { type Host, INTERFACE } from './host';
import type { Lab } from './lab';
import { until } from './until';

/** Ports without offloads: `near` and `far` are those of the hosts. */
export interface TrunkOffloads {
  readonly what: string;
  readonly without: readonly ('near' | 'trunk' | 'far')[];
}

export const TRUNK_OFFLOADS: readonly TrunkOffloads[] = [
  { what: 'with offloads', without: [] },
  { what: 'without offloads on the trunk', without: ['trunk'] },
  { what: 'without offloads at one host', without: ['far'] },
  { what: 'without offloads at both hosts', without: ['near', 'far'] },
  { what: 'without offloads', without: ['near', 'trunk', 'far'] },
];

/** The interface of the trunk: a TAP of one switch that the other one takes. */
export const TRUNK = 'trunk0';

/** @returns the hosts, and the namespace of the trunk */
export async function connectByTrunk(
  lab: Lab,
  { without }: TrunkOffloads,
): Promise<[near: Host, far: Host, namespace: Host]> {
  const [near, far] = await lab.hosts(2);
  const namespace = await lab.host({ isQuiet: true });
  const offload = (port: 'near' | 'trunk' | 'far'): string =>
    `offload=${without.includes(port) ? 'off' : 'on'}`;
  const trunk = `${TRUNK}@${namespace.netns},trunk=10,${offload('trunk')}`;
  await lab.startSwitch('--vlan-filtering', near.port('vlan=10', offload('near')), trunk);
  await lab.startSwitch('--vlan-filtering', far.port('vlan=10', offload('far')), `nic:${trunk}`);
  await Promise.all([near, far].map((host) => host.address()));
  // Room for a whole TCP window: frames that overflow a TAP's queue never reach the switch.
  for (const host of [near, far]) await host.ip(`link set ${INTERFACE} txqueuelen 10000`);
  await until(() => near.reaches(far.ipv6), 'the VLAN reaches over the trunk');
  return [near, far, namespace];
}
