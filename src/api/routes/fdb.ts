/** The forwarding database, in the words of `bridge fdb`. */

import { z } from 'zod';
import { oneOf, wholeNumber } from '../../config/values/rule';
import { field, mapping, textField } from '../../config/rule-schema';
import { stationMac } from '../../config/values/station-mac';
import type { FdbEntry } from '../../l2/fdb/entry';
import { RequestError } from '../../system/request-error';
import { MAX_VID, NO_VLAN } from '../../wire/vlan';
import { Limit } from '../limit';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { InvalidRequest } from '../problem';
import { type StationBody, removedShape, stationShape } from '../shapes';
import { sendList } from '../stream';
import { findPort, portName } from './ports';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

const vlan = wholeNumber({ from: NO_VLAN, to: MAX_VID });
/** Entries that are flushed: those that age, sticky ones included, or static ones. */
const flushedKind = oneOf('dynamic', 'static');
const query = { what: 'a query', keyIs: 'parameter' };

export function fdbRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'forwarding database');
  api.get(
    '/v1/fdb',
    {
      schema: {
        operationId: 'listStations',
        summary: 'The forwarding database',
        querystring: mapping(
          { port: textField(portName).optional(), vlan: textField(vlan).optional() },
          query,
        ),
        response: { 200: z.array(stationShape) },
      },
    },
    async (request, reply) => {
      const { port, vlan: wantedVlan } = request.query;
      const wantedPort = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
      readers.enter(reply.raw);
      const entries = (await tapSwitch.stations()).filter(
        (entry) =>
          (wantedPort === undefined || entry.port === wantedPort) &&
          (wantedVlan === undefined || entry.vlan === wantedVlan),
      );
      return sendList(reply, entries, (entry) => stationBody(entry, tapSwitch));
    },
  );
  api.post(
    '/v1/fdb',
    {
      schema: {
        operationId: 'setStation',
        summary: 'Add or replace an entry',
        body: mapping(
          {
            mac: field(stationMac),
            port: field(portName),
            vlan: field(vlan).optional(),
            kind: field(oneOf('static', 'sticky')).optional(),
          },
          { what: 'a mapping', keyIs: 'key' },
        ).meta({ id: 'NewStation' }),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await tapSwitch.change(() => {
        const { label } = findPort(tapSwitch.ports, body.port);
        const { mac, kind = 'static' } = body;
        return tapSwitch.addStation({ mac, port: label, kind, ...given(body.vlan) });
      });
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/fdb',
    {
      schema: {
        operationId: 'removeStations',
        summary:
          'Remove one entry, or, without an address, all that match; without any word, those that age',
        querystring: mapping(
          {
            mac: textField(stationMac).optional(),
            port: textField(portName).optional(),
            vlan: textField(vlan).optional(),
            kind: textField(flushedKind).optional(),
          },
          query,
        ),
        response: { 200: removedShape },
      },
    },
    async (request) => {
      const { mac, port, vlan: wantedVlan, kind } = request.query;
      if (mac !== undefined) {
        if (kind !== undefined) {
          const message = 'is for a flush, which has no mac';
          throw new InvalidRequest([{ path: ['kind'], message }]);
        }
        await tapSwitch.change(async () => {
          if (port !== undefined) await refuseElsewhere(tapSwitch, mac, port, wantedVlan);
          await tapSwitch.removeStation(mac, given(wantedVlan).vlan);
        });
        return { removed: 1 };
      }
      const removed = await tapSwitch.change(async () => {
        const from = port === undefined ? undefined : findPort(tapSwitch.ports, port);
        // Without any word, static entries stay.
        const isOfAll = port === undefined && wantedVlan === undefined;
        const takesStatic = kind === undefined ? !isOfAll : kind === 'static';
        const fixed = takesStatic ? await tapSwitch.flushStaticStations(from, wantedVlan) : 0;
        return kind === 'static'
          ? fixed
          : fixed + (await tapSwitch.flushStations(from, wantedVlan));
      });
      return { removed };
    },
  );
}

/** VLAN of an entry; VLAN 0 is none. */
function given(vlan: number | undefined): { readonly vlan?: number } {
  return vlan === undefined || vlan === NO_VLAN ? {} : { vlan };
}

/** @throws RequestError where the station is behind another port than the one that was named */
async function refuseElsewhere(
  tapSwitch: TapSwitch,
  mac: string,
  label: string,
  vlan = NO_VLAN,
): Promise<void> {
  const { id } = findPort(tapSwitch.ports, label);
  const entries = (await tapSwitch.stations()).filter(
    (entry) => entry.mac === mac && (vlan === NO_VLAN || entry.vlan === vlan),
  );
  const [elsewhere] = entries;
  if (elsewhere === undefined || entries.some(({ port }) => port === id)) return;
  const place = tapSwitch.ports.labelOf(elsewhere.port);
  throw new RequestError('conflict', `${mac} is behind ${place}, not behind ${label}`);
}

function stationBody(entry: FdbEntry, { config, ports }: TapSwitch): StationBody {
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
