/** The group table, in the words of `bridge mdb`. */

import { z } from 'zod';
import {
  addGroup,
  groupRemoval,
  listGroups,
  newGroup,
  removeGroups,
} from '../../control/resources/groups';
import { portFilter } from '../../control/resources/stats';
import { mdbShape, removedShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { Limit } from '../limit';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

export function mdbRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'group table');
  api.get(
    '/v1/mdb',
    {
      schema: {
        operationId: 'getGroups',
        summary: 'The group table, and the ports of multicast routers',
        querystring: portFilter.query,
        response: { 200: z.array(mdbShape) },
      },
    },
    async (request, reply) => {
      readers.enter(reply.raw);
      return [await listGroups(tapSwitch, request.query)];
    },
  );
  api.post(
    '/v1/mdb',
    {
      schema: {
        operationId: 'addGroup',
        summary: 'Add an entry, or replace it',
        body: newGroup,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await addGroup(tapSwitch, body);
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/mdb',
    {
      schema: {
        operationId: 'removeGroups',
        summary: 'Remove one entry, or, without a group, each entry that matches',
        querystring: groupRemoval.query,
        response: { 200: removedShape },
      },
    },
    async ({ query }) => ({ removed: await removeGroups(tapSwitch, query) }),
  );
}
