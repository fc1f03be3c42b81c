/**
 * Neighbor Discovery messages: ICMPv6 types 133 to 137. Offsets count from the first byte of the
 * frame. Extension headers are not followed: RFC 6980 forbids fragments, and the switch trusts no
 * message behind extension headers (see `ipv6-extensions.ts`). Call `isValidMessage` once per frame;
 * the accessors cannot fail after that.
 *
 *    0  destination   6  source        12  EtherType 0x86dd
 *   14  version …    18  length        20  next header (58)     21  hop limit (255)
 *   22  source address                 38  destination address
 *   54  type         55  code (0)      56  checksum             58  flags, or reserved
 *   62  target address (solicitation, advertisement, redirect)  78  options
 *
 * Source: RFC 4861 sections 4 (formats) and 6.1, 7.1, 8.1 (what makes a message valid).
 */

import { complement, isChecksumPartial, sumHolds } from './checksum';
import {
  DESTINATION_ADDRESS as IP_DESTINATION_ADDRESS,
  HOP_LIMIT as IP_HOP_LIMIT,
  IPV6_HEADER_BYTES,
  NEXT_HEADER as IP_NEXT_HEADER,
  NEXT_HEADER_ICMPV6,
  PAYLOAD_LENGTH as IP_PAYLOAD_LENGTH,
  SOURCE_ADDRESS as IP_SOURCE_ADDRESS,
  VERSION_6,
  addIpv6Payload,
  checkIpv6Header,
  isLinkLocalAt,
  isMulticastAt,
  isSolicitedNodeAt,
  isUnspecifiedAt,
} from './ipv6';
import {
  ETHER_TYPE,
  ETHER_TYPE_IPV6,
  PAYLOAD,
  SOURCE,
  getU16,
  macHi16,
  macLo32,
  putI32,
  putMac,
  putU16,
} from './ethernet';
import { numberAt, u8At } from './read';

const IP = PAYLOAD;
const PAYLOAD_LENGTH = IP + IP_PAYLOAD_LENGTH;
const NEXT_HEADER = IP + IP_NEXT_HEADER;
const HOP_LIMIT = IP + IP_HOP_LIMIT;
export const SOURCE_ADDRESS = IP + IP_SOURCE_ADDRESS;
export const DESTINATION_ADDRESS = IP + IP_DESTINATION_ADDRESS;
const MESSAGE = IP + IPV6_HEADER_BYTES;
const TYPE = MESSAGE;
const CODE = MESSAGE + 1;
const CHECKSUM = MESSAGE + 2;
const FLAGS = MESSAGE + 4;
export const TARGET_ADDRESS = MESSAGE + 8;

export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;
export const REDIRECT = 137;

/** Where the options of a message start, by type: 133 to 137. */
const OPTIONS = [62, 70, 78, 78, 94] as const;

/** Flags of an advertisement. */
export const FLAG_ROUTER = 0x80;
export const FLAG_SOLICITED = 0x40;
export const FLAG_OVERRIDE = 0x20;

export const SOURCE_LINK_LAYER = 1;
export const TARGET_LINK_LAYER = 2;
/** Unit of an option's length: eight bytes. An option with a MAC address takes one unit. */
const OPTION_UNIT_BYTES = 8;
const OPTION_LENGTH = 1;
const OPTION_VALUE = 2;

/** Hop limit of a packet that no router has forwarded (RFC 4861 3.1). */
const HOP_LIMIT_ON_LINK = 255;

/** Sizes of a frame with a solicitation or advertisement: without options, and with one for a MAC. */
export const BARE_FRAME_BYTES = 78;
export const FRAME_BYTES = BARE_FRAME_BYTES + OPTION_UNIT_BYTES;

/** Whether an IPv6 frame carries an ICMPv6 message of Neighbor Discovery. */
export function isNeighbourDiscovery(u8: Uint8Array, at: number, lengthBytes: number): boolean {
  return (
    lengthBytes > TYPE &&
    u8[at + NEXT_HEADER] === NEXT_HEADER_ICMPV6 &&
    isNdType(u8At(u8, at + TYPE))
  );
}

export function isNdType(type: number): boolean {
  return type >= ROUTER_SOLICITATION && type <= REDIRECT;
}

/** Whether a message for which `isNeighbourDiscovery` holds is valid by RFC 4861. */
export function isValidMessage(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  lengthBytes: number,
): boolean {
  const payloadBytes = checkIpv6Header(u8, at + IP, lengthBytes - IP);
  const options = numberAt(OPTIONS, messageType(u8, at) - ROUTER_SOLICITATION);
  return (
    MESSAGE + payloadBytes >= options &&
    u8[at + HOP_LIMIT] === HOP_LIMIT_ON_LINK &&
    u8[at + CODE] === 0 &&
    !isMulticastAt(u8, at + SOURCE_ADDRESS) &&
    areOptionsWhole(u8, at + options, at + MESSAGE + payloadBytes) &&
    isTypeValid(u8, at) &&
    (isChecksumPartial(u8, u16, at, MESSAGE, CHECKSUM - MESSAGE) ||
      sumHolds(addIpv6Payload(u8, u16, at + IP, payloadBytes)))
  );
}

