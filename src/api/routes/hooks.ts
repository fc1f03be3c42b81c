/** Hooks: programs on the frame path. */

import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { field, mapping, textField } from '../../config/rule-schema';
import { hookFile, hookName } from '../../config/values/hook-file';
import { type Rule, ValueError } from '../../config/values/rule';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { hookShape } from '../../control/shapes';

const NO_CONTENT = 204;
const CREATED = 201;

/** A path from a client, whose working directory the switch does not know. */
const absoluteFile: Rule<ReturnType<typeof hookFile.fromText>> = {
  ...hookFile,
  fromValue: (value) => {
    const hook = hookFile.fromValue(value);
    if (isAbsolute(value as string)) return hook;
    throw new ValueError('expected an absolute path: the switch has another working directory');
  },
};

const newHook = mapping(
  { file: field(absoluteFile).describe('absolute path of the module') },
  { what: 'a mapping', keyIs: 'key' },
).meta({ id: 'NewHook' });

const named = { what: 'a query', keyIs: 'parameter' };

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
    () => tapSwitch.hooks(),
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
      await tapSwitch.change(() => tapSwitch.addHook(body.file));
      reply.code(CREATED);
      return tapSwitch.hooks();
    },
  );
  api.post(
    '/v1/hooks/reload',
    {
      schema: {
        operationId: 'reloadHook',
        summary: 'Load the file of a hook again; it takes the place of the old one if it loads',
        body: mapping({ name: field(hookName) }, { what: 'a mapping', keyIs: 'key' }),
        response: { 200: z.array(hookShape) },
      },
    },
    async ({ body }) => {
      await tapSwitch.change(() => tapSwitch.reloadHook(body.name));
      return tapSwitch.hooks();
    },
  );
  api.delete(
    '/v1/hooks',
    {
      schema: {
        operationId: 'removeHook',
        summary: 'Remove a hook',
        querystring: mapping({ name: textField(hookName) }, named),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await tapSwitch.change(() => tapSwitch.removeHook(query.name));
      return reply.code(NO_CONTENT).send();
    },
  );
}
