/** The neighbour table, in the words of `ip neigh`. */

import { z } from 'zod';
import {
  addNeighbour,
  listNeighbours,
  neighbourBody,
  neighbourFilter,
  neighbourRemoval,
  newNeighbour,
  removeNeighbours,
} from '../../control/resources/neighbours';
import { neighbourShape, removedShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { Limit } from '../limit';
import { NO_BODY } from '../openapi';
import { sendList } from '../stream';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

export function neighbourRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'neighbour table');
  api.get(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'listNeighbours',
        summary: 'The neighbour table: hosts of IPv4 and IPv6',
        querystring: neighbourFilter.query,
        response: { 200: z.array(neighbourShape) },
      },
    },
    async (request, reply) => {
      readers.enter(reply.raw);
      const neighbours = await listNeighbours(tapSwitch, request.query);
      return sendList(reply, neighbours, (one) => neighbourBody(one, tapSwitch));
    },
  );
  api.post(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'setNeighbour',
        summary: 'Bind an address to a station permanently, in place of an existing binding',
        body: newNeighbour,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await addNeighbour(tapSwitch, body);
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/neighbours',
    {
      schema: {
        operationId: 'removeNeighbours',
        summary: 'Remove one binding, or, without an address, all learned bindings that match',
        querystring: neighbourRemoval.query,
        response: { 200: removedShape },
      },
    },
    async ({ query }) => ({ removed: await removeNeighbours(tapSwitch, query) }),
  );
}
