/**
 * TUN/TAP interfaces as the kernel has them, by name and network namespace: their state, their
 * addresses, and changes to both. Everything here throws a `NativeError` for what the kernel refuses.
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
import { RouteRefusal, ask } from './route';

/** Frames with an Ethernet header, or IP packets without one. */
export type DeviceMode = 'tap' | 'tun';

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly mode: DeviceMode;
  readonly isUp: boolean;
  readonly mtuBytes: number;
  /** Frames that wait for the program at most: `txqueuelen`. */
  readonly queueFrames: number;
  /** Six bytes in wire order; `undefined` for a TUN device. */
  readonly mac: Uint8Array | undefined;
  readonly isPersistent: boolean;
  readonly hasPacketInfo: boolean;
  readonly hasVnetHeader: boolean;
  readonly isMultiQueue: boolean;
  /** Descriptors attached to a device of many queues. */
  readonly queueCount: number;
  /**
   * User and group id of those who may attach without CAP_NET_ADMIN; `undefined` for anybody. Where
   * there are both, both must match (tun_not_capable).
   */
  readonly owner: number | undefined;
  readonly group: number | undefined;
}

export interface LinkAddress {
  readonly family: IpFamily;
  /** In its one form (RFC 5952 for IPv6). */
  readonly address: string;
  /** Which addresses lie behind the interface, counted from `peer` if there is one. */
  readonly prefixLength: number;
  /** The other end of a point-to-point link. */
  readonly peer: string | undefined;
}

export interface LinkChange {
  /** Six bytes in wire order. */
  readonly mac?: Uint8Array;
  readonly mtuBytes?: number;
  /** Frames: `txqueuelen`. */
  readonly queueFrames?: number;
  readonly isUp?: boolean;
}

const KIND = 'tun';
/** Of IFLA_TUN_TYPE: linux/if_tun.h. */
const IFF_TUN = 1;
/** Of `ifi_flags`: linux/if.h. */
const IFF_UP = 1;
const ENODEV = 19;
const AF_INET = 2;
const AF_INET6 = 10;

/** Every TUN/TAP interface of a namespace; of that of this process unless given. */
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

/** @returns the interface, or what else bears the name: `other`, or `nothing`. */
export function findLink(name: string, netnsPath?: string): Link | 'other' | 'nothing' {
  const request = encodeMessage(Message.GetLink, Flag.Acknowledge, Buffer.alloc(LINK_PART_BYTES), [
    nameAttribute(name),
  ]);
  try {
    const [message] = ask(request, 'RTM_GETLINK', name, netnsPath);
    return (message && decodeLink(message)) ?? 'other';
  } catch (error) {
    if (error instanceof RouteRefusal && error.errno === ENODEV) return 'nothing';
    throw error;
  }
}

/**
 * In one request. What the kernel changed before it refused the rest stays changed.
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
    ],
  );
  ask(request, 'RTM_NEWLINK', String(which), netnsPath);
}

/** The addresses of every interface of a namespace, by the interface's index. */
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

/** An address as bytes in wire order, to be given to an interface. */
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

/** `undefined` for an interface of another kind. */
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
  };
}

function nested(attributes: Attributes, type: number): Attributes {
  return decodeAttributes(attributes.get(type) ?? Buffer.alloc(0));
}

function nameAttribute(name: string): Buffer {
  return encodeAttribute(LinkAttribute.Name, encodeName(name));
}

/** The text of 4 or 16 bytes in wire order. */
export function formatAddress(bytes: Uint8Array): string {
  const groups = Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? [];
  return canonicalIpAddress(bytes.length === 4 ? bytes.join('.') : groups.join(':'));
}

/** The text of six bytes in wire order. */
export function formatMacBytes(bytes: Uint8Array): string {
  const { hi16, lo32 } = macFromBytes(bytes);
  return formatMac(hi16, lo32);
}
