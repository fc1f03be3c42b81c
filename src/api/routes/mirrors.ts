/** Mirrors: copies of the frames of some ports for another port. */

import { z } from 'zod';
import { addMirror, mirrorRemoval, newMirror, removeMirror } from '../../control/resources/mirrors';
import { mirrorShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;
const CREATED = 201;

export function mirrorRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/mirrors',
    {
      schema: {
        operationId: 'listMirrors',
        summary: 'Mirrors',
        response: { 200: z.array(mirrorShape) },
      },
    },
    () => tapSwitch.mirrors(),
  );
  api.post(
    '/v1/mirrors',
    {
      schema: {
        operationId: 'addMirror',
        summary: 'Add a mirror; with `replace`, in place of the one of the same name',
        body: newMirror,
        response: { [CREATED]: z.array(mirrorShape) },
      },
    },
    async ({ body }, reply) => {
      await addMirror(tapSwitch, body);
      reply.code(CREATED);
      return tapSwitch.mirrors();
    },
  );
  api.delete(
    '/v1/mirrors',
    {
      schema: {
        operationId: 'removeMirror',
        summary: 'Remove a mirror',
        querystring: mirrorRemoval.query,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await removeMirror(tapSwitch, query.name);
      return reply.code(NO_CONTENT).send();
    },
  );
}
