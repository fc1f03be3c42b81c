/** Static bindings of IP addresses to stations, of both families. */

import { hostAddress } from '../config/values/host-address';
import { NEIGHBOUR_LIMIT, type StaticNeighbour } from '../config/values/static-neighbour';
import type { DataPlane } from '../dataplane/data-plane';
import { ANY_PORT } from '../hosts/binding-table';
import { type MacWords, parseMac } from '../wire/mac';
import { type EntryPorts, StaticEntries } from './static-entries';

export function staticNeighbours(
  ports: EntryPorts,
  dataPlane: DataPlane,
): StaticEntries<StaticNeighbour> {
  return new StaticEntries(ports, {
    key: 'neigh',
    identityOf: ({ address }) => address,
    ...NEIGHBOUR_LIMIT,
    add: ({ address, mac }, port) =>
      dataPlane.order({
        kind: 'add-neighbour',
        bytes: hostAddress.fromText(address).bytes,
        mac: parseMac(mac) as MacWords,
        port: port?.id ?? ANY_PORT,
      }),
    remove: (address) =>
      dataPlane.order({ kind: 'remove-neighbour', bytes: hostAddress.fromText(address).bytes }),
  });
}
