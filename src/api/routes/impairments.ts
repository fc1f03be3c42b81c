/** Impairments: faults that frames of some ports meet. */

import { z } from 'zod';
import {
  addImpairment,
  impairmentRemoval,
  listImpairments,
  newImpairment,
  removeImpairments,
} from '../../control/resources/impairments';
import { impairmentShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;
const CREATED = 201;

export function impairmentRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/impairments',
    {
      schema: {
        operationId: 'listImpairments',
        summary: 'Impairments',
        response: { 200: z.array(impairmentShape) },
      },
    },
    () => listImpairments(tapSwitch),
  );
  api.post(
    '/v1/impairments',
    {
      schema: {
        operationId: 'addImpairment',
        summary: 'Add an impairment, or replace the one of the same port, direction and frames',
        body: newImpairment,
        response: { [CREATED]: z.array(impairmentShape) },
      },
    },
    async ({ body }, reply) => {
      await addImpairment(tapSwitch, body);
      reply.code(CREATED);
      return listImpairments(tapSwitch);
    },
  );
  api.delete(
    '/v1/impairments',
    {
      schema: {
        operationId: 'removeImpairments',
        summary: 'Remove the impairments of a port that fit',
        querystring: impairmentRemoval.query,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await removeImpairments(tapSwitch, query);
      return reply.code(NO_CONTENT).send();
    },
  );
}
