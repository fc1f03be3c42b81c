/** The group table, in the words of `bridge mdb`. */

import { z } from 'zod';
import { groupAddress } from '../../config/values/group-address';
import { hostAddress } from '../../config/values/host-address';
import { onOff, oneOf, wholeNumber } from '../../config/values/rule';
import { field, mapping, textField } from '../../config/rule-schema';
import type { TapSwitch } from '../../control/tap-switch';
import type { ContextState } from '../../mcast/contexts';
import type { GroupEntry } from '../../mcast/static-groups';
import { RequestError } from '../../system/request-error';
import { NO_VLAN } from '../../wire/vlan';
import type { Api } from '../api';
import { Limit } from '../limit';
import { NO_BODY } from '../openapi';
import { type MdbBody, type MdbEntryBody, mdbShape, removedShape } from '../shapes';
import { findPort, portName } from './ports';

const NO_CONTENT = 204;

/** Most readers at the same time: each holds a copy of the table until it has read it. */
const READERS_MAX = 8;

const MAX_VLAN = 4094;
/** VLAN of an entry; 0 while the switch does not filter by VLAN. */
const vid = wholeNumber({ from: 0, to: MAX_VLAN });
const state = oneOf('permanent', 'temp');
const filterMode = oneOf('include', 'exclude');

const query = { what: 'a query', keyIs: 'parameter' };

const entryBody = mapping(
  {
    port: field(portName),
    group: field(groupAddress),
    source: field(hostAddress).optional(),
    state: field(state).optional(),
    vlan: field(vid).optional(),
    filter_mode: field(filterMode).optional(),
    source_list: z.array(field(hostAddress)).optional(),
    replace: field(onOff).optional(),
  },
  { what: 'a mapping', keyIs: 'key' },
).meta({ id: 'NewGroup' });

const filterQuery = mapping(
  {
    port: textField(portName).optional(),
    group: textField(groupAddress).optional(),
    source: textField(hostAddress).optional(),
    vlan: textField(vid).optional(),
    state: textField(state).optional(),
  },
  query,
);

export function mdbRoutes(api: Api, tapSwitch: TapSwitch): void {
  const readers = new Limit(READERS_MAX, 'group table');
  api.get(
    '/v1/mdb',
    {
      schema: {
        operationId: 'getGroups',
        summary: 'The group table, and the ports of multicast routers',
        querystring: mapping({ port: textField(portName).optional() }, query),
        response: { 200: z.array(mdbShape) },
      },
    },
    async (request, reply) => {
      const { port } = request.query;
      const wanted = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
      readers.enter(reply.raw);
      const [groups, contexts] = await Promise.all([tapSwitch.groups(), tapSwitch.groupContexts()]);
      const shown = groups.filter((group) => wanted === undefined || group.port === wanted);
      return [mdbBody(shown, contexts, tapSwitch)];
    },
  );
  api.post(
    '/v1/mdb',
    {
      schema: {
        operationId: 'addGroup',
        summary: 'Add an entry, or replace it',
        body: entryBody,
        response: { [NO_CONTENT]: NO_BODY },
      },
    },
    async ({ body }, reply) => {
      const { port, group, source, vlan, filter_mode: mode, source_list: list } = body;
      await tapSwitch.change(() =>
        tapSwitch.addGroup({
          port: findPort(tapSwitch.ports, port).id,
          ...(vlan !== undefined && { vlan }),
          group: group.bytes,
          ...(source !== undefined && { source: source.bytes }),
          isPermanent: body.state === 'permanent',
          ...(mode !== undefined && { mode }),
          ...(list !== undefined && { sources: list.map(({ bytes }) => bytes) }),
          isReplacing: body.replace ?? false,
        }),
      );
      return reply.code(NO_CONTENT).send();
    },
  );
  api.delete(
    '/v1/mdb',
    {
      schema: {
        operationId: 'removeGroups',
        summary: 'Remove one entry, or, without a group, each entry that matches',
        querystring: filterQuery,
        response: { 200: removedShape },
      },
    },
    async (request) => {
      const { port, group, source, vlan, state: wantedState } = request.query;
      const id = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
      if (group === undefined) {
        const filter = {
          ...(id !== undefined && { port: id }),
          ...(vlan !== undefined && { vlan }),
          ...(wantedState !== undefined && { isPermanent: wantedState === 'permanent' }),
        };
        return { removed: await tapSwitch.change(() => tapSwitch.flushGroups(filter)) };
      }
      if (id === undefined) {
        throw new RequestError('conflict', `port: needed to remove group ${group.text}; name it`);
      }
      const wanted = {
        port: id,
        ...(vlan !== undefined && { vlan }),
        group: group.bytes,
        ...(source !== undefined && { source: source.bytes }),
      };
      if (!(await tapSwitch.change(() => tapSwitch.removeGroup(wanted)))) {
        throw new RequestError('not-found', `${group.text} is not in the group table of ${port}`);
      }
      return { removed: 1 };
    },
  );
}

function mdbBody(
  groups: readonly GroupEntry[],
  contexts: readonly ContextState[],
  { config, ports }: TapSwitch,
): MdbBody {
  const routers = new Map<string, number | undefined>();
  for (const { port, leftMs } of contexts.flatMap((context) => context.routers)) {
    const label = ports.labelOf(port);
    const known = routers.get(label);
    if (!routers.has(label) || (leftMs ?? Infinity) > (known ?? Infinity)) {
      routers.set(label, leftMs);
    }
  }
  return {
    mdb: groups.map((group) => entryBodyOf(group, config.name, ports.labelOf(group.port))),
    router: {
      [config.name]: [...routers].map(([port, leftMs]) => ({
        port,
        type: leftMs === undefined ? 'permanent' : 'temp',
        timer: timerText(leftMs ?? 0),
      })),
    },
  };
}

function entryBodyOf(group: GroupEntry, bridge: string, port: string): MdbEntryBody {
  return {
    dev: bridge,
    port,
    grp: group.group,
    ...(group.source !== undefined && { src: group.source }),
    state: group.isPermanent ? 'permanent' : 'temp',
    filter_mode: group.mode,
    ...(group.sources.length > 0 && {
      source_list: group.sources.map(({ address, leftMs }) => ({
        address,
        timer: timerText(leftMs),
      })),
    }),
    protocol: group.isByHand ? 'static' : 'kernel',
    flags: group.isBlocked ? ['blocked'] : [],
    ...(group.vlan !== NO_VLAN && { vid: group.vlan }),
    timer: timerText(group.leftMs ?? 0),
  };
}

/** `  12.34`: seconds, as `bridge -s mdb show` has them. */
function timerText(ms: number): string {
  return (ms / 1_000).toFixed(2).padStart(7);
}
