/**
 * Stations that an operator placed behind a port: static ones permanently, sticky ones until they age.
 *
 * The data plane forgets a sticky entry when its station is silent for the ageing time, when its port goes
 * down, and when it is flushed. The configuration keeps the entry, and a reload adds it again.
 */

import {
  STATION_LIMIT,
  type StaticStation,
  stationIdentity,
} from '../config/values/static-station';
import type { DataPlane } from '../dataplane/data-plane';
import { type MacWords, formatMac, parseMac } from '../wire/mac';
import { NO_VLAN } from '../wire/vlan';
import { type EntryPort, type EntryPorts, StaticEntries } from './static-entries';

/** Why an operator cannot decide about an entry: the host's own leg has this MAC. */
export function hostMacObjection(ports: EntryPorts, mac: string): string | undefined {
  const leg = ports.all.find(({ hostMac }) => hostMac === mac);
  return leg && `the MAC of ${leg.label}, which is the host's own leg and has the entry already`;
}

/** @param own MAC of the switch, which no entry may have */
export function staticStations(
  ports: EntryPorts,
  dataPlane: DataPlane,
  own: MacWords,
): StaticEntries<StaticStation> {
  const ownMac = formatMac(own.hi16, own.lo32);
  const stationOf = (identity: string) => {
    const [mac = '', , vlan = NO_VLAN] = identity.split(' ');
    return { ...(parseMac(mac) as MacWords), vlan: Number(vlan) };
  };
  return new StaticEntries<StaticStation>(ports, {
    key: 'fdb',
    identityOf: stationIdentity,
    ...STATION_LIMIT,
    objectionTo: ({ mac }) =>
      mac === ownMac
        ? "the switch's own MAC address, which is behind no port"
        : hostMacObjection(ports, mac),
    fades: ({ kind }) => kind === 'sticky',
    add: (entry, port) =>
      dataPlane.order({
        kind: 'add-station',
        station: stationOf(stationIdentity(entry)),
        port: (port as EntryPort).id,
        isStatic: entry.kind === 'static',
      }),
    remove: (identity) => dataPlane.order({ kind: 'remove-station', station: stationOf(identity) }),
  });
}
