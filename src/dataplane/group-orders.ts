/** Commands about groups, carried out on the bridge of the lane. */

import type { Bridge } from '../l2/bridge';
import { setMacKey } from '../mcast/group-table';
import { membershipMs } from '../mcast/settings';
import type { FilterMode, WantedGroup } from '../mcast/static-groups';
import { NO_VLAN } from '../wire/vlan';
import { type IpKey, ipKeyOf, newIpKey } from '../wire/ip-key';

/** An entry of the group table as an operator wants it. Addresses are bytes in wire order. */
export interface GroupOrder {
  readonly port: number;
  /** Absent: every VLAN of the port. */
  readonly vlan?: number;
  /** 4 or 16 bytes, or the 6 bytes of a group MAC. */
  readonly group: Uint8Array;
  readonly source?: Uint8Array;
  readonly isPermanent: boolean;
  readonly mode?: FilterMode;
  readonly sources?: readonly Uint8Array[];
  readonly isReplacing?: boolean;
}

/** @returns why the entries are refused, all of them; `undefined` if they are not */
export function addGroups(bridge: Bridge, orders: readonly GroupOrder[]): string | undefined {
  const { mcast } = bridge.rooms;
  if (!mcast.isOn) return 'groups are not snooped; start the switch with --mcast-snooping';
  const temporary = orders.find(
    ({ port, isPermanent }) => !isPermanent && !bridge.ports.isUp(port),
  );
  if (temporary !== undefined) {
    return `port ${bridge.ports.name(temporary.port)} is down; only permanent entries can be added`;
  }
  const wanted: WantedGroup[] = [];
  for (const order of orders) {
    const refusal = refusalOfVlan(bridge, order);
    if (refusal !== undefined) return refusal;
    wanted.push(...vlansOf(bridge, order).map((vlan) => wantedOf(order, vlan)));
  }
  const { nowMs } = bridge.burst;
  const refusal = mcast.staticGroups.add(wanted, nowMs, membershipMs(mcast.settings));
  if (refusal !== undefined) return refusal;
  for (const order of orders) {
    if (order.vlan !== undefined || !order.isPermanent) continue;
    mcast.staticGroups.followVlans(wantedOf(order, NO_VLAN), vlansOf(bridge, order));
  }
  return undefined;
}

/** @returns whether there was such an entry */
export function removeGroup(bridge: Bridge, order: Omit<GroupOrder, 'isPermanent'>): boolean {
  const { staticGroups } = bridge.rooms.mcast;
  const { port, vlan: given } = order;
  if (given === undefined) staticGroups.stopFollowing(wantedOf(order, NO_VLAN));
  // An entry that was made for one VLAN stays when the port leaves that.
  const vlans = given === undefined ? staticGroups.vlansOf(port, keyOf(order.group)) : [given];
  const removed = vlans.map((vlan) => staticGroups.remove(wantedOf(order, vlan)));
  return removed.includes(true);
}

type Place = Pick<GroupOrder, 'port' | 'vlan'>;

/** VLANs of an entry: the one that is given, or all of its port. */
function vlansOf({ filtersByVlan, vlans }: Bridge, { port, vlan }: Place): number[] {
  if (vlan !== undefined) return [vlan];
  return filtersByVlan ? vlans.vidsOf(port) : [NO_VLAN];
}

function refusalOfVlan(bridge: Bridge, order: GroupOrder): string | undefined {
  const { ports, vlans, filtersByVlan } = bridge;
  const { port, vlan, isPermanent } = order;
  if (vlan !== undefined && vlan !== NO_VLAN && !filtersByVlan) {
    return `vlan ${vlan}: the switch does not filter by VLAN; leave it out`;
  }
  if (!filtersByVlan) return undefined;
  if (vlan !== undefined && !vlans.isMember(port, vlan)) {
    return `vlan ${vlan}: port ${ports.name(port)} is no member of it`;
  }
  // A permanent entry waits for the VLANs that the port will join.
  if (isPermanent) return undefined;
  return vlansOf(bridge, order).length > 0 ? undefined : `port ${ports.name(port)} is in no VLAN`;
}

function wantedOf(
  { group, source, sources, ...rest }: Omit<GroupOrder, 'isPermanent'> & Partial<GroupOrder>,
  vlan: number,
): WantedGroup {
  return {
    isPermanent: false,
    ...rest,
    vlan,
    group: keyOf(group),
    ...(source !== undefined && { source: ipKeyOf(source) }),
    ...(sources !== undefined && { sources: sources.map(ipKeyOf) }),
  };
}

const MAC_BYTES = 6;

function keyOf(bytes: Uint8Array): IpKey {
  if (bytes.length !== MAC_BYTES) return ipKeyOf(bytes);
  const key = newIpKey();
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  setMacKey(key, words.getUint16(0, true), words.getInt32(2, true));
  return key;
}
