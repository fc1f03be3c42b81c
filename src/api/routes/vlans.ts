/** The VLANs of the ports, in the words of `bridge vlan`. */

import { z } from 'zod';
import {
  addVlans,
  listVlans,
  newVlans,
  removeVlans,
  vlanFilter,
  vlanRemoval,
} from '../../control/resources/vlans';
import { portVlansShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;

export function vlanRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/vlans',
    {
      schema: {
        operationId: 'listVlans',
        summary: 'The VLANs of the ports',
        querystring: vlanFilter.query,
        response: { 200: z.array(portVlansShape) },
      },
    },
    ({ query }) => listVlans(tapSwitch, query),
  );
  api.post(
    '/v1/vlans',
    {
      schema: {
        operationId: 'addVlans',
        summary: 'Make a port a member of VLANs; a VID that it has takes the new flags',
        body: newVlans,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      await addVlans(tapSwitch, body);
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/vlans',
    {
      schema: {
        operationId: 'removeVlans',
        summary: 'End the membership of a port in VLANs',
        querystring: vlanRemoval.query,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await removeVlans(tapSwitch, query);
      return reply.code(NO_CONTENT).send();
    },
  );
}
