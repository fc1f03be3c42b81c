/** TUN/TAP devices as the kernel reports them, with their addresses and the programs that hold them. */

import { isNativeError } from '../native/native';
import { type DeviceAddress, type TapPlace, checkPlace } from './device-options';
import { explained } from './explain-refusal';
import { type HeldDevice, type Holder, findHolders, holdersOf } from './holders';
import {
  type DeviceMode,
  type Link,
  type LinkAddress,
  findLink,
  formatMacBytes,
  listAddresses,
  listLinks,
} from './link';
import { type Netns, netnsOf, pathOf, visibleNetns } from '../system/netns';
import { TunTapError } from '../system/tuntap-error';

export interface TapInfo {
  readonly name: string;
  /** Namespace: its name in `ip netns`, or a path if it has no name; absent for that of this process. */
  readonly netns?: string;
  readonly mode: DeviceMode;
  /** Whether the device stays when no program holds it. */
  readonly persistent: boolean;
  readonly packetInfo: boolean;
  readonly vnetHeader: boolean;
  readonly multiQueue: boolean;
  /** User and group id that may attach without CAP_NET_ADMIN; absent for any. */
  readonly user?: number;
  readonly group?: number;
  /** MAC address of a TAP; absent for a TUN device. */
  readonly mac?: string;
  /** Bytes after the Ethernet header. */
  readonly mtu: number;
  readonly up: boolean;
  readonly addresses: readonly DeviceAddress[];
  /** Programs that hold the device open, as far as this process may look into them. */
  readonly holders: readonly Holder[];
}

/**
 * Every TUN/TAP device of a namespace, or of all that this process may look into. A companion is not
 * listed: it is a part of the interface that it stands for.
 */
export function listTaps(place: TapPlace = {}): TapInfo[] {
  return explained({ name: 'tap list', mode: 'tap', ...place }, () => {
    checkPlace(place);
    const holders = findHolders();
    return place.netns === undefined
      ? visibleNetns().flatMap((netns) => readIfAllowed(netns, holders))
      : readNetns(netnsOf(place.netns), holders);
  });
}

/** @throws TunTapError: `ENODEV` where there is no such device */
export function showTap(name: string, place: TapPlace = {}): TapInfo {
  return explained({ name, mode: 'tap', ...place }, () => {
    requireLink(name, checkPlace(place));
    return readTap(name, place);
  });
}

/** @throws NativeError, or TunTapError if no TUN/TAP device has the name. */
export function requireLink(name: string, netnsPath?: string): Link {
  const link = findLink(name, netnsPath);
  if (typeof link === 'object') return link;
  throw link === 'nothing'
    ? new TunTapError('ENODEV', 'there is no such device (ENODEV); "tapctl tap list" shows all')
    : new TunTapError('EINVAL', 'is not a TUN/TAP device (EINVAL); choose another name');
}

/** Reads the state of a device. @throws NativeError, or TunTapError if the device does not exist. */
export function readTap(name: string, { netns }: TapPlace): TapInfo {
  const place = netnsOf(netns);
  const link = requireLink(name, pathOf(place));
  return describeLink(link, place, listAddresses(pathOf(place)).get(link.index), findHolders());
}

/** @returns no device for a namespace that may not be entered, or that is gone */
function readIfAllowed(netns: Netns, holders: readonly HeldDevice[]): TapInfo[] {
  try {
    return readNetns(netns, holders);
  } catch (error) {
    if (netns.name !== undefined && isNativeError(error)) return [];
    throw error;
  }
}

function readNetns(netns: Netns, holders: readonly HeldDevice[]): TapInfo[] {
  const path = pathOf(netns);
  const links = listLinks(path).filter(({ isCompanion }) => !isCompanion);
  if (links.length === 0) return [];
  const addresses = listAddresses(path);
  return links
    .map((link) => describeLink(link, netns, addresses.get(link.index), holders))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

function describeLink(
  link: Link,
  netns: Netns,
  addresses: readonly LinkAddress[] = [],
  holders: readonly HeldDevice[],
): TapInfo {
  return {
    name: link.name,
    ...(netns.name !== undefined && { netns: netns.name }),
    mode: link.mode,
    persistent: link.isPersistent,
    packetInfo: link.hasPacketInfo,
    vnetHeader: link.hasVnetHeader,
    multiQueue: link.isMultiQueue,
    ...(link.owner !== undefined && { user: link.owner }),
    ...(link.group !== undefined && { group: link.group }),
    ...(link.mac !== undefined && { mac: formatMacBytes(link.mac) }),
    mtu: link.mtuBytes,
    up: link.isUp,
    addresses: addresses.map(({ address, prefixLength, peer }) => ({
      address: `${address}/${prefixLength}`,
      ...(peer !== undefined && { peer }),
    })),
    holders: holdersOf(holders, { name: link.name, netnsId: netns.id }),
  };
}
