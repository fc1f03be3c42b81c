"use strict";
/**
 * The bytes of rtnetlink: encodes requests and decodes answers. No I/O. Numbers are in host byte order,
 * which is little endian (`native.ts` checks that).
 *
 *    0  length, u32, of the whole message     4  type, u16          6  flags, u16
 *    8  sequence number, u32                 12  port id, u32
 *   16  a fixed part that depends on the type, then attributes: length u16, type u16, payload, each
 *       padded to four bytes; a payload may be attributes again
 *
 * Source: RFC 3549, netlink(7), rtnetlink(7), linux/netlink.h, linux/rtnetlink.h, linux/if_link.h.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ADDRESS_PART_BYTES = exports.TRAFFIC_PART_BYTES = exports.LINK_PART_BYTES = exports.AddressAttribute = exports.TunAttribute = exports.TrafficAttribute = exports.VethAttribute = exports.InfoAttribute = exports.LinkAttribute = exports.Flag = exports.Message = void 0;
exports.encodeMessage = encodeMessage;
exports.encodeAttribute = encodeAttribute;
exports.encodeU32 = encodeU32;
exports.encodeName = encodeName;
exports.decodeName = decodeName;
exports.encodeLinkPart = encodeLinkPart;
exports.decodeLinkPart = decodeLinkPart;
exports.encodeTrafficPart = encodeTrafficPart;
exports.decodeTrafficPart = decodeTrafficPart;
exports.encodeAddressPart = encodeAddressPart;
exports.decodeAddressPart = decodeAddressPart;
exports.decodeMessages = decodeMessages;
exports.decodeAttributes = decodeAttributes;
exports.Message = {
    Error: 2,
    Done: 3,
    NewLink: 16,
    DeleteLink: 17,
    GetLink: 18,
    NewAddress: 20,
    DeleteAddress: 21,
    GetAddress: 22,
    NewQdisc: 36,
    DeleteQdisc: 37,
    NewFilter: 44,
    DeleteFilter: 45,
    GetFilter: 46,
};
exports.Flag = {
    Request: 0x001,
    Acknowledge: 0x004,
    Dump: 0x300,
    Replace: 0x100,
    Exclusive: 0x200,
    Create: 0x400,
    /** Flags of an answer: the request is not quoted, and attributes follow. */
    Capped: 0x100,
    HasAttributes: 0x200,
};
/** Attributes of a link (IFLA_*), of its kind (IFLA_INFO_*), and of a TUN/TAP device (IFLA_TUN_*). */
exports.LinkAttribute = {
    Address: 1,
    Name: 3,
    Mtu: 4,
    /** Index of the interface behind this one: the other end of a veth pair. */
    Link: 5,
    Queueing: 6,
    Master: 10,
    QueueLength: 13,
    LinkInfo: 18,
    /** Id of a process in whose namespace the interface is made. */
    NetnsProcess: 19,
    Alias: 20,
    /** Number of the namespace in which `Link` is, if it is in another. */
    LinkNetns: 37,
    /** Number of the namespace that a request is about. */
    TargetNetns: 46,
    FamilySpecific: 26,
    /** Number of the group of interfaces that it belongs to; 0 unless somebody gave it another. */
    Group: 27,
    /** IFLA_INET6_ADDR_GEN_MODE, inside FamilySpecific and AF_INET6. */
    AddressGeneration: 8,
};
exports.InfoAttribute = { Kind: 1, Data: 2 };
/** Attributes of a veth pair: VETH_INFO_*, linux/veth.h. */
exports.VethAttribute = { Peer: 1 };
/** Attributes of a queueing discipline or a filter: TCA_*. */
exports.TrafficAttribute = { Kind: 1, Options: 2 };
exports.TunAttribute = {
    Owner: 1,
    Group: 2,
    Type: 3,
    PacketInfo: 4,
    VnetHeader: 5,
    Persist: 6,
    MultiQueue: 7,
    QueueCount: 8,
    DisabledQueueCount: 9,
};
/** Attributes of an address: IFA_*. Without a peer, both are the address itself. */
exports.AddressAttribute = { Peer: 1, Local: 2 };
/** Attribute NLMSGERR_ATTR_MSG: the kernel's explanation of a refusal. */
const ERROR_MESSAGE = 1;
const HEADER_BYTES = 16;
const ERROR_NUMBER_BYTES = 4;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Bits of the type. The two upper ones are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
const ATTRIBUTE_TYPE_MASK = 0x3fff;
/** Encodes a request. Without `Acknowledge` or `Dump` among its flags, the answer has no end. */
function encodeMessage(type, flags, fixedPart, attributes = []) {
    const body = Buffer.concat([padded(fixedPart), ...attributes]);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(HEADER_BYTES + body.length, 0);
    header.writeUInt16LE(type, 4);
    header.writeUInt16LE(flags | exports.Flag.Request, 6);
    return Buffer.concat([header, body]);
}
function encodeAttribute(type, payload) {
    const header = Buffer.alloc(ATTRIBUTE_HEADER_BYTES);
    header.writeUInt16LE(ATTRIBUTE_HEADER_BYTES + payload.length, 0);
    header.writeUInt16LE(type, 2);
    return padded(Buffer.concat([header, payload]));
}
function encodeU32(value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
}
/** Encodes a name, with its final zero byte. */
function encodeName(name) {
    return Buffer.from(`${name}\0`);
}
function decodeName(bytes) {
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}
/** Encodes `struct ifinfomsg`: `flags` holds the new values of the flags in `mask`. */
function encodeLinkPart({ index = 0, flags = 0, mask = 0 }) {
    const bytes = Buffer.alloc(exports.LINK_PART_BYTES);
    bytes.writeInt32LE(index, 4);
    bytes.writeUInt32LE(flags, 8);
    bytes.writeUInt32LE(mask, 12);
    return bytes;
}
function decodeLinkPart(body) {
    return { index: body.readInt32LE(4), flags: body.readUInt32LE(8) };
}
exports.LINK_PART_BYTES = 16;
/** Encodes `struct tcmsg`. */
function encodeTrafficPart({ index, handle = 0, parent, info = 0 }) {
    const bytes = Buffer.alloc(exports.TRAFFIC_PART_BYTES);
    bytes.writeInt32LE(index, 4);
    bytes.writeUInt32LE(handle, 8);
    bytes.writeUInt32LE(parent, 12);
    bytes.writeUInt32LE(info, 16);
    return bytes;
}
function decodeTrafficPart(body) {
    return {
        index: body.readInt32LE(4),
        handle: body.readUInt32LE(8),
        parent: body.readUInt32LE(12),
        info: body.readUInt32LE(16),
    };
}
exports.TRAFFIC_PART_BYTES = 20;
/** Encodes `struct ifaddrmsg`, with the scope "global" and no flags. */
function encodeAddressPart({ family, prefixLength, index }) {
    const bytes = Buffer.alloc(exports.ADDRESS_PART_BYTES);
    bytes.writeUInt8(family, 0);
    bytes.writeUInt8(prefixLength, 1);
    bytes.writeUInt32LE(index, 4);
    return bytes;
}
function decodeAddressPart(body) {
    return {
        family: body.readUInt8(0),
        prefixLength: body.readUInt8(1),
        index: body.readUInt32LE(4),
    };
}
exports.ADDRESS_PART_BYTES = 8;
/**
 * Decodes an answer.
 * @throws RangeError for an answer that is cut short.
 */
