/** The switch's own addresses. */

import { z } from 'zod';
import { type Cidr, cidr } from '../../config/values/cidr';
import type { OwnCidr } from '../../config/values/own-address';
import { vid } from '../../config/values/vid';
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
        body: mapping(
          { address: field(cidr), vlan: field(vid).optional() },
          { what: 'a mapping', keyIs: 'key' },
        ).meta({
          id: 'NewOwnAddress',
        }),
        response: { [CREATED]: z.array(ownAddressShape) },
      },
    },
    async ({ body }, reply) => {
      await tapSwitch.change(() => {
        const own = inVlan(body);
        tapSwitch.refuseAddressOfPort(own);
        tapSwitch.refuseBoundAddress(own);
        return tapSwitch.addAddress(own);
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
        querystring: mapping(
          { address: textField(cidr), vlan: textField(vid).optional() },
          { what: 'a query', keyIs: 'parameter' },
        ),
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ query }, reply) => {
      await tapSwitch.change(() => tapSwitch.removeAddress(inVlan(query)));
      return reply.code(NO_CONTENT).send();
    },
  );
}

function inVlan(own: { readonly address: Cidr; readonly vlan?: number | undefined }): OwnCidr {
  return { ...own.address, ...(own.vlan !== undefined && { vlan: own.vlan }) };
}
