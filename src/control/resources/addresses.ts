/** The switch's own addresses: what may be asked of them. */

import type { z } from 'zod';
import { cidr } from '../../config/values/cidr';
import type { OwnCidr } from '../../config/values/own-address';
import { vid } from '../../config/values/vid';
import { mapping } from '../../config/rule-schema';
import type { OwnAddressBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { inBothForms } from './forms';

/** An address, as a program names it to add or remove it. */
export const ownAddress = inBothForms((to, words) =>
  mapping({ address: to(cidr), vlan: to(vid).optional() }, words),
);
export type OwnAddress = z.output<typeof ownAddress.value>;

/** Addresses of one VLAN or all. */
export const addressFilter = inBothForms((to, words) =>
  mapping({ vlan: to(vid).optional() }, words),
);

/** The addresses, and the progress of their claims. */
export async function listAddresses(
  tapSwitch: TapSwitch,
  { vlan: wanted }: z.output<typeof addressFilter.value>,
): Promise<OwnAddressBody[]> {
  const all = await tapSwitch.ownAddresses();
  return wanted === undefined ? all : all.filter(({ vlan }) => vlan === wanted);
}

/** Starts to claim an address. @throws RequestError */
export function addAddress(tapSwitch: TapSwitch, address: OwnAddress): Promise<void> {
  return tapSwitch.change(() => {
    const own = inVlan(address);
    tapSwitch.refuseAddressOfPort(own);
    tapSwitch.refuseBoundAddress(own);
    return tapSwitch.addAddress(own);
  });
}

/** Gives up an address. @throws RequestError */
export function removeAddress(tapSwitch: TapSwitch, address: OwnAddress): Promise<void> {
  return tapSwitch.change(() => tapSwitch.removeAddress(inVlan(address)));
}

function inVlan({ address, vlan }: OwnAddress): OwnCidr {
  return { ...address, ...(vlan !== undefined && { vlan }) };
}
