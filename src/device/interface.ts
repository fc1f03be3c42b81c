/**
 * Network interfaces of any kind, as the kernel reports them, and how to silence one.
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
import { askLink } from './ask-link';
import { isCompanionAlias } from './companion';
import { RouteRefusal, ask } from './route';

export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** `veth`, `vxlan`, `tun`, …; `undefined` for a network card. */
  readonly kind: string | undefined;
  readonly isEthernet: boolean;
  readonly isLoopback: boolean;
  /** Whether the interface is set up and has carrier (IFF_UP and IFF_RUNNING). */
  readonly isUp: boolean;
  readonly mtuBytes: number;
  /** Whether a switch made it to stand for an interface: `companion.ts`. */
  readonly isCompanion: boolean;
  /** Index of the bridge or bond of which this interface is a member. */
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

/** `ifi_type` of an Ethernet interface: linux/if_arp.h. */
const ARPHRD_ETHER = 1;
/** Flags of an interface: linux/if.h. */
const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;
const IFF_RUNNING = 0x40;
const IFF_NOARP = 0x80;

const EBUSY = 16;

const AF_INET6 = 10;
/** IN6_ADDR_GEN_MODE_NONE: without a link-local address, the kernel sends no IPv6 of its own. */
const NO_ADDRESSES = 1;

/** @param which name or index of the interface. @returns `undefined` where there is none */
export function findInterface(
  which: string | number,
  netnsPath?: string,
): NetworkInterface | undefined {
  const message = askLink(which, netnsPath);
  return message && decodeInterface(message.body);
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
 * Makes the kernel send nothing of its own on an interface: no ARP, no IPv6.
 * @param alias description of the interface for people who list interfaces
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

/**
 * Gives an interface another name and description.
 * @throws NativeError `EEXIST` where another interface has the name
 */
export function renameInterface(
  index: number,
  name: string,
  alias: string,
  netnsPath?: string,
): void {
  const set = (isUp: boolean | undefined, attributes: readonly Buffer[]): void => {
    const mask = isUp === undefined ? 0 : IFF_UP;
    const part = encodeLinkPart({ index, flags: isUp === true ? IFF_UP : 0, mask });
    const request = encodeMessage(Message.NewLink, Flag.Acknowledge, part, attributes);
    ask(request, 'RTM_NEWLINK', name, netnsPath);
  };
  const names = [
    encodeAttribute(LinkAttribute.Name, encodeName(name)),
    encodeAttribute(LinkAttribute.Alias, Buffer.from(alias)),
  ];
  try {
    set(undefined, names);
  } catch (error) {
    if (!(error instanceof RouteRefusal && error.errno === EBUSY)) throw error;
    // Before Linux 6.2 an interface that is up keeps its name (net/core/dev.c, dev_change_name).
    set(false, []);
    try {
      set(undefined, names);
    } finally {
      set(true, []);
    }
  }
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
    isCompanion: isCompanionAlias(
      decodeName(attributes.get(LinkAttribute.Alias) ?? Buffer.alloc(0)),
    ),
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
