/** The group table: what may be asked of it, and how its entries are shown, in the words of `bridge mdb`. */

import type { z } from 'zod';
import { groupAddress } from '../../config/values/group-address';
import { hostAddress } from '../../config/values/host-address';
import { filterMode } from '../../config/values/static-group';
import { onOff, oneOf, wholeNumber } from '../../config/values/rule';
import { field, fieldList, mapping } from '../../config/rule-schema';
import type { ContextState } from '../../mcast/contexts';
import type { GroupEntry } from '../../mcast/static-groups';
import { RequestError } from '../../system/request-error';
import { NO_VLAN } from '../../wire/vlan';
import type { MdbBody, MdbEntryBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { findPort, portName } from './ports';
import type { PortFilter } from './stats';

const MAX_VLAN = 4094;
/** VLAN of an entry; 0 while the switch does not filter by VLAN. */
const vid = wholeNumber({ from: 0, to: MAX_VLAN });
const state = oneOf('permanent', 'temp');

export const newGroup = mapping(
  {
    port: field(portName),
    group: field(groupAddress),
    source: field(hostAddress).optional(),
    state: field(state).optional(),
    vlan: field(vid).optional(),
    filter_mode: field(filterMode).optional(),
    source_list: fieldList(hostAddress, 'a list of addresses').optional(),
    replace: field(onOff).optional(),
  },
  MAPPING,
).meta({ id: 'NewGroup' });
export type NewGroup = z.output<typeof newGroup>;

export const groupRemoval = inBothForms((to, words) =>
  mapping(
    {
      port: to(portName).optional(),
      group: to(groupAddress).optional(),
      source: to(hostAddress).optional(),
      vlan: to(vid).optional(),
      state: to(state).optional(),
    },
    words,
  ),
);
export type GroupRemoval = z.output<typeof groupRemoval.value>;

/** @throws RequestError where there is no such port */
export async function listGroups(tapSwitch: TapSwitch, { port }: PortFilter): Promise<MdbBody> {
  const wanted = port === undefined ? undefined : findPort(tapSwitch.ports, port).id;
  const [groups, contexts] = await Promise.all([tapSwitch.groups(), tapSwitch.groupContexts()]);
  const shown = groups.filter((group) => wanted === undefined || group.port === wanted);
  return mdbBody(shown, contexts, tapSwitch);
}

/** Adds an entry, or replaces it. @throws RequestError */
export function addGroup(tapSwitch: TapSwitch, entry: NewGroup): Promise<void> {
  const { port, group, source, vlan, filter_mode: mode, source_list: list } = entry;
  const isReplacing = entry.replace ?? false;
  return tapSwitch.change(() => {
    const { id, label } = findPort(tapSwitch.ports, port);
    if (entry.state === 'permanent') {
      const permanent = {
        group: group.text,
        port: label,
        ...vlanIn(tapSwitch, vlan),
        ...(source !== undefined && { source: source.text }),
        ...(mode !== undefined && { mode }),
        ...(list !== undefined && { sources: list.map(({ text }) => text) }),
      };
      return tapSwitch.addStaticGroup(permanent, isReplacing);
    }
    return tapSwitch.addGroup({
      port: id,
      ...(vlan !== undefined && { vlan }),
      group: group.bytes,
      ...(source !== undefined && { source: source.bytes }),
      isPermanent: false,
      ...(mode !== undefined && { mode }),
      ...(list !== undefined && { sources: list.map(({ bytes }) => bytes) }),
      isReplacing,
    });
  });
}

/** VLAN of an entry. 0 is none, while the switch does not filter by VLAN. */
function vlanIn(
  { config: { vlanFiltering } }: TapSwitch,
  vlan: number | undefined,
): { readonly vlan?: number } {
  return vlan === undefined || (vlan === NO_VLAN && !vlanFiltering) ? {} : { vlan };
}

/**
 * Removes one entry, or, without a group, each entry that matches.
 * @returns the number of entries
 * @throws RequestError
 */
export async function removeGroups(tapSwitch: TapSwitch, removal: GroupRemoval): Promise<number> {
  const { port, group, source, vlan, state: wantedState } = removal;
  const found = port === undefined ? undefined : findPort(tapSwitch.ports, port);
  if (group === undefined) {
    const filter = {
      ...(found !== undefined && { port: found.id }),
      ...(vlan !== undefined && { vlan }),
      ...(wantedState !== undefined && { isPermanent: wantedState === 'permanent' }),
    };
    return tapSwitch.change(() => tapSwitch.flushGroups(filter));
  }
  if (found === undefined) {
    throw new RequestError('conflict', `port: needed to remove group ${group.text}; name it`);
  }
  const wanted = {
    group: group.text,
    port: found.label,
    ...vlanIn(tapSwitch, vlan),
    ...(source !== undefined && { source: source.text }),
  };
  if (!(await tapSwitch.change(() => tapSwitch.removeGroup(wanted)))) {
    throw new RequestError(
      'not-found',
      `${group.text} is not in the group table of ${found.label}`,
    );
  }
  return 1;
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
