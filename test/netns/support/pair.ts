/** Two hosts on a switch, with every combination of offloads at the two ports. */

import { type Host, type HostOptions, INTERFACE } from './host';
import type { Lab } from './lab';

export interface Offloads {
  readonly what: string;
  /** Of the switch. */
  readonly options: readonly string[];
  /** Settings of the first host's port, and of the second's. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export const OFFLOADS: readonly Offloads[] = [
  { what: 'with offloads', options: [], from: [], to: [] },
  { what: 'without offloads', options: ['--no-offload'], from: [], to: [] },
  { what: 'from a port with offloads to one without', options: [], from: [], to: ['offload=off'] },
  { what: 'from a port without offloads to one with', options: [], from: ['offload=off'], to: [] },
];

export async function connectPair(
  lab: Lab,
  offloads: Offloads,
  hostOptions?: HostOptions,
): Promise<[from: Host, to: Host]> {
  const [from, to] = await lab.hosts(2, hostOptions);
  const ports = [from.port(...offloads.from), to.port(...offloads.to)];
  await lab.startSwitch(...offloads.options, ...ports);
  await Promise.all([from.address(), to.address()]);
  // Room for a whole TCP window: what overflows a TAP's queue never reaches the switch.
  await from.ip(`link set ${INTERFACE} txqueuelen 10000`);
  return [from, to];
}
