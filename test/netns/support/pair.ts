/** Two hosts on a switch, with every combination of offloads at the two ports. */

import { type Host, type HostOptions, INTERFACE } from './host';
import type { Lab } from './lab';
import type { SwitchProcess } from './switch-process';

export interface Offloads {
  readonly what: string;
  /** Options of the switch. */
  readonly options: readonly string[];
  /** Port settings of the first and the second host. */
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
): Promise<[from: Host, to: Host, running: SwitchProcess]> {
  const [from, to] = await lab.hosts(2, hostOptions);
  const ports = [from.port(...offloads.from), to.port(...offloads.to)];
  const running = await lab.startSwitch(...offloads.options, ...ports);
  await Promise.all([from.address(), to.address()]);
  // Room for a whole TCP window and its acknowledgements: frames that overflow a TAP's queue never
  // reach the switch.
  for (const host of [from, to]) await host.ip(`link set ${INTERFACE} txqueuelen 10000`);
  return [from, to, running];
}
