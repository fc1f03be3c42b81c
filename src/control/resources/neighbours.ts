/** The neighbour table: what may be asked of it, and how its bindings are shown, in the words of `ip neigh`. */

import type { z } from 'zod';
import { hostAddress } from '../../config/values/host-address';
import { field, mapping } from '../../config/rule-schema';
import { stationMac } from '../../config/values/station-mac';
import { vid } from '../../config/values/vid';
import type { KnownHost } from '../../hosts/known-hosts';
import { ANY_PORT } from '../../hosts/binding-table';
import { NO_VLAN } from '../../wire/vlan';
import type { NeighbourBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { findPort, portName } from './ports';

export const neighbourFilter = inBothForms((to, words) =>
  mapping({ port: to(portName).optional(), vlan: to(vid).optional() }, words),
);
export type NeighbourFilter = z.output<typeof neighbourFilter.value>;

export const newNeighbour = mapping(
  {
    address: field(hostAddress),
    mac: field(stationMac),
    port: field(portName).optional(),
    vlan: field(vid).optional(),
  },
  MAPPING,
).meta({ id: 'NewNeighbour' });
export type NewNeighbour = z.output<typeof newNeighbour>;

export const neighbourRemoval = inBothForms((to, words) =>
  mapping(
    {
      address: to(hostAddress).optional(),
      port: to(portName).optional(),
      vlan: to(vid).optional(),
    },
    words,
  ),
);
export type NeighbourRemoval = z.output<typeof neighbourRemoval.value>;

/** @throws RequestError where there is no such port */
export async function listNeighbours(
  tapSwitch: TapSwitch,
  { port, vlan }: NeighbourFilter,
): Promise<KnownHost[]> {
  const wantedPort = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
  return (await tapSwitch.neighbours()).filter(
    (neighbour) =>
      (wantedPort === undefined || neighbour.port === wantedPort) &&
      (vlan === undefined || neighbour.vlan === vlan),
  );
}

/** Binds an address to a station permanently, in place of an existing binding. @throws RequestError */
export function addNeighbour(
  tapSwitch: TapSwitch,
  { address, mac, port, vlan }: NewNeighbour,
): Promise<void> {
  return tapSwitch.change(() =>
    tapSwitch.addNeighbour({
      address: address.text,
      mac,
      ...(vlan !== undefined && { vlan }),
      ...(port !== undefined && { port: findPort(tapSwitch.ports, port).label }),
    }),
  );
}

/**
 * Removes one binding, or, without an address, the learned bindings of a port, a VLAN or all.
 * @returns the number of bindings
 * @throws RequestError
 */
export async function removeNeighbours(
  tapSwitch: TapSwitch,
  { address, port, vlan }: NeighbourRemoval,
): Promise<number> {
  if (address === undefined) {
    const from = port === undefined ? undefined : findPort(tapSwitch.ports, port);
    return tapSwitch.flushNeighbours(from, vlan);
  }
  await tapSwitch.change(() => tapSwitch.removeNeighbour(address, vlan));
  return 1;
}

export function neighbourBody(neighbour: KnownHost, { ports }: TapSwitch): NeighbourBody {
  const { address, mac: lladdr, vlan, port, state, heardAgoMs } = neighbour;
  const label = port === ANY_PORT ? undefined : ports.labelOf(port);
  return {
    dst: address,
    ...(label !== undefined && { port: label, dev: label }),
    lladdr,
    ...(vlan !== NO_VLAN && { vlan }),
    state: [state.toUpperCase()],
    ...(Number.isFinite(heardAgoMs) && { updated: Math.round(heardAgoMs / 1000) }),
  };
}