function decodeMessages(answer) {
    const messages = [];
    for (let at = 0; at < answer.length;) {
        const lengthBytes = answer.readUInt32LE(at);
        if (lengthBytes < HEADER_BYTES || at + lengthBytes > answer.length)
            break;
        const message = {
            type: answer.readUInt16LE(at + 4),
            flags: answer.readUInt16LE(at + 6),
            body: answer.subarray(at + HEADER_BYTES, at + lengthBytes),
        };
        if (message.type === exports.Message.Error || message.type === exports.Message.Done) {
            return { messages, outcome: decodeOutcome(message) };
        }
        messages.push(message);
        at += align(lengthBytes);
    }
    throw new RangeError('the answer of the kernel has no end');
}
/** @param from offset of the first attribute in `bytes` */
function decodeAttributes(bytes, from = 0) {
    const attributes = new Map();
    for (let at = align(from); at + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
        const lengthBytes = bytes.readUInt16LE(at);
        if (lengthBytes < ATTRIBUTE_HEADER_BYTES || at + lengthBytes > bytes.length)
            break;
        const type = bytes.readUInt16LE(at + 2) & ATTRIBUTE_TYPE_MASK;
        attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + lengthBytes));
        at += align(lengthBytes);
    }
    return attributes;
}
/** Decodes the final message. A dump may end without an error number, which means success. */
function decodeOutcome({ flags, body }) {
    const errno = body.length < ERROR_NUMBER_BYTES ? 0 : Math.abs(body.readInt32LE(0));
    if ((flags & exports.Flag.HasAttributes) === 0)
        return { errno, reason: undefined };
    const isCapped = (flags & exports.Flag.Capped) !== 0;
    const quotedBytes = isCapped ? HEADER_BYTES : body.readUInt32LE(ERROR_NUMBER_BYTES);
    const reason = decodeAttributes(body, ERROR_NUMBER_BYTES + quotedBytes).get(ERROR_MESSAGE);
    return { errno, reason: reason && decodeName(reason) };
}
function padded(bytes) {
    return Buffer.concat([bytes], align(bytes.length));
}
function align(bytes) {
    return (bytes + 3) & ~3;
}
