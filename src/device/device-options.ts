/**
 * Options of a TUN/TAP device as a program writes them, and the same options checked: every value is
 * valid, every name is looked up. Nothing here touches the device.
 */

import { type Cidr, cidr } from '../config/values/cidr';
import { canonicalIpAddress, parseIpAddress } from '../wire/ip-text';
import { interfaceNameOrPattern, namespaceName } from '../config/values/interface-name';
import { account, tapMtu } from '../config/values/interface-rules';
import { stationMac } from '../config/values/station-mac';
import type { Account } from '../system/accounts';
import { type Rule, ValueError, at, oneOf, textRule, wholeNumber } from '../config/values/rule';
import { macBytes } from '../wire/mac';
import type { NativeTapOptions } from '../native/native';
import { lookUpGroup, lookUpUser } from '../system/accounts';
import type { AddressBytes, DeviceMode, LinkChange } from './link';
import { netnsPath } from '../system/netns';

export interface DeviceAddress {
  /** Address with the length of its network's prefix: `192.0.2.1/24`, `2001:db8::1/64`. */
  readonly address: string;
  /** Other end of a point-to-point link. If given, the prefix length belongs to this address. */
  readonly peer?: string;
}

/** Network namespace of a device: that of this process if absent. */
export interface TapPlace {
  /** Name as `ip netns` shows it, or a path such as `/proc/1234/ns/net`. */
  readonly netns?: string;
}

/** Settings that can change at any time. A change takes CAP_NET_ADMIN. */
export interface DeviceSettings {
  /** Bytes after the Ethernet header. */
  readonly mtu?: number;
  /** MAC address of a TAP. A TUN device has none. */
  readonly mac?: string;
  readonly up?: boolean;
  /** Addresses to add. The device keeps those that it has. */
  readonly addresses?: readonly (string | DeviceAddress)[];
}

export interface DeviceOptions extends DeviceSettings, TapPlace {
  /** 1 to 15 bytes, or a pattern such as `tap%d` that the kernel completes; absent: `tap%d` or `tun%d`. */
  readonly name?: string;
  /**
   * User and group that may attach without CAP_NET_ADMIN, by name or number. If both are given, both must
   * match. If neither is given, everybody may attach.
   */
  readonly user?: Account;
  readonly group?: Account;
  /** Whether four bytes precede each packet: flags, and the EtherType in network order (IFF_NO_PI off). */
  readonly packetInfo?: boolean;
  /** Whether several programs, or one program several times, may attach. */
  readonly multiQueue?: boolean;
}

/** Settings whose values are all valid. */
export interface CheckedSettings extends Omit<LinkChange, 'isUp'> {
  readonly isUp?: boolean;
  readonly addresses: readonly AddressBytes[];
}

export interface CheckedOptions {
  readonly name: string;
  readonly netnsPath: string | undefined;
  readonly settings: CheckedSettings;
  /** Options of the addon that follow from the device's options. */
  readonly native: Pick<
    NativeTapOptions,
    'name' | 'netnsPath' | 'tun' | 'packetInfo' | 'multiQueue' | 'owner' | 'group'
  >;
}

export const deviceMode = oneOf('tap', 'tun');

/**
 * MTU by mode. Source: tun_net_init in the kernel's drivers/net/tun.c; the maximum is MAX_MTU, 65535, less
 * the Ethernet header.
 */
export const MTU_RULES = {
  tap: tapMtu,
  tun: wholeNumber({ from: 68, to: 65535, unit: 'bytes' }),
} as const;

export const peerAddress = textRule('an IP address such as 192.0.2.2 or 2001:db8::2', (text) =>
  parseIpAddress(text) === undefined ? undefined : canonicalIpAddress(text),
);

/** @throws ValueError, or TunTapError where there is no such user or group. */
export function checkOptions(options: DeviceOptions, mode: DeviceMode): CheckedOptions {
  const name = read('name', interfaceNameOrPattern, options.name) ?? `${mode}%d`;
  const user = read('user', account, options.user);
  const group = read('group', account, options.group);
  const path = checkPlace(options);
  return {
    name,
    netnsPath: path,
    settings: checkSettings(options, mode),
    native: {
      name,
      ...(path !== undefined && { netnsPath: path }),
      tun: mode === 'tun',
      packetInfo: options.packetInfo ?? false,
      multiQueue: options.multiQueue ?? false,
      ...(user !== undefined && { owner: lookUpUser(user) }),
      ...(group !== undefined && { group: lookUpGroup(group) }),
    },
  };
}

/** @returns the path of the namespace's file; undefined for that of this process. @throws ValueError */
export function checkPlace({ netns }: TapPlace): string | undefined {
  const name = read('netns', namespaceName, netns);
  return name === undefined ? undefined : netnsPath(name);
}

/** @throws ValueError */
export function checkSettings(settings: DeviceSettings, mode: DeviceMode): CheckedSettings {
  const mtu = read('mtu', MTU_RULES[mode], settings.mtu);
  const mac = read('mac', stationMac, settings.mac);
  if (mac !== undefined && mode === 'tun') {
    throw new ValueError('mac: a TUN device has no MAC address; leave it out');
  }
  return {
    ...(mtu !== undefined && { mtuBytes: mtu }),
    ...(mac !== undefined && { mac: macBytes(mac) }),
    ...(settings.up !== undefined && { isUp: settings.up }),
    addresses: (settings.addresses ?? []).map((address) =>
      checkAddress(typeof address === 'string' ? { address } : address),
    ),
  };
}

function checkAddress({ address, peer }: DeviceAddress): AddressBytes {
  const own = at('address', () => cidr.fromValue(address));
  const other = read('peer', peerAddress, peer);
  return {
    address: addressBytes(own.address),
    prefixLength: own.prefixLength,
    peer: other === undefined ? undefined : peerBytes(own, other),
  };
}

function peerBytes({ address, family }: Cidr, peer: string): Uint8Array {
  const bytes = addressBytes(peer);
  if ((bytes.length === 4) !== (family === 4)) {
    throw new ValueError(`peer: expected an IPv${family} address, as ${address} is, got ${peer}`);
  }
  return bytes;
}

function addressBytes(text: string): Uint8Array {
  return parseIpAddress(text) ?? new Uint8Array();
}

function read<T>(key: string, rule: Rule<T>, value: unknown): T | undefined {
  return value === undefined ? undefined : at(key, () => rule.fromValue(value));
}
