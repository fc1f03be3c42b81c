/** The neighbour table, in the words of `ip neigh`. */

import { z } from 'zod';
import { hostAddress } from '../../config/values/host-address';
import { field, mapping, textField } from '../../config/rule-schema';
import { stationMac } from '../../config/values/station-mac';
import { vid } from '../../config/values/vid';
import type { Neighbour } from '../../hosts/neighbours';
import { ANY_PORT } from '../../hosts/binding-table';
import { NO_VLAN } from '../../wire/vlan';
import { Limit } from '../limit';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { type NeighbourBody, neighbourShape, removedShape } from '../shapes';
import { sendList } from '../stream';
import { findPort, portName } from './ports';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

const query = { what: 'a query', keyIs: 'parameter' };

export function neighbourRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'neighbour table');
  api.get(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'listNeighbours',
        summary: 'The neighbour table: hosts of IPv4 and IPv6',
        querystring: mapping(
          { port: textField(portName).optional(), vlan: textField(vid).optional() },
          query,
        ),
        response: { 200: z.array(neighbourShape) },
      },
    },
    async (request, reply) => {
      const { port, vlan } = request.query;
      const wantedPort = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
      readers.enter(reply.raw);
      const neighbours = (await tapSwitch.neighbours()).filter(
        (neighbour) =>
          (wantedPort === undefined || neighbour.port === wantedPort) &&
          (vlan === undefined || neighbour.vlan === vlan),
      );
      return sendList(reply, neighbours, (one) => neighbourBody(one, tapSwitch));
    },
  );
  api.post(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'setNeighbour',
        summary: 'Bind an address to a station permanently, in place of an existing binding',
        body: mapping(
          {
            address: field(hostAddress),
            mac: field(stationMac),
            port: field(portName).optional(),
            vlan: field(vid).optional(),
          },
          { what: 'a mapping', keyIs: 'key' },
        ).meta({ id: 'NewNeighbour' }),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await tapSwitch.change(() => {
        const { address, mac, port, vlan } = body;
        return tapSwitch.addNeighbour({
          address: address.text,
          mac,
          ...(vlan !== undefined && { vlan }),
          ...(port !== undefined && { port: findPort(tapSwitch.ports, port).label }),
        });
      });
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'removeNeighbours',
        summary: 'Remove one binding, or, without an address, all learned bindings',
        querystring: mapping(
          {
            address: textField(hostAddress).optional(),
            port: textField(portName).optional(),
            vlan: textField(vid).optional(),
          },
          query,
        ),
        response: { 200: removedShape },
      },
    },
    async (request) => {
      const { address, port, vlan } = request.query;
      if (address !== undefined) {
        await tapSwitch.change(() => tapSwitch.removeNeighbour(address, vlan));
        return { removed: 1 };
      }
      const from = port === undefined ? undefined : findPort(tapSwitch.ports, port);
      return { removed: await tapSwitch.flushNeighbours(from) };
    },
  );
}

function neighbourBody(neighbour: Neighbour, { ports }: TapSwitch): NeighbourBody {
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
