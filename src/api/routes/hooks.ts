/** Hooks: programs on the frame path. */

import { z } from 'zod';
import {
  addHook,
  listHooks,
  namedHook,
  newHook,
  reloadHook,
  removeHook,
} from '../../control/resources/hooks';
import { hookShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;
const CREATED = 201;

export function hookRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/hooks',
    {
      schema: {
        operationId: 'listHooks',
        summary: 'Hooks, what they have done, and their counters',
        response: { 200: z.array(hookShape) },
      },
    },
    () => listHooks(tapSwitch),
  );
  api.post(
    '/v1/hooks',
    {
      schema: {
        operationId: 'addHook',
        summary: 'Load a hook, or replace the one of the same name',
        body: newHook,
        response: { [CREATED]: z.array(hookShape) },
      },
    },
    async ({ body }, reply) => {
      await addHook(tapSwitch, body);
      reply.code(CREATED);
      return listHooks(tapSwitch);
    },
  );
  api.post(
    '/v1/hooks/reload',
    {
      schema: {
        operationId: 'reloadHook',
        summary: 'Load the file of a hook again; it takes the place of the old one if it loads',
        body: namedHook.value,
        response: { 200: z.array(hookShape) },
      },
    },
    async ({ body }) => {
      await reloadHook(tapSwitch, body.name);
      return listHooks(tapSwitch);
    },
  );
  api.delete(
    '/v1/hooks',
    {
      schema: {
        operationId: 'removeHook',
        summary: 'Remove a hook',
        querystring: namedHook.query,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await removeHook(tapSwitch, query.name);
      return reply.code(NO_CONTENT).send();
    },
  );
}
