/** The ports of the running switch. */

import { z } from 'zod';
import { textField } from '../../config/rule-schema';
import {
  PortSettingsSchemas,
  addPorts,
  findPort,
  newPortSchema,
  portBody,
  portName,
  removePort,
  setPort,
} from '../../control/resources/ports';
import { type PortBody, portShape } from '../../control/shapes';
import type { TapSwitch } from '../../control/tap-switch';
import type { Port } from '../../ports/port';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';

const CREATED = 201;
const NO_CONTENT = 204;

const onePort = z.object({ port: textField(portName) });

export function portRoutes(api: Api, tapSwitch: TapSwitch): void {
  const { ports } = tapSwitch;
  const { kinds } = ports;
  const settings = new PortSettingsSchemas(kinds);
  const bodyOf = (port: Port): PortBody => portBody(tapSwitch, port);
  api.get(
    '/v1/ports',
    {
      schema: {
        operationId: 'listPorts',
        summary: 'All ports',
        response: { 200: z.array(portShape) },
      },
    },
    () => ports.all.map(bodyOf),
  );
  api.post(
    '/v1/ports',
    {
      schema: {
        operationId: 'addPort',
        summary: 'Add a port; the answer is a list where one specification asks for several',
        body: newPortSchema(kinds),
        response: { [CREATED]: z.union([portShape, z.array(portShape)]) },
      },
    },
    async ({ body }, reply) => {
      const added = await addPorts(tapSwitch, body);
      const [port] = added as [Port];
      if (added.length > 1) return reply.code(CREATED).send(added.map(bodyOf));
      return reply
        .code(CREATED)
        .header('location', `/v1/ports/${encodeURIComponent(port.label)}`)
        .send(bodyOf(port));
    },
  );
  api.get(
    '/v1/ports/:port',
    {
      schema: {
        operationId: 'getPort',
        summary: 'One port',
        params: onePort,
        response: { 200: portShape },
      },
    },
    ({ params }) => bodyOf(findPort(ports, params.port)),
  );
  api.patch(
    '/v1/ports/:port',
    {
      schema: {
        operationId: 'changePort',
        summary: "Change the settings of a port's interface, or the port's ARP, ND and inspection",
        params: onePort,
        body: settings.any,
        response: { 200: portShape },
      },
    },
    async ({ params, body }) => bodyOf(await setPort(tapSwitch, params.port, settings, body)),
  );
  api.delete(
    '/v1/ports/:port',
    {
      schema: {
        operationId: 'removePort',
        summary: 'Remove a port',
        params: onePort,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ params }, reply) => {
      await removePort(tapSwitch, params.port);
      return reply.code(NO_CONTENT).send();
    },
  );
}
