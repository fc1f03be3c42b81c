/** Mirrors: copies of the frames of some ports for another port. */

import { z } from 'zod';
import { field, mapping, textField } from '../../config/rule-schema';
import { checkMirror, mirrorDirection, mirrorName, mirrorVlan } from '../../config/values/mirror';
import { ValueError, onOff, textRule } from '../../config/values/rule';
import type { TapSwitch } from '../../control/tap-switch';
import { RequestError } from '../../system/request-error';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { mirrorShape } from '../shapes';
import { portName } from './ports';

const NO_CONTENT = 204;
const CREATED = 201;

const filter = textRule('a filter in the words of tcpdump', (text) => text);

const newMirror = mapping(
  {
    name: field(mirrorName),
    from: z.array(field(portName)).min(1).describe('ports whose frames are copied'),
    direction: field(mirrorDirection).optional(),
    vlan: field(mirrorVlan).optional(),
    filter: field(filter).optional(),
    to: field(portName),
    shared: field(onOff).optional(),
  },
  { what: 'a mapping', keyIs: 'key' },
).meta({ id: 'NewMirror' });

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
        summary: 'Add a mirror, or replace the one of the same name',
        body: newMirror,
        response: { [CREATED]: z.array(mirrorShape) },
      },
    },
    async ({ body }, reply) => {
      const { name, from, direction = 'both', vlan, filter: words, to, shared = false } = body;
      const more = {
        ...(vlan !== undefined && { vlan }),
        ...(words !== undefined && { filter: words }),
      };
      const spec = { name, from, direction, ...more, port: to, shared };
      await tapSwitch.change(() => tapSwitch.addMirror(checked(spec)));
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
        querystring: mapping(
          { name: textField(mirrorName) },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await tapSwitch.change(() => tapSwitch.removeMirror(query.name));
      return reply.code(NO_CONTENT).send();
    },
  );
}

/** @throws RequestError for a mirror that contradicts itself */
function checked(spec: Parameters<typeof checkMirror>[0]): ReturnType<typeof checkMirror> {
  try {
    return checkMirror(spec);
  } catch (error) {
    if (error instanceof ValueError) throw new RequestError('conflict', error.message);
    throw error;
  }
}
