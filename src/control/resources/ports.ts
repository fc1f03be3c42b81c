/** The ports of the running switch: what may be asked of them, and how they are shown. */

import { z } from 'zod';
import { ValueError, expected, textRule } from '../../config/values/rule';
import {
  DEFAULT_KIND,
  type PortSettings,
  type PortSpec,
  portLabel,
  splitAtFirst,
  splitKind,
} from '../../config/values/port-spec';
import type { PortGrammar } from '../../config/port-grammar';
import {
  field,
  madeOnce,
  madeWhenRead,
  mapping,
  portSchema,
  portSettingsSchema,
  readShape,
  toJsonSchema,
} from '../../config/rule-schema';
import { BRIDGE_KEYS } from '../../ports/bridge-keys';
import type { PortKinds } from '../../ports/kinds';
import type { Port, PortKind } from '../../ports/port';
import type { PortSet } from '../../ports/port-set';
import { findUnknownValues } from '../../ports/refuse-port';
import { defaultPathCost } from '../../stp/tree-port';
import { RequestError } from '../../system/request-error';
import { InvalidRequest } from '../invalid-request';
import type { PortBody, linkShape } from '../shapes';
import { MAPPING } from './forms';
import type { TapSwitch } from '../tap-switch';

/** Label of a port. The rule does not check whether the port exists. */
export const portName = textRule('a port: [KIND:]NAME[@NETNS]', (text) => text || undefined);

/** The label of one port, of a program. */
export const onePort = mapping({ port: field(portName) }, MAPPING);

/**
 * Schema of a new port: text, or a mapping. A mapping may have the label of the port under `port`, as the
 * answers have, in place of `kind`, `name` and `netns`.
 */
export function newPortSchema(grammar: PortGrammar): z.ZodType<PortSpec> {
  const schema = portSchema(grammar);
  const labelled = {
    type: 'object',
    properties: { port: { type: 'string', description: '[KIND:]NAME[@NETNS]' } },
    required: ['port'],
    description: 'the label of the port, and any key of its kind',
  };
  return z
    .unknown()
    .meta(madeWhenRead(() => [...(toJsonSchema(schema) as { anyOf: object[] }).anyOf, labelled]))
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

/** Settings of open ports: which ones depends on the kind of the port. */
export class PortSettingsSchemas {
  /** Schema of a mapping, for a document: the mapping of some kind. */
  readonly any: z.ZodType<Record<string, unknown>>;
  private readonly schemaOf: (kind: PortKind) => z.ZodType<PortSettings>;

  constructor(kinds: PortKinds) {
    this.schemaOf = madeOnce((kind) => portSettingsSchema(kinds, kind));
    this.any = z
      .record(z.string(), z.unknown(), {
        error: ({ input }) => expected('a mapping', input).message,
      })
      .meta(madeWhenRead(() => kinds.kinds.map((kind) => toJsonSchema(this.schemaOf(kind)))))
      .meta({ id: 'PortSettings' });
  }

  /** @throws InvalidRequest */
  read({ kind }: Port, settings: unknown): PortSettings {
    const read = readShape(this.schemaOf(kind), settings);
    if ('faults' in read) throw new InvalidRequest(read.faults);
    return read.data;
  }
}

/** Adds all ports of one specification, or none. @throws InvalidRequest, RequestError, StartError */
export async function addPorts(tapSwitch: TapSwitch, spec: PortSpec): Promise<Port[]> {
  const { ports } = tapSwitch;
  refuseUnknown(ports.kinds.kindOf(spec), spec);
  return tapSwitch.change(() => {
    tapSwitch.refusePort(spec);
    tapSwitch.refuseBackup(portLabel(spec), spec);
    return ports.addAll(spec);
  });
}

/**
 * Changes settings of a port.
 * @param given settings that are not checked yet
 * @throws InvalidRequest, RequestError, StartError; nothing has changed then
 */
export function setPort(
  tapSwitch: TapSwitch,
  label: string,
  schemas: PortSettingsSchemas,
  given: unknown,
): Promise<Port> {
  const { ports } = tapSwitch;
  return tapSwitch.change(async () => {
    const port = findPort(ports, label);
    const settings = schemas.read(port, given);
    refuseUnknown(port.kind, settings);
    tapSwitch.refusePort({ ...port.namedSpec, ...settings });
    tapSwitch.refuseBackup(port.label, settings);
    await consistent(() => ports.set(port, settings));
    return port;
  });
}

export function removePort(tapSwitch: TapSwitch, label: string): Promise<void> {
  const { ports } = tapSwitch;
  return tapSwitch.change(() => ports.remove(findPort(ports, label)));
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
  throw new RequestError('not-found', ports.explainMissing(label), 'ERR_NO_SUCH_PORT');
}

export function portBody({ config }: TapSwitch, port: Port): PortBody {
  const { id, kind, label, kernelName, origin, shownState, mtuBytes, takesOffloads, problem } =
    port;
  const { fastObstacle, shutReason } = port;
  const trouble = problem ?? shutReason;
  return {
    id,
    port: label,
    ...linkKeys(config.name, port),
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

/**
 * Keys of `bridge -d -j link show` (iproute2, bridge/link.c) whose names are not those of a port's keys. The kernel
 * has 64 priorities of a port, and the standard 16 in steps of 16.
 */
function linkKeys(bridge: string, port: Port): z.output<typeof linkShape> {
  const held = <T>(key: string): T => port.holds(key) as T;
  const cost = held<number | 'auto'>('stp-cost');
  return {
    ifname: port.label,
    master: bridge,
    priority: held<number>('stp-priority') / 4,
    cost: cost === 'auto' ? defaultPathCost(port.linkSpeedMbps) : cost,
    guard: held('bpdu-guard'),
    root_block: held('root-guard'),
    mcast_flood: held('mcast-flood'),
    bcast_flood: held('bcast-flood'),
    mcast_router: held('mcast-router'),
    mcast_max_groups: held('mcast-max-groups'),
    neigh_suppress: held('neigh-suppress'),
    ...(held('backup') !== 'off' && { backup_port: held<string>('backup') }),
  };
}
