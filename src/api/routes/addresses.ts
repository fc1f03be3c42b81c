/** The switch's own addresses. */

import { z } from 'zod';
import {
  addAddress,
  addressFilter,
  listAddresses,
  ownAddress,
  removeAddress,
} from '../../control/resources/addresses';
import { ownAddressShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const NO_CONTENT = 204;
const CREATED = 201;

export function addressRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/addresses',
    {
      schema: {
        operationId: 'listAddresses',
        summary: "The switch's own addresses and the progress of their claims",
        querystring: addressFilter.query,
        response: { 200: z.array(ownAddressShape) },
      },
    },
    ({ query }) => listAddresses(tapSwitch, query),
  );
  api.post(
    '/v1/addresses',
    {
      schema: {
        operationId: 'addAddress',
        summary: 'Start to claim an address',
        body: ownAddress.value.meta({ id: 'NewOwnAddress' }),
        response: { [CREATED]: z.array(ownAddressShape) },
      },
    },
    async ({ body }, reply) => {
      await addAddress(tapSwitch, body);
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
        querystring: ownAddress.query,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await removeAddress(tapSwitch, query);
      return reply.code(NO_CONTENT).send();
    },
  );
}
