/**
 * A static binding of an IP address to a station, written as for `tapctl neigh add`:
 * `192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1`.
 */

import { MAX_STATIC } from '../../hosts/binding-table';
import type { ListLimit } from '../list-limit';
import { hostAddress } from './host-address';
import { at, textRule } from './rule';
import { stationMac } from './station-mac';
import { vid } from './vid';

export interface StaticNeighbour {
  /** Address in canonical form (RFC 5952 for IPv6). */
  readonly address: string;
  readonly mac: string;
  /** Label of the port that the station must be behind; without it, the station may be behind any port. */
  readonly port?: string;
  /** VID; without it, the binding counts while the switch does not filter by VLAN. */
  readonly vlan?: number;
}

/** Limit of the table: each family has its own. */
export const NEIGHBOUR_LIMIT: ListLimit<StaticNeighbour> = {
  max: MAX_STATIC,
  groupOf: ({ address }) => (address.includes(':') ? 'IPv6' : 'IPv4'),
  limitText: () => `${MAX_STATIC} static bindings of a family at most`,
};

const WHAT =
  'IP lladdr MAC [vlan VID] [dev PORT], such as 192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1';

/** Words of a binding. Spaces, tabs and line feeds separate them; other white space can be part of a name. */
const WORDS =
  /^[ \t\n]*([^ \t\n]+)[ \t\n]+lladdr[ \t\n]+([^ \t\n]+)(?:[ \t\n]+vlan[ \t\n]+([^ \t\n]+))?(?:[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*[^ \t\n])?))?[ \t\n]*$/;

export const staticNeighbour = textRule(WHAT, (text): StaticNeighbour | undefined => {
  const words = WORDS.exec(text);
  if (words === null) return undefined;
  const [, address = '', lladdr = '', vlan, port] = words;
  return {
    address: hostAddress.fromText(address).text,
    mac: at('lladdr', () => stationMac.fromText(lladdr)),
    ...(vlan !== undefined && { vlan: at('vlan', () => vid.fromText(vlan)) }),
    ...(port !== undefined && { port }),
  };
});

/** Text from which `staticNeighbour` reads the same. */
export function formatStaticNeighbour({ address, mac, port, vlan }: StaticNeighbour): string {
  const inVlan = vlan === undefined ? '' : ` vlan ${vlan}`;
  return `${address} lladdr ${mac}${inVlan}${port === undefined ? '' : ` dev ${port}`}`;
}

/** Text that no two bindings share: the address, with its VLAN. */
export function neighbourIdentity({
  address,
  vlan,
}: Pick<StaticNeighbour, 'address' | 'vlan'>): string {
  return address + (vlan === undefined ? '' : ` vlan ${vlan}`);
}
