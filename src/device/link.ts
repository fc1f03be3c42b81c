/**
 * TUN/TAP interfaces as the kernel reports them, by name and network namespace: their state, their
 * addresses, and changes to both. Every function throws a `NativeError` if the kernel refuses.
 *
 * Source: rtnetlink(7); tun_fill_info in the kernel's drivers/net/tun.c.
 */

import { type IpFamily, canonicalIpAddress } from '../wire/ip-text';
import { formatMac, macFromBytes } from '../wire/mac';
import {
  ADDRESS_PART_BYTES,
  AddressAttribute,
  type Attributes,
  Flag,
  InfoAttribute,
  LINK_PART_BYTES,
  LinkAttribute,
  Message,
  TunAttribute,
  decodeAddressPart,
  decodeAttributes,
  decodeLinkPart,
  decodeName,
  encodeAddressPart,
  encodeAttribute,
  encodeLinkPart,
  encodeMessage,
  encodeName,
  encodeU32,
} from './rtnetlink';
import type { NetlinkMessage } from './rtnetlink';
import { askLink } from './ask-link';
import { isCompanionAlias } from './companion';
import { ask } from './route';

/** Mode of a device: Ethernet frames (`tap`), or IP packets without an Ethernet header (`tun`). */
export type DeviceMode = 'tap' | 'tun';

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mode: DeviceMode;
  readonly isUp: boolean;
  readonly mtuBytes: number;
  /** Maximum number of frames that wait for the program: `txqueuelen`. */
  readonly queueFrames: number;
  /** Six bytes in wire order; `undefined` for a TUN device. */
  readonly mac: Uint8Array | undefined;
  readonly isPersistent: boolean;
  readonly hasPacketInfo: boolean;
  readonly hasVnetHeader: boolean;
  readonly isMultiQueue: boolean;
  /** Number of descriptors attached to a multi-queue device. */
  readonly queueCount: number;
  /**
   * User and group id that may attach without CAP_NET_ADMIN; `undefined` for any. If there are both, both
   * must match (tun_not_capable).
   */
  readonly owner: number | undefined;
  readonly group: number | undefined;
  /** Whether a switch made it to stand for an interface: `companion.ts`. */
  readonly isCompanion: boolean;
}

export interface LinkAddress {
  readonly family: IpFamily;
  /** Address in canonical form (RFC 5952 for IPv6). */
  readonly address: string;
  /** Length of the prefix of the addresses behind the interface: of `peer` if there is one. */
  readonly prefixLength: number;
  /** Other end of a point-to-point link. */
  readonly peer: string | undefined;
}

export interface LinkChange {
  /** Six bytes in wire order. */
  readonly mac?: Uint8Array;
  readonly mtuBytes?: number;
  /** `txqueuelen`, in frames. */
  readonly queueFrames?: number;
  readonly isUp?: boolean;
  /** Index of the interface that has it as a member, such as a Linux bridge; 0 for none. */
  readonly master?: number;
}

const KIND = 'tun';
/** Value of IFLA_TUN_TYPE for a TUN device: linux/if_tun.h. */
const IFF_TUN = 1;
/** Bit of `ifi_flags` for an interface that is set up: linux/if.h. */
const IFF_UP = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** TUN/TAP interfaces of a namespace: by default, that of this process. */
export function listLinks(netnsPath?: string): Link[] {
  const ofKind = encodeAttribute(
    LinkAttribute.LinkInfo,
    encodeAttribute(InfoAttribute.Kind, encodeName(KIND)),
  );
  const request = encodeMessage(Message.GetLink, Flag.Dump, Buffer.alloc(LINK_PART_BYTES), [
    ofKind,
  ]);
  return ask(request, 'RTM_GETLINK', 'interfaces', netnsPath).flatMap((message) => {
    const link = decodeLink(message);
    return link === undefined ? [] : [link];
  });
}

/** @returns the interface; `other` if the name is that of another kind, `nothing` if it is free */
export function findLink(name: string, netnsPath?: string): Link | 'other' | 'nothing' {
  const message = askLink(name, netnsPath);
  return message === undefined ? 'nothing' : (decodeLink(message) ?? 'other');
}

/**
 * Changes an interface in one request. Changes before the one that the kernel refuses stay.
 * @param which its name, or its index in the namespace
 */
export function changeLink(which: string | number, change: LinkChange, netnsPath?: string): void {
  const flags = change.isUp === undefined ? 0 : IFF_UP;
  const request = encodeMessage(
    Message.NewLink,
    Flag.Acknowledge,
    encodeLinkPart({
      ...(typeof which === 'number' && { index: which }),
      flags: change.isUp ? flags : 0,
      mask: flags,
    }),
    [
      ...(typeof which === 'number' ? [] : [nameAttribute(which)]),
      ...(change.mac ? [encodeAttribute(LinkAttribute.Address, change.mac)] : []),
      ...(change.mtuBytes === undefined
        ? []
        : [encodeAttribute(LinkAttribute.Mtu, encodeU32(change.mtuBytes))]),
      ...(change.queueFrames === undefined
        ? []
        : [encodeAttribute(LinkAttribute.QueueLength, encodeU32(change.queueFrames))]),
      ...(change.master === undefined
        ? []
        : [encodeAttribute(LinkAttribute.Master, encodeU32(change.master))]),
    ],
  );
  ask(request, 'RTM_NEWLINK', String(which), netnsPath);
}

