/** The VLANs of the ports: what may be asked of them, and how they are shown, in the words of `bridge vlan`. */

import type { z } from 'zod';
import { onOff } from '../../config/values/rule';
import { vid } from '../../config/values/vid';
import { field, mapping } from '../../config/rule-schema';
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
export function listVlans(tapSwitch: TapSwitch, filter: VlanFilter): PortVlansBody[] {
  const { ports } = tapSwitch;
  const wanted = filter.port === undefined ? ports.all : [findPort(ports, filter.port)];
  const all = wanted.map((port) => ({ port, vlans: vlansOf(tapSwitch, port) }));
  const { vid: wantedVid } = filter;
  const shown = wantedVid === undefined ? all : all.flatMap((one) => onlyOf(wantedVid, one));
  return shown.map(({ port, vlans }) => portVlansBody(port, vlans));
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

interface VlansOfPort {
  readonly port: Port;
  readonly vlans: readonly PortVlan[];
}

/** @returns the port with its entry for a VID, if it is a member of that VLAN */
function onlyOf(wanted: number, { port, vlans }: VlansOfPort): VlansOfPort[] {
  const entry = vlans.find(({ vid: first, vidEnd = first }) => first <= wanted && wanted <= vidEnd);
  return entry === undefined ? [] : [{ port, vlans: [entry] }];
}

function vlansOf({ config }: TapSwitch, port: Port): readonly PortVlan[] {
  return portVlans((key) => port.holds(key)) ?? defaultVlans(config.vlanDefaultPvid);
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

function portVlansBody({ label }: Port, vlans: readonly PortVlan[]): PortVlansBody {
  return {
    port: label,
    ifname: label,
    vlans: vlans.map(({ vid, vidEnd, pvid, untagged }) => {
      const flags = [
        ...(pvid === true ? ['PVID'] : []),
        ...(untagged === true ? ['Egress Untagged'] : []),
      ];
      return {
        vlan: vid,
        ...(vidEnd !== undefined && vidEnd !== vid && { vlanEnd: vidEnd }),
        ...(flags.length > 0 && { flags }),
      };
    }),
  };
}
