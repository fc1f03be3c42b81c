/** The switch's own addresses. */

import { z } from 'zod';
import { cidr } from '../../config/values/cidr';
import { field, mapping, textField } from '../../config/rule-schema';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { ownAddressShape } from '../shapes';

const NO_CONTENT = 204;
const CREATED = 201;

export function addressRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/addresses',
    {
      schema: {
        operationId: 'listAddresses',
        summary: "The switch's own addresses and the progress of their claims",
        response: { 200: z.array(ownAddressShape) },
      },
    },
    () => tapSwitch.ownAddresses(),
  );
  api.post(
    '/v1/addresses',
    {
      schema: {
        operationId: 'addAddress',
        summary: 'Start to claim an address',
        body: mapping({ address: field(cidr) }, { what: 'a mapping', keyIs: 'key' }).meta({
          id: 'NewOwnAddress',
        }),
        response: { [CREATED]: z.array(ownAddressShape) },
      },
    },
    async ({ body }, reply) => {
      await tapSwitch.change(() => {
        tapSwitch.refuseAddressOfPort(body.address);
        tapSwitch.refuseBoundAddress(body.address);
        return tapSwitch.addAddress(body.address);
      });
      reply.code(CREATED);
      return tapSwitch.ownAddresses();
    },
  );
  api.delete(
    '/v1/addresses',
    {
      schema: {
        operationId: 'removeAddress',
        summary: 'Give up an address',
        querystring: mapping({ address: textField(cidr) }, { what: 'a query', keyIs: 'parameter' }),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await tapSwitch.change(() => tapSwitch.removeAddress(query.address));
      return reply.code(NO_CONTENT).send();
    },
  );
}
