/** The VLANs of the ports: what may be asked of them, and how they are shown, in the words of `bridge vlan`. */

import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { onOff } from '../../config/values/rule';
import { vid } from '../../config/values/vid';
import { field, mapping } from '../../config/rule-schema';
import { parseVlanGroupLimits } from '../../config/values/vlan-group-limits';
import { canonical, formatVlanList, vidRange } from '../../config/values/vlan-list';
import type { PortVlan } from '../../l2/vlan-table';
import { NO_VLAN } from '../../wire/vlan';
import type { Port } from '../../ports/port';
import { portVlans, vlanKeysOf, withoutVlans } from '../../ports/vlan-keys';
import { RequestError } from '../../system/request-error';
import { InvalidRequest } from '../invalid-request';
import type { PortVlansBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { MAPPING, inBothForms } from './forms';
import { findPort, portName } from './ports';

/** VLANs of one port or all, and of these one VLAN or all. */
export const vlanFilter = inBothForms((to, words) =>
  mapping({ port: to(portName).optional(), vid: to(vid).optional() }, words),
);
export type VlanFilter = z.output<typeof vlanFilter.value>;

export const newVlans = mapping(
  {
    port: field(portName),
    vid: field(vidRange),
    pvid: field(onOff).optional(),
    untagged: field(onOff).optional(),
  },
  MAPPING,
).meta({ id: 'NewVlans' });
export type NewVlans = z.output<typeof newVlans>;

export const vlanRemoval = inBothForms((to, words) =>
  mapping({ port: to(portName), vid: to(vidRange) }, words),
);
export type VlanRemoval = z.output<typeof vlanRemoval.value>;

/**
 * The VLANs of the ports. With a VID only the ports that are members of that VLAN are listed, with the entry that has it,
 * as `bridge vlan show vid` does.
 * @throws RequestError where there is no such port
 */
export async function listVlans(
  tapSwitch: TapSwitch,
  { port: label, vid: wanted }: VlanFilter,
): Promise<PortVlansBody[]> {
  const { ports } = tapSwitch;
  const shown = label === undefined ? ports.all : [findPort(ports, label)];
  const all = await Promise.all(
    shown.map(async (port) => {
      const vlans = await detailedVlansOf(tapSwitch, port);
      return portVlansBody(
        port,
        vlans.filter((range) => wanted === undefined || isIn(range, wanted)),
      );
    }),
  );
  return wanted === undefined ? all : all.filter(({ vlans }) => vlans.length > 0);
}

/** Makes a port a member of VLANs. @throws InvalidRequest, RequestError, StartError */
export async function addVlans(tapSwitch: TapSwitch, vlans: NewVlans): Promise<void> {
  const { vid, pvid = false, untagged = false } = vlans;
  if (pvid && vid.vidEnd !== undefined) {
    const message = 'only one VID can be the PVID, not a range';
    throw new InvalidRequest([{ path: ['pvid'], message }]);
  }
  await tapSwitch.change(() => {
    const port = findPort(tapSwitch.ports, vlans.port);
    const entry = { ...vid, ...(pvid && { pvid }), ...(untagged && { untagged }) };
    return setVlans(tapSwitch, port, [...withoutPvid(vlansOf(tapSwitch, port), pvid), entry]);
  });
}

/** Ends the membership of a port in VLANs. @throws RequestError, StartError */
export function removeVlans(
  tapSwitch: TapSwitch,
  { port: label, vid }: VlanRemoval,
): Promise<void> {
  return tapSwitch.change(() => {
    const port = findPort(tapSwitch.ports, label);
    const before = vlansOf(tapSwitch, port);
    const after = withoutVlans(before, vid.vid, vid.vidEnd ?? vid.vid);
    if (formatVlanList(after) === formatVlanList(canonical(before))) {
      const vlan = formatVlanList([vid]);
      throw new RequestError('not-found', `${port.label} is no member of VLAN ${vlan}`);
    }
    return setVlans(tapSwitch, port, after);
  });
}

function isIn({ vid: first, vidEnd = first }: PortVlan, wanted: number): boolean {
  return first <= wanted && wanted <= vidEnd;
}

function vlansOf({ config }: TapSwitch, port: Port): readonly PortVlan[] {
  return portVlans((key) => port.holds(key)) ?? defaultVlans(config.vlanDefaultPvid);
}

/** A range of VLANs of a port, and what there is to say of its groups while the switch snoops. */
interface DetailedVlan extends PortVlan {
  readonly groups?: { readonly count: number; readonly max: number };
}

/** VLANs of a port, in ranges that have the same number of groups, as `bridge -d vlan show` has them. */
async function detailedVlansOf(tapSwitch: TapSwitch, port: Port): Promise<readonly DetailedVlan[]> {
  const vlans = vlansOf(tapSwitch, port);
  const { mcastSnooping, vlanFiltering } = tapSwitch.config;
  if (!mcastSnooping || !vlanFiltering) return vlans;
  const counts = await tapSwitch.groupsInVlans(port.id);
  const limits = parseVlanGroupLimits(port.holds('mcast-vlan-max-groups') as string);
  const ranges: (DetailedVlan & Required<Pick<DetailedVlan, 'groups'>>)[] = [];
  for (const { vid: first, vidEnd = first, ...flags } of vlans) {
    for (let vid = first; vid <= vidEnd; vid++) {
      const limit = limits.find((range) => range.vid <= vid && vid <= (range.vidEnd ?? range.vid));
      const groups = { count: counts.get(vid) ?? 0, max: limit?.groups ?? 0 };
      const last = ranges.at(-1);
      if (vid > first && last !== undefined && isDeepStrictEqual(last.groups, groups)) {
        ranges[ranges.length - 1] = { ...last, vidEnd: vid };
      } else {
        ranges.push({ ...flags, vid, groups });
      }
    }
  }
  return ranges;
}

function setVlans({ ports }: TapSwitch, port: Port, vlans: readonly PortVlan[]): Promise<void> {
  return ports.set(port, vlanKeysOf(vlans));
}

/** The VLANs without the PVID's flag, if another is about to become the PVID. */
function withoutPvid(vlans: readonly PortVlan[], isMoving: boolean): PortVlan[] {
  return vlans.map(({ pvid, ...rest }) => (pvid === true && !isMoving ? { ...rest, pvid } : rest));
}

function defaultVlans(vid: number): PortVlan[] {
  return vid === NO_VLAN ? [] : [{ vid, pvid: true, untagged: true }];
}

function portVlansBody({ label }: Port, vlans: readonly DetailedVlan[]): PortVlansBody {
  return {
    port: label,
    ifname: label,
    vlans: vlans.map(({ vid, vidEnd, pvid, untagged, groups }) => {
      const flags = [
        ...(pvid === true ? ['PVID'] : []),
        ...(untagged === true ? ['Egress Untagged'] : []),
      ];
      return {
        vlan: vid,
        ...(vidEnd !== undefined && vidEnd !== vid && { vlanEnd: vidEnd }),
        ...(flags.length > 0 && { flags }),
        ...(groups !== undefined && {
          mcast_n_groups: groups.count,
          mcast_max_groups: groups.max,
        }),
      };
    }),
  };
}
