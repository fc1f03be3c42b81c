/** The ports of the running switch. */

import { z } from 'zod';
import { ValueError, expected, textRule } from '../../config/values/rule';
import {
  DEFAULT_KIND,
  type PortSettings,
  type PortSpec,
  splitAtFirst,
  splitKind,
} from '../../config/values/port-spec';
import type { PortGrammar } from '../../config/port-grammar';
import {
  portSchema,
  portSettingsSchema,
  readShape,
  textField,
  toJsonSchema,
} from '../../config/rule-schema';
import { BRIDGE_KEYS } from '../../ports/bridge-keys';
import type { Port, PortKind } from '../../ports/port';
import type { PortSet } from '../../ports/port-set';
import { findUnknownValues } from '../../ports/refuse-port';
import { RequestError } from '../../system/request-error';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { NO_BODY } from '../openapi';
import { InvalidRequest } from '../problem';
import { type PortBody, portShape } from '../shapes';

/** Label of a port. The rule does not check whether the port exists. */
export const portName = textRule('a port: [KIND:]NAME[@NETNS]', (text) => text || undefined);

const CREATED = 201;
const NO_CONTENT = 204;

const onePort = z.object({ port: textField(portName) });

export function portRoutes(api: Api, tapSwitch: TapSwitch): void {
  const { ports } = tapSwitch;
  const { kinds } = ports;
  /** Schemas of settings, by kind of port. */
  const settingsSchemas = new Map(
    kinds.kinds.map((kind) => [kind, portSettingsSchema(kinds, kind)] as const),
  );
  const anySettings = z
    .record(z.string(), z.unknown(), {
      error: ({ input }) => expected('a mapping', input).message,
    })
    .meta({ id: 'PortSettings', anyOf: [...settingsSchemas.values()].map(toJsonSchema) });
  api.get(
    '/v1/ports',
    {
      schema: {
        operationId: 'listPorts',
        summary: 'All ports',
        response: { 200: z.array(portShape) },
      },
    },
    () => ports.all.map(portBody),
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
      refuseUnknown(kinds.kindOf(body), body);
      const added = await tapSwitch.change(() => {
        tapSwitch.refusePort(body);
        return ports.addAll(body);
      });
      const [port] = added as [Port];
      if (added.length > 1) return reply.code(CREATED).send(added.map(portBody));
      return reply
        .code(CREATED)
        .header('location', `/v1/ports/${encodeURIComponent(port.label)}`)
        .send(portBody(port));
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
    ({ params }) => portBody(findPort(ports, params.port)),
  );
  api.patch(
    '/v1/ports/:port',
    {
      schema: {
        operationId: 'changePort',
        summary: "Change the settings of a port's interface, or the port's ARP, ND and inspection",
        params: onePort,
        body: anySettings,
        response: { 200: portShape },
      },
    },
    ({ params, body }) =>
      tapSwitch.change(async () => {
        const port = findPort(ports, params.port);
        const read = readShape(settingsSchemas.get(port.kind) as z.ZodType<PortSettings>, body);
        if ('faults' in read) throw new InvalidRequest(read.faults);
        refuseUnknown(port.kind, read.data);
        tapSwitch.refusePort({ ...port.namedSpec, ...read.data });
        await consistent(() => ports.set(port, read.data));
        return portBody(port);
      }),
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
      await tapSwitch.change(() => ports.remove(findPort(ports, params.port)));
      return reply.code(NO_CONTENT).send();
    },
  );
}

/**
 * Schema of a new port: text, or a mapping. A mapping may have the label of the port under `port`, as the
 * answers have, in place of `kind`, `name` and `netns`.
 */
function newPortSchema(grammar: PortGrammar): z.ZodType<PortSpec> {
  const schema = portSchema(grammar);
  const { anyOf } = toJsonSchema(schema) as { anyOf: object[] };
  const labelled = {
    type: 'object',
    properties: { port: { type: 'string', description: '[KIND:]NAME[@NETNS]' } },
    required: ['port'],
    description: 'the label of the port, and any key of its kind',
  };
  return z
    .unknown()
    .meta({ anyOf: [...anyOf, labelled] })
    .transform((value) => withoutLabel(grammar, value))
    .pipe(schema)
    .meta({ id: 'NewPort' });
}

/** A mapping with `kind`, `name` and `netns` in place of `port`. Any other value stays as it is. */
function withoutLabel(grammar: PortGrammar, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('port' in value)) return value;
  const { port, ...settings } = value;
  if (typeof port !== 'string' || 'name' in value) return value;
  const { kind, rest } = splitKind(port);
  const hasNetns = grammar.kinds.some((one) => one.name === (kind ?? DEFAULT_KIND) && one.hasNetns);
  const [name, netns] = hasNetns ? splitAtFirst(rest, '@') : [rest];
  return {
    ...(kind !== undefined && { kind }),
    name,
    ...(netns !== undefined && { netns }),
    ...settings,
  };
}

/** @throws InvalidRequest for a value that this machine does not have, such as an owner. */
function refuseUnknown(kind: PortKind, settings: PortSettings): void {
  const unknown = findUnknownValues(kind, settings);
  if (unknown.length === 0) return;
  throw new InvalidRequest(unknown.map(({ key, message }) => ({ path: [key], message })));
}

/** @throws InvalidRequest for keys that contradict each other, or a key that the port has already */
async function consistent(set: () => Promise<void>): Promise<void> {
  try {
    await set();
  } catch (error) {
    if (error instanceof ValueError) {
      throw new InvalidRequest([{ path: [], message: error.message }]);
    }
    throw error;
  }
}

/** @throws RequestError where there is no such port. */
export function findPort(ports: PortSet, label: string): Port {
  const port = ports.find(label);
  if (port !== undefined) return port;
  throw new RequestError('not-found', ports.explainMissing(label));
}

export function portBody(port: Port): PortBody {
  const { id, kind, label, kernelName, origin, shownState, mtuBytes, takesOffloads, problem } =
    port;
  const { fastObstacle, shutReason } = port;
  const trouble = problem ?? shutReason;
  return {
    id,
    port: label,
    kind: kind.name,
    kernelName,
    origin,
    state: shownState,
    mtu: mtuBytes,
    offload: takesOffloads,
    fast: fastObstacle === undefined,
    ...(fastObstacle !== undefined && { fastObstacle }),
    ...Object.fromEntries([...BRIDGE_KEYS.keys()].map((key) => [key, port.holds(key)])),
    ...('address' in kind.keys && { address: port.holds('address') as string[] }),
    ...(trouble !== undefined && { problem: trouble }),
  };
}
