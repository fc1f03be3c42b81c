/** The forwarding database: what may be asked of it, and how its entries are shown, in the words of `bridge fdb`. */

import type { z } from 'zod';
import { oneOf, wholeNumber } from '../../config/values/rule';
import { field, mapping } from '../../config/rule-schema';
import { stationMac } from '../../config/values/station-mac';
import type { FdbEntry } from '../../l2/fdb/entry';
import { RequestError } from '../../system/request-error';
import { MAX_VID, NO_VLAN } from '../../wire/vlan';
import { InvalidRequest } from '../invalid-request';
import type { StationBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { findPort, portName } from './ports';

/** VLAN of an entry; 0 is none. */
const vlan = wholeNumber({ from: NO_VLAN, to: MAX_VID });

/** Entries that are flushed: those that age, sticky ones included, or static ones. */
const flushedKind = oneOf('dynamic', 'static');

export const stationFilter = inBothForms((to, words) =>
  mapping({ port: to(portName).optional(), vlan: to(vlan).optional() }, words),
);
export type StationFilter = z.output<typeof stationFilter.value>;

export const newStation = mapping(
  {
    mac: field(stationMac),
    port: field(portName),
    vlan: field(vlan).optional(),
    kind: field(oneOf('static', 'sticky')).optional(),
  },
  MAPPING,
).meta({ id: 'NewStation' });
export type NewStation = z.output<typeof newStation>;

export const stationRemoval = inBothForms((to, words) =>
  mapping(
    {
      mac: to(stationMac).optional(),
      port: to(portName).optional(),
      vlan: to(vlan).optional(),
      kind: to(flushedKind).optional(),
    },
    words,
  ),
);
export type StationRemoval = z.output<typeof stationRemoval.value>;

/** @throws RequestError where there is no such port */
export async function listStations(
  tapSwitch: TapSwitch,
  { port, vlan: wantedVlan }: StationFilter,
): Promise<FdbEntry[]> {
  const wantedPort = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
  return (await tapSwitch.stations()).filter(
    (entry) =>
      (wantedPort === undefined || entry.port === wantedPort) &&
      (wantedVlan === undefined || entry.vlan === wantedVlan),
  );
}

/** Adds or replaces an entry. @throws RequestError */
export function addStation(tapSwitch: TapSwitch, station: NewStation): Promise<void> {
  return tapSwitch.change(() => {
    const { label } = findPort(tapSwitch.ports, station.port);
    const { mac, kind = 'static' } = station;
    return tapSwitch.addStation({ mac, port: label, kind, ...given(station.vlan) });
  });
}

/**
 * Removes one entry, or, without an address, all entries that match. Without any word, static entries stay.
 * @returns the number of entries
 * @throws RequestError, InvalidRequest
 */
export async function removeStations(
  tapSwitch: TapSwitch,
  removal: StationRemoval,
): Promise<number> {
  const { mac, port, vlan: wantedVlan, kind } = removal;
  if (mac === undefined) return flushStations(tapSwitch, removal);
  if (kind !== undefined) {
    throw new InvalidRequest([{ path: ['kind'], message: 'is for a flush, which has no mac' }]);
  }
  await tapSwitch.change(async () => {
    if (port !== undefined) await refuseElsewhere(tapSwitch, mac, port, wantedVlan);
    await tapSwitch.removeStation(mac, given(wantedVlan).vlan);
  });
  return 1;
}

function flushStations(
  tapSwitch: TapSwitch,
  { port, vlan: wantedVlan, kind }: StationRemoval,
): Promise<number> {
  return tapSwitch.change(async () => {
    const from = port === undefined ? undefined : findPort(tapSwitch.ports, port);
    const isOfAll = port === undefined && wantedVlan === undefined;
    const takesStatic = kind === undefined ? !isOfAll : kind === 'static';
    const fixed = takesStatic ? await tapSwitch.flushStaticStations(from, wantedVlan) : 0;
    const ageing = kind === 'static' ? 0 : await tapSwitch.flushStations(from, wantedVlan);
    return fixed + ageing;
  });
}

function given(wanted: number | undefined): { readonly vlan?: number } {
  return wanted === undefined || wanted === NO_VLAN ? {} : { vlan: wanted };
}

/** @throws RequestError where the station is behind another port than the one that was named */
async function refuseElsewhere(
  tapSwitch: TapSwitch,
  mac: string,
  label: string,
  wantedVlan = NO_VLAN,
): Promise<void> {
  const { id } = findPort(tapSwitch.ports, label);
  const entries = (await tapSwitch.stations()).filter(
    (entry) => entry.mac === mac && (wantedVlan === NO_VLAN || entry.vlan === wantedVlan),
  );
  const [elsewhere] = entries;
  if (elsewhere === undefined || entries.some(({ port }) => port === id)) return;
  const place = tapSwitch.ports.labelOf(elsewhere.port);
  throw new RequestError('conflict', `${mac} is behind ${place}, not behind ${label}`);
}

export function stationBody(entry: FdbEntry, { config, ports }: TapSwitch): StationBody {
  const port = ports.labelOf(entry.port);
  return {
    mac: entry.mac,
    port,
    ifname: port,
    ...(entry.vlan !== NO_VLAN && { vlan: entry.vlan }),
    flags: [...(entry.isSticky ? ['sticky'] : []), ...(entry.isLocked ? ['locked'] : [])],
    master: config.name,
    state: entry.isStatic ? 'static' : '',
    used: entry.usedAgoS,
    updated: Math.round(entry.updatedAgoMs / 1000),
  };
}
