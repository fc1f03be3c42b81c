/**
 * What a TUN/TAP device is asked to be, as a program writes it, and the same checked: every value
 * right, every name looked up. Nothing here touches the device.
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
  /** With the length of its network's prefix: `192.0.2.1/24`, `2001:db8::1/64`. */
  readonly address: string;
  /** The other end of a point-to-point link, from which the prefix is counted then. */
  readonly peer?: string;
}

/** Which device is meant: the namespace that it is in, ours if absent. */
export interface TapPlace {
  /** A name as in `ip netns`, or a path as `/proc/1234/ns/net`. */
  readonly netns?: string;
}

/** Settings that a device can be given at any time. It takes CAP_NET_ADMIN. */
export interface DeviceSettings {
  /** Bytes behind the Ethernet header. */
  readonly mtu?: number;
  /** Of a TAP; a TUN device has none. */
  readonly mac?: string;
  readonly up?: boolean;
  /** Added to those that it has. */
  readonly addresses?: readonly (string | DeviceAddress)[];
}

export interface DeviceOptions extends DeviceSettings, TapPlace {
  /** 1 to 15 bytes, or a pattern as `tap%d` for the kernel to complete; `tap%d` or `tun%d` if absent. */
  readonly name?: string;
  /**
   * Who may attach to it without CAP_NET_ADMIN, by name or number: both where both are given, anybody
   * where none is.
   */
  readonly user?: Account;
  readonly group?: Account;
  /** Four bytes in front of each packet: flags, and its EtherType in network order (IFF_NO_PI off). */
  readonly packetInfo?: boolean;
  /** Several programs, or one several times, may be attached to it. */
  readonly multiQueue?: boolean;
}

/** Settings whose every value is right. */
export interface CheckedSettings extends Omit<LinkChange, 'isUp'> {
  readonly isUp?: boolean;
  readonly addresses: readonly AddressBytes[];
}

export interface CheckedOptions {
  readonly name: string;
  readonly netnsPath: string | undefined;
  readonly settings: CheckedSettings;
  /** Those for the addon that follow from the options. */
  readonly native: Pick<
    NativeTapOptions,
    'name' | 'netnsPath' | 'tun' | 'packetInfo' | 'multiQueue' | 'owner' | 'group'
  >;
}

export const deviceMode = oneOf('tap', 'tun');

/** Source: tun_net_init in the kernel's drivers/net/tun.c: MAX_MTU, which is 65535, less the header. */
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

/** @returns the path of the namespace's file. @throws ValueError */
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
