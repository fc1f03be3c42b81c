/** An address of the switch itself, in a VLAN or not: `192.0.2.1/24`, `192.0.2.1/24,vlan=10`. */

import { type Cidr, cidr, formatCidr } from './cidr';
import { at, textRule } from './rule';
import { vid } from './vid';

export interface OwnCidr extends Cidr {
  /** VID; without it, the address is in the VLAN of the default PVID. */
  readonly vlan?: number;
}

const WHAT = 'the address of a host with its prefix length, such as 192.0.2.1/24 or 2001:db8::1/64';
const VLAN = ',vlan=';

/** Reads `ADDRESS/PREFIXLENGTH[,vlan=VID]`. */
export const ownCidr = textRule(WHAT, (text): OwnCidr => {
  const end = text.indexOf(VLAN);
  if (end < 0) return cidr.fromText(text);
  const vlan = at('vlan', () => vid.fromText(text.slice(end + VLAN.length)));
  return { ...cidr.fromText(text.slice(0, end)), vlan };
});

/** Text from which {@link ownCidr} reads the same. */
export function formatOwnCidr(own: OwnCidr): string {
  return formatCidr(own) + (own.vlan === undefined ? '' : `${VLAN}${own.vlan}`);
}

/** Text that no two addresses of the switch share: the address, with its VLAN. */
export function ownIdentity({ address, vlan }: Pick<OwnCidr, 'address' | 'vlan'>): string {
  return address + (vlan === undefined ? '' : ` in VLAN ${vlan}`);
}
