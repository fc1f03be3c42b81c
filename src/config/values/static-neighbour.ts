/**
 * A static binding of an IP address to a station, written as for `tapctl neigh add`:
 * `192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1`.
 */

import { MAX_STATIC } from '../../hosts/binding-table';
import type { ListLimit } from '../list-limit';
import { hostAddress } from './host-address';
import { at, textRule } from './rule';
import { stationMac } from './station-mac';

export interface StaticNeighbour {
  /** Address in canonical form (RFC 5952 for IPv6). */
  readonly address: string;
  readonly mac: string;
  /** Label of the port that the station must be behind; without it, the station may be behind any port. */
  readonly port?: string;
}

/** Limit of the table: each family has its own. */
export const NEIGHBOUR_LIMIT: ListLimit<StaticNeighbour> = {
  max: MAX_STATIC,
  groupOf: ({ address }) => (address.includes(':') ? 'IPv6' : 'IPv4'),
  limitText: () => `${MAX_STATIC} static bindings of a family at most`,
};

const WHAT = 'IP lladdr MAC [dev PORT], such as 192.0.2.7 lladdr 02:00:00:00:00:07 dev tap1';

/** Words of a binding. Spaces, tabs and line feeds separate them; other white space can be part of a name. */
const WORDS =
  /^[ \t\n]*([^ \t\n]+)[ \t\n]+lladdr[ \t\n]+([^ \t\n]+)(?:[ \t\n]+dev[ \t\n]+([^ \t\n](?:[^]*[^ \t\n])?))?[ \t\n]*$/;

export const staticNeighbour = textRule(WHAT, (text): StaticNeighbour | undefined => {
  const words = WORDS.exec(text);
  if (words === null) return undefined;
  const [, address = '', lladdr = '', port] = words;
  return {
    address: hostAddress.fromText(address).text,
    mac: at('lladdr', () => stationMac.fromText(lladdr)),
    ...(port !== undefined && { port }),
  };
});

/** Text from which `staticNeighbour` reads the same. */
export function formatStaticNeighbour({ address, mac, port }: StaticNeighbour): string {
  return `${address} lladdr ${mac}${port === undefined ? '' : ` dev ${port}`}`;
}