/** Checks the rules that hold for one message type only. */
function isTypeValid(u8: Uint8Array, at: number): boolean {
  const isAnonymous = isUnspecifiedAt(u8, at + SOURCE_ADDRESS);
  switch (messageType(u8, at)) {
    case ROUTER_SOLICITATION:
      return !isAnonymous || linkLayerOption(u8, at, SOURCE_LINK_LAYER) < 0;
    case NEIGHBOUR_SOLICITATION:
      if (isMulticastAt(u8, at + TARGET_ADDRESS)) return false;
      return (
        !isAnonymous ||
        (isSolicitedNodeAt(u8, at + DESTINATION_ADDRESS, at + TARGET_ADDRESS) &&
          linkLayerOption(u8, at, SOURCE_LINK_LAYER) < 0)
      );
    case NEIGHBOUR_ADVERTISEMENT:
      return (
        !isMulticastAt(u8, at + TARGET_ADDRESS) &&
        !(isMulticastAt(u8, at + DESTINATION_ADDRESS) && hasFlag(u8, at, FLAG_SOLICITED))
      );
    default:
      return isLinkLocalAt(u8, at + SOURCE_ADDRESS);
  }
}

/** Whether the options end exactly at `end` and none has the length zero. */
function areOptionsWhole(u8: Uint8Array, from: number, end: number): boolean {
  let option = from;
  while (option + OPTION_LENGTH < end) {
    const units = u8At(u8, option + OPTION_LENGTH);
    if (units === 0) return false;
    option += units * OPTION_UNIT_BYTES;
  }
  return option === end;
}

export function messageType(u8: Uint8Array, at: number): number {
  return u8At(u8, at + TYPE);
}

export function hasFlag(u8: Uint8Array, at: number, flag: number): boolean {
  return (u8At(u8, at + FLAGS) & flag) !== 0;
}

/** The arena offset of the MAC in the first option of a kind, or -1 if there is none. */
export function linkLayerOption(u8: Uint8Array, at: number, kind: number): number {
  const first = at + numberAt(OPTIONS, messageType(u8, at) - ROUTER_SOLICITATION);
  return linkLayerOptionFrom(u8, at, kind, first);
}

/** `linkLayerOption` for the options from the arena offset `option` on. */
function linkLayerOptionFrom(u8: Uint8Array, at: number, kind: number, option: number): number {
  const end = at + MESSAGE + getU16(u8, at + PAYLOAD_LENGTH);
  while (option < end) {
    if (u8[option] === kind) return option + OPTION_VALUE;
    option += u8At(u8, option + OPTION_LENGTH) * OPTION_UNIT_BYTES;
  }
  return -1;
}

/**
 * Whether every link-layer option that names the sender's MAC equals the Ethernet source. All of
 * them are compared, because hosts differ in which of several options they use.
 */
export function isFromSender(u8: Uint8Array, u16: Uint16Array, at: number): boolean {
  const isAdvertisement = messageType(u8, at) === NEIGHBOUR_ADVERTISEMENT;
  const kind = isAdvertisement ? TARGET_LINK_LAYER : SOURCE_LINK_LAYER;
  let mac = linkLayerOption(u8, at, kind);
  while (mac >= 0) {
    if (macLo32(u16, mac) !== macLo32(u16, at + SOURCE)) return false;
    if (macHi16(u16, mac) !== macHi16(u16, at + SOURCE)) return false;
    const option = mac - OPTION_VALUE;
    const units = u8At(u8, option + OPTION_LENGTH);
    mac = linkLayerOptionFrom(u8, at, kind, option + units * OPTION_UNIT_BYTES);
  }
  return true;
}

/** Writes EtherType, IPv6 header and ICMPv6 header without the addresses and the checksum. */
export function putMessage(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  type: number,
  flags: number,
  lengthBytes: number,
): void {
  u16[(at + ETHER_TYPE) >> 1] = ETHER_TYPE_IPV6;
  putI32(u8, at + IP, VERSION_6);
  putU16(u8, at + PAYLOAD_LENGTH, lengthBytes - MESSAGE);
  u8[at + NEXT_HEADER] = NEXT_HEADER_ICMPV6;
  u8[at + HOP_LIMIT] = HOP_LIMIT_ON_LINK;
  u8[at + TYPE] = type;
  u8[at + CODE] = 0;
  putU16(u8, at + CHECKSUM, 0);
  putI32(u8, at + FLAGS, flags << 24);
}

/** Writes the link-layer address option of a solicitation or advertisement. */
export function putLinkLayerOption(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  kind: number,
  hi16: number,
  lo32: number,
): void {
  u8[at + BARE_FRAME_BYTES] = kind;
  u8[at + BARE_FRAME_BYTES + OPTION_LENGTH] = 1;
  putMac(u16, at + BARE_FRAME_BYTES + OPTION_VALUE, hi16, lo32);
}

/** Writes the checksum. The rest of the message must be complete. */
export function putChecksum(
  u8: Uint8Array,
  u16: Uint16Array,
  at: number,
  lengthBytes: number,
): void {
  u16[(at + CHECKSUM) >> 1] = complement(addIpv6Payload(u8, u16, at + IP, lengthBytes - MESSAGE));
}
