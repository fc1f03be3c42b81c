/** Static bindings of IP addresses to stations, of both families. */

import { hostAddress } from '../config/values/host-address';
import {
  NEIGHBOUR_LIMIT,
  type StaticNeighbour,
  neighbourIdentity,
} from '../config/values/static-neighbour';
import type { DataPlane } from '../dataplane/data-plane';
import { ANY_PORT } from '../hosts/binding-table';
import { formatIpKey, linkLocalKey } from '../wire/ip-key';
import { type MacWords, parseMac } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { type EntryPorts, StaticEntries } from './static-entries';

/** @param own MAC of the switch. No entry may have the link-local address that is made from it. */
export function staticNeighbours(
  ports: EntryPorts,
  dataPlane: DataPlane,
  own: MacWords,
): StaticEntries<StaticNeighbour> {
  const linkLocal = formatIpKey(linkLocalKey(own));
  return new StaticEntries<StaticNeighbour>(ports, {
    key: 'neigh',
    identityOf: neighbourIdentity,
    ...NEIGHBOUR_LIMIT,
    objectionTo: ({ address }) =>
      address === linkLocal
        ? 'the link-local address of the switch itself; bind the address of another host'
        : undefined,
    add: ({ address, mac, vlan = NO_VLAN }, port) =>
      dataPlane.order({
        kind: 'add-neighbour',
        bytes: hostAddress.fromText(address).bytes,
        vlan,
        mac: parseMac(mac) as MacWords,
        port: port?.id ?? ANY_PORT,
      }),
    remove: (identity) => {
      const [address = '', , vlan = NO_VLAN] = identity.split(' ');
      const { bytes } = hostAddress.fromText(address);
      return dataPlane.order({ kind: 'remove-neighbour', bytes, vlan: Number(vlan) });
    },
  });
}
