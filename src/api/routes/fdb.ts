/** The forwarding database, in the words of `bridge fdb`. */

import { z } from 'zod';
import {
  addStation,
  listStations,
  newStation,
  removeStations,
  stationBody,
  stationFilter,
  stationRemoval,
} from '../../control/resources/stations';
import { removedShape, stationShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { Limit } from '../limit';
import { NO_BODY } from '../openapi';
import { sendList } from '../stream';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

export function fdbRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'forwarding database');
  api.get(
    '/v1/fdb',
    {
      schema: {
        operationId: 'listStations',
        summary: 'The forwarding database',
        querystring: stationFilter.query,
        response: { 200: z.array(stationShape) },
      },
    },
    async (request, reply) => {
      readers.enter(reply.raw);
      const entries = await listStations(tapSwitch, request.query);
      return sendList(reply, entries, (entry) => stationBody(entry, tapSwitch));
    },
  );
  api.post(
    '/v1/fdb',
    {
      schema: {
        operationId: 'setStation',
        summary: 'Add or replace an entry',
        body: newStation,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await addStation(tapSwitch, body);
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
        querystring: stationRemoval.query,
        response: { 200: removedShape },
      },
    },
    async ({ query }) => ({ removed: await removeStations(tapSwitch, query) }),
  );
}
