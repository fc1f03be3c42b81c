/** The VLANs of the ports: what may be asked of them, and how they are shown, in the words of `bridge vlan`. */

import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { type Rule, expected, onOff, textRule } from '../../config/values/rule';
import { field, mapping } from '../../config/rule-schema';
import { parseVlanGroupLimits } from '../../config/values/vlan-group-limits';
import { canonical, formatVlanList, parseVlanList, vidList } from '../../config/values/vlan-list';
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
import type { PortFilter } from './stats';

const WHAT = 'a VID from 1 to 4094 or a range, such as 10 or 10-20';
const vidRangeText = textRule(WHAT, (text) => {
  if (text.includes('+')) return undefined;
  return parseVlanList(vidList.fromText(text))[0];
});
/** A VID, as a number or as text, or a range. */
const vidRange: Rule<PortVlan> = {
  fromText: vidRangeText.fromText,
  fromValue: (value) => {
    if (typeof value !== 'number' && typeof value !== 'string') throw expected(WHAT, value);
    return vidRangeText.fromText(String(value));
  },
  schema: { type: ['integer', 'string'], description: WHAT },
};

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

/** @throws RequestError where there is no such port */
export function listVlans(tapSwitch: TapSwitch, { port }: PortFilter): Promise<PortVlansBody[]> {
  const { ports } = tapSwitch;
  const wanted = port === undefined ? ports.all : [findPort(ports, port)];
  return Promise.all(
    wanted.map(async (one) => portVlansBody(one, await detailedVlansOf(tapSwitch, one))),
  );
}

/** Makes a port a member of VLANs. @throws InvalidRequest, RequestError, StartError */
export async function addVlans(tapSwitch: TapSwitch, vlans: NewVlans): Promise<void> {
  const { vid, pvid = false, untagged = false } = vlans;
  if (pvid && vid.vidEnd !== undefined) {
    throw new InvalidRequest([{ path: ['pvid'], message: 'one VID can be the PVID, no range' }]);
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

/** Sets the VLANs of a port, and tells the journal. */
async function setVlans(
  { ports, journal }: TapSwitch,
  port: Port,
  vlans: readonly PortVlan[],
): Promise<void> {
  await ports.set(port, vlanKeysOf(vlans));
  const now = portVlans((key) => port.holds(key)) ?? [];
  journal.note('port-vlans', { port: port.label, vlans: formatVlanList(now) });
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
