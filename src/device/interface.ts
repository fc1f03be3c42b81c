/**
 * Interfaces of any kind, as the kernel has them, and what it takes to have one led elsewhere.
 *
 * Source: rtnetlink(7), linux/if_link.h, linux/if_arp.h.
 */

import {
  type Attributes,
  Flag,
  InfoAttribute,
  LINK_PART_BYTES,
  LinkAttribute,
  Message,
  decodeAttributes,
  decodeLinkPart,
  decodeName,
  encodeAttribute,
  encodeLinkPart,
  encodeMessage,
  encodeName,
  encodeU32,
} from './rtnetlink';
import { RouteRefusal, ask } from './route';

export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** `veth`, `vxlan`, `tun`, …; `undefined` for a network card. */
  readonly kind: string | undefined;
  readonly isEthernet: boolean;
  readonly isLoopback: boolean;
  /** IFF_UP, and the carrier is there. */
  readonly isUp: boolean;
  readonly mtuBytes: number;
  /** Index of the bridge or bond that it is a member of. */
  readonly master: number | undefined;
  /** Queueing discipline of what leaves by it: `noqueue`, … */
  readonly queueing: string;
  /** Other end of a veth pair, if it is in another namespace. */
  readonly farEnd: FarEnd | undefined;
}

export interface FarEnd {
  /** Index in its namespace. */
  readonly index: number;
  /** Number that the namespace has in the one of the near end. */
  readonly netns: number;
}

/** `ifi_type`. */
const ARPHRD_ETHER = 1;
/** Flags of an interface: linux/if.h. */
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;
const ENODEV = 19;

const AF_INET6 = 10;
/** IN6_ADDR_GEN_MODE_NONE: no link-local address, and so no word of the kernel's own. */
const NO_ADDRESSES = 1;

/** @param which its name, or its index in the namespace. @returns `undefined` where there is none */
export function findInterface(
  which: string | number,
  netnsPath?: string,
): NetworkInterface | undefined {
  const part = Buffer.alloc(LINK_PART_BYTES);
  if (typeof which === 'number') part.writeInt32LE(which, 4);
  const request = encodeMessage(
    Message.GetLink,
    Flag.Acknowledge,
    part,
    typeof which === 'number' ? [] : [encodeAttribute(LinkAttribute.Name, encodeName(which))],
  );
  try {
    const [message] = ask(request, 'RTM_GETLINK', String(which), netnsPath);
    return message && decodeInterface(message.body);
  } catch (error) {
    if (error instanceof RouteRefusal && error.errno === ENODEV) return undefined;
    throw error;
  }
}

/** @returns the MAC of the other end of a veth pair; `undefined` where it is gone or out of reach */
export function farEndMac(farEnd: FarEnd, netnsPath?: string): Buffer | undefined {
  const part = Buffer.alloc(LINK_PART_BYTES);
  part.writeInt32LE(farEnd.index, 4);
  const request = encodeMessage(Message.GetLink, Flag.Acknowledge, part, [
    encodeAttribute(LinkAttribute.TargetNetns, encodeU32(farEnd.netns)),
  ]);
  try {
    const [message] = ask(request, 'RTM_GETLINK', `interface ${farEnd.index}`, netnsPath);
    return message && decodeAttributes(message.body, LINK_PART_BYTES).get(LinkAttribute.Address);
  } catch (error) {
    if (error instanceof RouteRefusal) return undefined;
    throw error;
  }
}

/**
 * Has the kernel send nothing of its own by an interface: no ARP, no IPv6.
 * @param alias what people who list interfaces are to read about it
 */
export function silence(name: string, alias: string, netnsPath?: string): void {
  const inet6 = encodeAttribute(
    AF_INET6,
    encodeAttribute(LinkAttribute.AddressGeneration, Buffer.of(NO_ADDRESSES)),
  );
  const request = encodeMessage(
    Message.NewLink,
    Flag.Acknowledge,
    encodeLinkPart({ flags: IFF_NOARP, mask: IFF_NOARP }),
    [
      encodeAttribute(LinkAttribute.Name, encodeName(name)),
      encodeAttribute(LinkAttribute.Alias, Buffer.from(alias)),
      encodeAttribute(LinkAttribute.FamilySpecific, inet6),
    ],
  );
  ask(request, 'RTM_NEWLINK', name, netnsPath);
}

function decodeInterface(body: Buffer): NetworkInterface {
  const { index, flags } = decodeLinkPart(body);
  const attributes = decodeAttributes(body, LINK_PART_BYTES);
  const info = decodeAttributes(attributes.get(LinkAttribute.LinkInfo) ?? Buffer.alloc(0));
  const kind = info.get(InfoAttribute.Kind);
  return {
    index,
    name: decodeName(attributes.get(LinkAttribute.Name) ?? Buffer.alloc(0)),
    kind: kind && decodeName(kind),
    isEthernet: body.readUInt16LE(2) === ARPHRD_ETHER,
    isLoopback: (flags & IFF_LOOPBACK) !== 0,
    isUp: (flags & IFF_UP) !== 0 && (flags & IFF_RUNNING) !== 0,
    mtuBytes: attributes.get(LinkAttribute.Mtu)?.readUInt32LE() ?? 0,
    master: attributes.get(LinkAttribute.Master)?.readUInt32LE(),
    queueing: decodeName(attributes.get(LinkAttribute.Queueing) ?? Buffer.alloc(0)),
    farEnd: kind && decodeName(kind) === 'veth' ? decodeFarEnd(attributes) : undefined,
  };
}

function decodeFarEnd(attributes: Attributes): FarEnd | undefined {
  const index = attributes.get(LinkAttribute.Link)?.readUInt32LE();
  const netns = attributes.get(LinkAttribute.LinkNetns)?.readInt32LE();
  return index === undefined || netns === undefined ? undefined : { index, netns };
}