/** Addresses of all interfaces of a namespace, by the index of the interface. */
export function listAddresses(netnsPath?: string): Map<number, LinkAddress[]> {
  const request = encodeMessage(Message.GetAddress, Flag.Dump, Buffer.alloc(ADDRESS_PART_BYTES));
  const byIndex = new Map<number, LinkAddress[]>();
  for (const { body } of ask(request, 'RTM_GETADDR', 'addresses', netnsPath)) {
    const { family, prefixLength, index } = decodeAddressPart(body);
    const attributes = decodeAttributes(body, ADDRESS_PART_BYTES);
    const peerBytes = attributes.get(AddressAttribute.Peer);
    const bytes = attributes.get(AddressAttribute.Local) ?? peerBytes;
    if (bytes === undefined) continue;
    const hasPeer = peerBytes !== undefined && !peerBytes.equals(bytes);
    const list = byIndex.get(index) ?? [];
    byIndex.set(index, list);
    list.push({
      family: family === AF_INET ? 4 : 6,
      address: formatAddress(bytes),
      prefixLength,
      peer: hasPeer ? formatAddress(peerBytes) : undefined,
    });
  }
  return byIndex;
}

/** Address for an interface, as bytes in wire order. */
export interface AddressBytes {
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly peer: Uint8Array | undefined;
}

/** An interface whose addresses change. */
export type AddressedLink = Pick<Link, 'index' | 'name'>;

export function addAddress(link: AddressedLink, address: AddressBytes, netnsPath?: string): void {
  const flags = Flag.Acknowledge | Flag.Create | Flag.Exclusive;
  const request = encodeAddress(Message.NewAddress, flags, link, address);
  ask(request, 'RTM_NEWADDR', link.name, netnsPath);
}

export function removeAddress(
  link: AddressedLink,
  address: AddressBytes,
  netnsPath?: string,
): void {
  const request = encodeAddress(Message.DeleteAddress, Flag.Acknowledge, link, address);
  ask(request, 'RTM_DELADDR', link.name, netnsPath);
}

function encodeAddress(
  type: number,
  flags: number,
  { index }: AddressedLink,
  { address, prefixLength, peer }: AddressBytes,
): Buffer {
  const family = address.length === 4 ? AF_INET : AF_INET6;
  return encodeMessage(type, flags, encodeAddressPart({ family, prefixLength, index }), [
    encodeAttribute(AddressAttribute.Local, address),
    encodeAttribute(AddressAttribute.Peer, peer ?? address),
  ]);
}

/** @returns `undefined` for an interface of another kind */
function decodeLink({ type, body }: NetlinkMessage): Link | undefined {
  if (type !== Message.NewLink) return undefined;
  const { index, flags } = decodeLinkPart(body);
  const attributes = decodeAttributes(body, LINK_PART_BYTES);
  const info = nested(attributes, LinkAttribute.LinkInfo);
  const kind = info.get(InfoAttribute.Kind);
  if (kind === undefined || decodeName(kind) !== KIND) return undefined;
  const tun = nested(info, InfoAttribute.Data);
  const isTun = tun.get(TunAttribute.Type)?.[0] === IFF_TUN;
  const isSet = (attribute: number): boolean => tun.get(attribute)?.[0] === 1;
  const number = (attribute: number): number | undefined => tun.get(attribute)?.readUInt32LE();
  return {
    index,
    name: decodeName(attributes.get(LinkAttribute.Name) ?? Buffer.alloc(0)),
    mode: isTun ? 'tun' : 'tap',
    isUp: (flags & IFF_UP) !== 0,
    mtuBytes: attributes.get(LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
    queueFrames: attributes.get(LinkAttribute.QueueLength)?.readUInt32LE() ?? 0,
    mac: isTun ? undefined : attributes.get(LinkAttribute.Address),
    isPersistent: isSet(TunAttribute.Persist),
    hasPacketInfo: isSet(TunAttribute.PacketInfo),
    hasVnetHeader: isSet(TunAttribute.VnetHeader),
    isMultiQueue: isSet(TunAttribute.MultiQueue),
    queueCount:
      (number(TunAttribute.QueueCount) ?? 0) + (number(TunAttribute.DisabledQueueCount) ?? 0),
    owner: number(TunAttribute.Owner),
    group: number(TunAttribute.Group),
    isCompanion: isCompanionAlias(
      decodeName(attributes.get(LinkAttribute.Alias) ?? Buffer.alloc(0)),
    ),
  };
}

function nested(attributes: Attributes, type: number): Attributes {
  return decodeAttributes(attributes.get(type) ?? Buffer.alloc(0));
}

function nameAttribute(name: string): Buffer {
  return encodeAttribute(LinkAttribute.Name, encodeName(name));
}

/** Text of an address of 4 or 16 bytes in wire order. */
export function formatAddress(bytes: Uint8Array): string {
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
  return canonicalIpAddress(bytes.length === 4 ? bytes.join('.') : groups.join(':'));
}

/** Text of a MAC address of six bytes in wire order. */
export function formatMacBytes(bytes: Uint8Array): string {
  const { hi16, lo32 } = macFromBytes(bytes);
  return formatMac(hi16, lo32);
}
