"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.FRAME_BYTES = exports.BARE_FRAME_BYTES = exports.TARGET_LINK_LAYER = exports.SOURCE_LINK_LAYER = exports.FLAG_OVERRIDE = exports.FLAG_SOLICITED = exports.FLAG_ROUTER = exports.REDIRECT = exports.NEIGHBOUR_ADVERTISEMENT = exports.NEIGHBOUR_SOLICITATION = exports.ROUTER_ADVERTISEMENT = exports.ROUTER_SOLICITATION = exports.TARGET_ADDRESS = exports.DESTINATION_ADDRESS = exports.SOURCE_ADDRESS = void 0;
exports.isNeighbourDiscovery = isNeighbourDiscovery;
exports.isNdType = isNdType;
exports.isValidMessage = isValidMessage;
exports.messageType = messageType;
exports.hasFlag = hasFlag;
exports.linkLayerOption = linkLayerOption;
exports.isFromSender = isFromSender;
exports.putMessage = putMessage;
exports.putLinkLayerOption = putLinkLayerOption;
exports.putChecksum = putChecksum;
const checksum_1 = require("./checksum");
const ipv6_1 = require("./ipv6");
const ethernet_1 = require("./ethernet");
const read_1 = require("./read");
const IP = ethernet_1.PAYLOAD;
const PAYLOAD_LENGTH = IP + ipv6_1.PAYLOAD_LENGTH;
const NEXT_HEADER = IP + ipv6_1.NEXT_HEADER;
const HOP_LIMIT = IP + ipv6_1.HOP_LIMIT;
exports.SOURCE_ADDRESS = IP + ipv6_1.SOURCE_ADDRESS;
exports.DESTINATION_ADDRESS = IP + ipv6_1.DESTINATION_ADDRESS;
const MESSAGE = IP + ipv6_1.IPV6_HEADER_BYTES;
const TYPE = MESSAGE;
const CODE = MESSAGE + 1;
const CHECKSUM = MESSAGE + 2;
const FLAGS = MESSAGE + 4;
exports.TARGET_ADDRESS = MESSAGE + 8;
exports.ROUTER_SOLICITATION = 133;
exports.ROUTER_ADVERTISEMENT = 134;
exports.NEIGHBOUR_SOLICITATION = 135;
exports.NEIGHBOUR_ADVERTISEMENT = 136;
exports.REDIRECT = 137;
/** Where the options of a message start, by type: 133 to 137. */
const OPTIONS = [62, 70, 78, 78, 94];
/** Flags of an advertisement. */
exports.FLAG_ROUTER = 0x80;
exports.FLAG_SOLICITED = 0x40;
exports.FLAG_OVERRIDE = 0x20;
exports.SOURCE_LINK_LAYER = 1;
exports.TARGET_LINK_LAYER = 2;
/** Unit of an option's length: eight bytes. An option with a MAC address takes one unit. */
const OPTION_UNIT_BYTES = 8;
const OPTION_LENGTH = 1;
const OPTION_VALUE = 2;
/** Hop limit of a packet that no router has forwarded (RFC 4861 3.1). */
const HOP_LIMIT_ON_LINK = 255;
/** Sizes of a frame with a solicitation or advertisement: without options, and with one for a MAC. */
exports.BARE_FRAME_BYTES = 78;
exports.FRAME_BYTES = exports.BARE_FRAME_BYTES + OPTION_UNIT_BYTES;
/** Whether an IPv6 frame carries an ICMPv6 message of Neighbor Discovery. */
function isNeighbourDiscovery(u8, at, lengthBytes) {
    return (lengthBytes > TYPE &&
        u8[at + NEXT_HEADER] === ipv6_1.NEXT_HEADER_ICMPV6 &&
        isNdType((0, read_1.u8At)(u8, at + TYPE)));
}
function isNdType(type) {
    return type >= exports.ROUTER_SOLICITATION && type <= exports.REDIRECT;
}
/** Whether a message for which `isNeighbourDiscovery` holds is valid by RFC 4861. */
function isValidMessage(u8, u16, at, lengthBytes) {
    const payloadBytes = (0, ipv6_1.checkIpv6Header)(u8, at + IP, lengthBytes - IP);
    const options = (0, read_1.numberAt)(OPTIONS, messageType(u8, at) - exports.ROUTER_SOLICITATION);
    return (MESSAGE + payloadBytes >= options &&
        u8[at + HOP_LIMIT] === HOP_LIMIT_ON_LINK &&
        u8[at + CODE] === 0 &&
        !(0, ipv6_1.isMulticastAt)(u8, at + exports.SOURCE_ADDRESS) &&
        areOptionsWhole(u8, at + options, at + MESSAGE + payloadBytes) &&
        isTypeValid(u8, at) &&
        ((0, checksum_1.isChecksumPartial)(u8, u16, at, MESSAGE, CHECKSUM - MESSAGE) ||
            (0, checksum_1.sumHolds)((0, ipv6_1.addIpv6Payload)(u8, u16, at + IP, payloadBytes))));
}
/** Checks the rules that hold for one message type only. */
function isTypeValid(u8, at) {
    const isAnonymous = (0, ipv6_1.isUnspecifiedAt)(u8, at + exports.SOURCE_ADDRESS);
    switch (messageType(u8, at)) {
        case exports.ROUTER_SOLICITATION:
            return !isAnonymous || linkLayerOption(u8, at, exports.SOURCE_LINK_LAYER) < 0;
        case exports.NEIGHBOUR_SOLICITATION:
            if ((0, ipv6_1.isMulticastAt)(u8, at + exports.TARGET_ADDRESS))
                return false;
            return (!isAnonymous ||
                ((0, ipv6_1.isSolicitedNodeAt)(u8, at + exports.DESTINATION_ADDRESS, at + exports.TARGET_ADDRESS) &&
                    linkLayerOption(u8, at, exports.SOURCE_LINK_LAYER) < 0));
        case exports.NEIGHBOUR_ADVERTISEMENT:
            return (!(0, ipv6_1.isMulticastAt)(u8, at + exports.TARGET_ADDRESS) &&
                !((0, ipv6_1.isMulticastAt)(u8, at + exports.DESTINATION_ADDRESS) && hasFlag(u8, at, exports.FLAG_SOLICITED)));
        default:
            return (0, ipv6_1.isLinkLocalAt)(u8, at + exports.SOURCE_ADDRESS);
    }
}
/** Whether the options end exactly at `end` and none has the length zero. */
function areOptionsWhole(u8, from, end) {
    let option = from;
    while (option + OPTION_LENGTH < end) {
        const units = (0, read_1.u8At)(u8, option + OPTION_LENGTH);
        if (units === 0)
            return false;
        option += units * OPTION_UNIT_BYTES;
    }
    return option === end;
}
function messageType(u8, at) {
    return (0, read_1.u8At)(u8, at + TYPE);
}
function hasFlag(u8, at, flag) {
    return ((0, read_1.u8At)(u8, at + FLAGS) & flag) !== 0;
}
/** The arena offset of the MAC in the first option of a kind, or -1 if there is none. */
function linkLayerOption(u8, at, kind) {
    const first = at + (0, read_1.numberAt)(OPTIONS, messageType(u8, at) - exports.ROUTER_SOLICITATION);
    return linkLayerOptionFrom(u8, at, kind, first);
}
/** `linkLayerOption` for the options from the arena offset `option` on. */
function linkLayerOptionFrom(u8, at, kind, option) {
    const end = at + MESSAGE + (0, ethernet_1.getU16)(u8, at + PAYLOAD_LENGTH);
    while (option < end) {
        if (u8[option] === kind)
            return option + OPTION_VALUE;
        option += (0, read_1.u8At)(u8, option + OPTION_LENGTH) * OPTION_UNIT_BYTES;
    }
    return -1;
}
/**
 * Whether every link-layer option that names the sender's MAC equals the Ethernet source. All of
 * them are compared, because hosts differ in which of several options they use.
 */
