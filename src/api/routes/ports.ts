/** The ports of the running switch. */

import { z } from 'zod';
import { textRule } from '../../config/values/rule';
import { type PortSettings, SETTING_RULES } from '../../config/values/port-spec';
import { field, mapping, portSchema, textField } from '../../config/rule-schema';
import type { PortSet } from '../../ports/port-set';
import { Refusal } from '../../system/refusal';
import type { TapPort } from '../../ports/tap-port';
import type { TapSwitch } from '../../control/tap-switch';
import { findUnknownAccounts } from '../../ports/unknown-accounts';
import type { Api } from '../api';
import { InvalidRequest } from '../problem';
import { type PortBody, portShape } from '../shapes';

/** The name of a port. Whether such a port exists is not checked here: see `findPort`. */
export const portName = textRule('a port: NAME, or NAME@NETNS', (text) => text || undefined);

const CREATED = 201;
const NO_CONTENT = 204;

const settingsSchema = mapping(
  {
    mtu: field(SETTING_RULES.mtu).optional(),
    queue: field(SETTING_RULES.queue).optional(),
    mac: field(SETTING_RULES.mac).optional(),
    up: field(SETTING_RULES.up).optional(),
    trusted: field(SETTING_RULES.trusted).optional(),
    'neigh-suppress': field(SETTING_RULES['neigh-suppress']).optional(),
    persist: field(SETTING_RULES.persist).optional(),
    owner: field(SETTING_RULES.owner).optional(),
    group: field(SETTING_RULES.group).optional(),
    offload: field(SETTING_RULES.offload).optional(),
  },
  { what: 'a mapping', keyIs: 'key' },
);

const onePort = z.object({ port: textField(portName) });

export function portRoutes(api: Api, tapSwitch: TapSwitch): void {
  const { ports } = tapSwitch;
  api.get(
    '/v1/ports',
    { schema: { summary: 'All ports', response: { 200: z.array(portShape) } } },
    () => ports.all.map(portBody),
  );
  api.post(
    '/v1/ports',
    { schema: { summary: 'Add a port', body: portSchema, response: { [CREATED]: portShape } } },
    async ({ body }, reply) => {
      refuseUnknownAccounts(body);
      const port = await tapSwitch.change(() => ports.add(body));
      return reply
        .code(CREATED)
        .header('location', `/v1/ports/${encodeURIComponent(port.label)}`)
        .send(portBody(port));
    },
  );
  api.get(
    '/v1/ports/:port',
    { schema: { summary: 'One port', params: onePort, response: { 200: portShape } } },
    ({ params }) => portBody(findPort(ports, params.port)),
  );
  api.patch(
    '/v1/ports/:port',
    {
      schema: {
        summary: "Change the settings of a port's interface, or the port's ARP, ND and inspection",
        params: onePort,
        body: settingsSchema,
        response: { 200: portShape },
      },
    },
    ({ params, body }) => {
      refuseUnknownAccounts(body);
      return tapSwitch.change(async () => {
        const port = findPort(ports, params.port);
        await ports.set(port, body);
        return portBody(port);
      });
    },
  );
  api.delete(
    '/v1/ports/:port',
    { schema: { summary: 'Remove a port', params: onePort } },
    async ({ params }, reply) => {
      await tapSwitch.change(() => ports.remove(findPort(ports, params.port)));
      return reply.code(NO_CONTENT).send();
    },
  );
}

/** @throws InvalidRequest for an owner or a group that does not exist. */
function refuseUnknownAccounts(settings: PortSettings): void {
  const unknown = findUnknownAccounts(settings);
  if (unknown.length === 0) return;
  throw new InvalidRequest(unknown.map(({ key, message }) => ({ path: [key], message })));
}

/** @throws Refusal where there is no such port. */
export function findPort(ports: PortSet, label: string): TapPort {
  const port = ports.find(label);
  if (port !== undefined) return port;
  throw new Refusal('not-found', ports.explainMissing(label));
}

export function portBody(port: TapPort): PortBody {
  const { id, label, kernelName, state, mtuBytes, takesOffloads, trusted } = port;
  const { neighSuppress, problem } = port;
  return {
    id,
    port: label,
    kernelName,
    state,
    mtu: mtuBytes,
    offload: takesOffloads,
    trusted,
    'neigh-suppress': neighSuppress,
    ...(problem !== undefined && { problem }),
  };
}
