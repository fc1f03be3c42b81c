/**
 * Interfaces of any kind, as the kernel has them, and what it takes to have one led elsewhere.
 *
 * Source: rtnetlink(7), linux/if_link.h, linux/if_arp.h.
 */

import {
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
  const body = askForInterface(which, netnsPath);
  return body && decodeInterface(body);
}

/**
 * What the kernel says of one interface: its link part, and attributes.
 * @param which its name, or its index in the namespace. @returns `undefined` where there is none
 */
export function askForInterface(which: string | number, netnsPath?: string): Buffer | undefined {
  const request = encodeMessage(
    Message.GetLink,
    Flag.Acknowledge,
    encodeLinkPart(typeof which === 'number' ? { index: which } : {}),
    typeof which === 'number' ? [] : [encodeAttribute(LinkAttribute.Name, encodeName(which))],
  );
  try {
    return ask(request, 'RTM_GETLINK', String(which), netnsPath)[0]?.body;
  } catch (error) {
    if (error instanceof RouteRefusal && error.errno === ENODEV) return undefined;
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
  };
}
