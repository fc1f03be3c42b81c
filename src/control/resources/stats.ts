/** Counters of each port and in total. */

import type { z } from 'zod';
import { mapping } from '../../config/rule-schema';
import type { StatsBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { inBothForms } from './forms';
import { findPort, portName } from './ports';

/** One port, or all. */
export const portFilter = inBothForms((to, words) =>
  mapping({ port: to(portName).optional() }, words),
);
export type PortFilter = z.output<typeof portFilter.value>;

/** Hooks that have counters of their own. */
async function hookCounters(tapSwitch: TapSwitch): Promise<StatsBody['hooks']> {
  const hooks = await tapSwitch.hooks();
  return hooks
    .filter(({ counters }) => counters.length > 0)
    .map(({ name, counters }) => ({ name, counters: [...counters] }));
}

/** @throws RequestError where there is no such port */
export async function readStats(tapSwitch: TapSwitch, { port }: PortFilter): Promise<StatsBody> {
  const { ports } = tapSwitch;
  await tapSwitch.settle();
  const all = ports.infos();
  const wanted = port === undefined ? undefined : findPort(ports, port).id;
  const infos = all.filter(({ id }) => wanted === undefined || id === wanted);
  return {
    total: ports.total(all),
    ports: infos.map((info) => ({ port: info.port, ...info.counters })),
    bursts: tapSwitch.burstSizes(),
    hooks: port === undefined ? await hookCounters(tapSwitch) : [],
  };
}