function isFromSender(u8, u16, at) {
    const isAdvertisement = messageType(u8, at) === exports.NEIGHBOUR_ADVERTISEMENT;
    const kind = isAdvertisement ? exports.TARGET_LINK_LAYER : exports.SOURCE_LINK_LAYER;
    let mac = linkLayerOption(u8, at, kind);
    while (mac >= 0) {
        if ((0, ethernet_1.macLo32)(u16, mac) !== (0, ethernet_1.macLo32)(u16, at + ethernet_1.SOURCE))
            return false;
        if ((0, ethernet_1.macHi16)(u16, mac) !== (0, ethernet_1.macHi16)(u16, at + ethernet_1.SOURCE))
            return false;
        const option = mac - OPTION_VALUE;
        const units = (0, read_1.u8At)(u8, option + OPTION_LENGTH);
        mac = linkLayerOptionFrom(u8, at, kind, option + units * OPTION_UNIT_BYTES);
    }
    return true;
}
/** Writes EtherType, IPv6 header and ICMPv6 header without the addresses and the checksum. */
function putMessage(u8, u16, at, type, flags, lengthBytes) {
    u16[(at + ethernet_1.ETHER_TYPE) >> 1] = ethernet_1.ETHER_TYPE_IPV6;
    (0, ethernet_1.putI32)(u8, at + IP, ipv6_1.VERSION_6);
    (0, ethernet_1.putU16)(u8, at + PAYLOAD_LENGTH, lengthBytes - MESSAGE);
    u8[at + NEXT_HEADER] = ipv6_1.NEXT_HEADER_ICMPV6;
    u8[at + HOP_LIMIT] = HOP_LIMIT_ON_LINK;
    u8[at + TYPE] = type;
    u8[at + CODE] = 0;
    (0, ethernet_1.putU16)(u8, at + CHECKSUM, 0);
    (0, ethernet_1.putI32)(u8, at + FLAGS, flags << 24);
}
/** Writes the link-layer address option of a solicitation or advertisement. */
function putLinkLayerOption(u8, u16, at, kind, hi16, lo32) {
    u8[at + exports.BARE_FRAME_BYTES] = kind;
    u8[at + exports.BARE_FRAME_BYTES + OPTION_LENGTH] = 1;
    (0, ethernet_1.putMac)(u16, at + exports.BARE_FRAME_BYTES + OPTION_VALUE, hi16, lo32);
}
/** Writes the checksum. The rest of the message must be complete. */
function putChecksum(u8, u16, at, lengthBytes) {
    u16[(at + CHECKSUM) >> 1] = (0, checksum_1.complement)((0, ipv6_1.addIpv6Payload)(u8, u16, at + IP, lengthBytes - MESSAGE));
}
