"use strict";
/**
 * The offsets of the headers of a super-frame, and whether the vnet header agrees with them. The walk
 * over the headers starts at the packet that `classify` has found. The vnet header is never trusted.
 *
 *     Ethernet | VLAN tags | IPv4 or IPv6 | extension headers | TCP or UDP | payload
 *     0 ------ network ---- ------------------------- transport --------- payload ---- length
 *
 * The length of a super-frame is the number of bytes read. Like Linux, this file does not read the length
 * fields of IP and UDP.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.UDP_CHECKSUM = exports.TCP_CHECKSUM = exports.PROTOCOL_TCP = void 0;
exports.readHeaders = readHeaders;
exports.isOrdinary = isOrdinary;
exports.hasChecksumField = hasChecksumField;
const burst_1 = require("./burst");
const ethernet_1 = require("../wire/ethernet");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const virtio_1 = require("../wire/virtio");
const read_1 = require("../wire/read");
/** Fields of TCP (RFC 9293 3.1) and UDP (RFC 768) that `segment.ts` writes, bytes from the transport header. */
exports.PROTOCOL_TCP = 6;
exports.TCP_CHECKSUM = 16;
exports.UDP_CHECKSUM = 6;
const TCP_HEADER_BYTES = 20;
/** The first EtherType. A smaller number is a length: IEEE 802.3 3.2.6. */
const FIRST_ETHER_TYPE = 0x0600;
/** Tags of older devices, and the EtherType of jumbo LLC frames. */
const OTHER_TAGS = [0x9100, 0x9200, 0x9300, 0x8870];
/** Protocols whose checksum a sender may leave open (IANA, Protocol Numbers). */
const PROTOCOL_ICMP = 1;
const PROTOCOL_IPIP = 4;
const PROTOCOL_DCCP = 33;
const PROTOCOL_IPV6 = 41;
const PROTOCOL_GRE = 47;
const PROTOCOL_ICMPV6 = 58;
const PROTOCOL_SCTP = 132;
const PROTOCOL_UDP_LITE = 136;
/** Offsets of checksums: RFC 792, RFC 4443 2.1; RFC 2784 2.1; RFC 9260 3.1. DCCP and UDP-Lite have UDP's. */
const ICMP_CHECKSUM = 2;
const GRE_CHECKSUM = 4;
const SCTP_CHECKSUM = 8;
const TCP_DATA_OFFSET = 12;
const UDP_HEADER_BYTES = 8;
/** Unit of the length of an extension header (RFC 8200 4). */
const IPV6_EXTENSION_UNIT_BYTES = 8;
/** `UDP_MAX_SEGMENTS` in linux/udp.h: Linux also refuses a super-frame of more datagrams. */
const MAX_UDP_SEGMENTS = 128;
/**
 * Most segments of a TCP super-frame. The smallest segments of a Linux sender (TCP_MIN_SND_MSS less the
 * options) cut 64 KiB into fewer. Linux sets no bound. Without one, a gso_size of 1 would turn one read
 * into 65,000 writes.
 */
const MAX_TCP_SEGMENTS = 2048;
/** Bytes of all headers of an ordinary packet: seven tags, IPv4 and TCP with all options, or as much IPv6. */
const MAX_ORDINARY_BYTES = 162;
/**
 * Reads the headers of a super-frame.
 *
 * @param headers written; meaningless if the result is false
 * @returns false if the frame is not a TCP or UDP packet of the kind that its vnet header names,
 *   if a header is not wholly in the frame, if the open checksum is not that of the packet, or if
 *   gso_size makes no segments or too many
 * Source: linux/virtio_net.h virtio_net_hdr_to_skb; net/core/gso.c skb_mac_gso_segment. Unlike
 *   Linux, an IPv4 fragment is refused.
 */
function readHeaders(burst, frame, headers) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    return (readNetwork(burst, frame, headers) &&
        readTransport(burst.u8, at, lengthBytes, headers) &&
        fitsKind((0, virtio_1.gsoType)(burst.u8, at), headers) &&
        fitsChecksum(burst, at, headers) &&
        fitsSize((0, virtio_1.gsoSizeBytes)(burst.u16, at), lengthBytes - headers.payload, headers.protocol));
}
/**
 * Whether Linux takes such a frame from every writer: TCP or UDP, with headers of an ordinary length
 * and a vnet header that is right in every field. If a kernel refuses an ordinary frame, it refuses this
 * kind of frame. If it refuses any other frame, the sender's vnet header is the reason.
 * @param headers written, as by `readHeaders`
 * Source: tun_get_user in drivers/net/tun.c; skb_partial_csum_set, which counts csum_start together
 *   with the room before the frame and has 16 bits for the sum.
 */
function isOrdinary(burst, frame, headers) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    const isSuperFrame = (0, virtio_1.gsoType)(burst.u8, at) !== virtio_1.GSO_NONE;
    const isRead = isSuperFrame
        ? readHeaders(burst, frame, headers)
        : readNetwork(burst, frame, headers) &&
            readTransport(burst.u8, at, lengthBytes, headers) &&
            fitsChecksum(burst, at, headers);
    if (!isRead || headers.payload > MAX_ORDINARY_BYTES)
        return false;
    if ((0, virtio_1.hdrLenBytes)(burst.u16, at) > lengthBytes)
        return false;
    return !isSuperFrame || (0, virtio_1.gsoSizeBytes)(burst.u16, at) <= lengthBytes - headers.payload;
}
/**
 * Whether the open checksum of a frame that is no super-frame is a checksum field of a protocol. The
 * sender chooses the field, and the switch fills it in for ports without offloads. If it could be anywhere,
 * a guest could make the switch change two bytes after inspection has read the frame.
 *
 * The checksum of the transport header is allowed. Inside a tunnel, so is the checksum of an inner
 * header, which the kernel's tunnels leave open (drivers/net/vxlan, net/ipv4/ip_tunnel.c).
 * A protocol that claims no address may have its checksum anywhere behind the EtherType.
 * @param headers written
 */
function hasChecksumField(burst, frame, headers) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    const start = (0, virtio_1.csumStart)(burst.u16, at);
    if (!isInspected((0, burst_1.typeOf)(burst, frame))) {
        return start >= (0, burst_1.payloadOf)(burst, frame) - at;
    }
    if (!readNetwork(burst, frame, headers))
        return false;
    const { transport, protocol } = headers;
    if (start === transport)
        return (0, virtio_1.csumOffset)(burst.u16, at) === checksumPlace(protocol);
    if (protocol === ipv4_1.PROTOCOL_UDP)
        return start >= transport + UDP_HEADER_BYTES;
    return isTunnel(protocol) && start > transport;
}
/**
 * Whether a frame of this EtherType, in memory order, may claim an address: IP, ARP, a length (LLC
 * and SNAP), or a tag that `classify` does not walk over. A frame with too many tags counts too.
 */
function isInspected(type) {
    const hostOrder = ((type & 0xff) << 8) | ((type >> 8) & 0xff);
    return (type === burst_1.NO_TYPE ||
        hostOrder < FIRST_ETHER_TYPE ||
        type === ethernet_1.ETHER_TYPE_IPV4 ||
        type === ethernet_1.ETHER_TYPE_IPV6 ||
        type === ethernet_1.ETHER_TYPE_ARP ||
        OTHER_TAGS.includes(hostOrder));
}
/** Bytes from the transport header to its checksum; -1 for a protocol whose checksum is never left open. */
function checksumPlace(protocol) {
    switch (protocol) {
        case exports.PROTOCOL_TCP:
            return exports.TCP_CHECKSUM;
        case ipv4_1.PROTOCOL_UDP:
        case PROTOCOL_DCCP:
        case PROTOCOL_UDP_LITE:
            return exports.UDP_CHECKSUM;
        case PROTOCOL_ICMP:
        case PROTOCOL_ICMPV6:
            return ICMP_CHECKSUM;
        case PROTOCOL_GRE:
            return GRE_CHECKSUM;
        case PROTOCOL_SCTP:
            return SCTP_CHECKSUM;
        default:
            return -1;
    }
}
function isTunnel(protocol) {
    return protocol === PROTOCOL_IPIP || protocol === PROTOCOL_IPV6 || protocol === PROTOCOL_GRE;
}
/** Walks over the IP header, which `classify` has found behind the VLAN tags. */
function readNetwork(burst, frame, headers) {
    const { u8 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    const type = (0, burst_1.typeOf)(burst, frame);
    headers.network = (0, burst_1.payloadOf)(burst, frame) - at;
    headers.isIpv4 = type === ethernet_1.ETHER_TYPE_IPV4;
    if (headers.isIpv4)
        return readIpv4(u8, at, lengthBytes, headers);
    return type === ethernet_1.ETHER_TYPE_IPV6 && readIpv6(u8, at, lengthBytes, headers);
}
function readIpv4(u8, at, lengthBytes, headers) {
    const ip = at + headers.network;
    if (headers.network + ipv4_1.IPV4_HEADER_BYTES > lengthBytes)
        return false;
    const headerBytes = ((0, read_1.u8At)(u8, ip) & 0x0f) * 4;
    if ((0, read_1.u8At)(u8, ip) >> 4 !== 4 || headerBytes < ipv4_1.IPV4_HEADER_BYTES)
        return false;
    headers.transport = headers.network + headerBytes;
    headers.protocol = (0, read_1.u8At)(u8, ip + ipv4_1.PROTOCOL);
    return !(0, ipv4_1.isFragment)(u8, ip);
}
function readIpv6(u8, at, lengthBytes, headers) {
    const ip = at + headers.network;
    if (headers.network + ipv6_1.IPV6_HEADER_BYTES > lengthBytes)
        return false;
    if ((0, read_1.u8At)(u8, ip) >> 4 !== 6)
        return false;
    let transport = headers.network + ipv6_1.IPV6_HEADER_BYTES;
    let protocol = (0, read_1.u8At)(u8, ip + ipv6_1.NEXT_HEADER);
    while (isCopiedExtension(protocol)) {
        if (transport + IPV6_EXTENSION_UNIT_BYTES > lengthBytes)
            return false;
        protocol = (0, read_1.u8At)(u8, at + transport);
        transport += ((0, read_1.u8At)(u8, at + transport + 1) + 1) * IPV6_EXTENSION_UNIT_BYTES;
    }
    headers.transport = transport;
    headers.protocol = protocol;
    return true;
}
/** Whether every segment carries a copy of this extension header: net/ipv6/exthdrs_offload.c. */
function isCopiedExtension(protocol) {
    return (protocol === ipv6_1.NEXT_HEADER_HOP_BY_HOP ||
        protocol === ipv6_1.NEXT_HEADER_ROUTING ||
        protocol === ipv6_1.NEXT_HEADER_DESTINATION_OPTIONS);
}
function readTransport(u8, at, lengthBytes, headers) {
    const { transport } = headers;
    if (headers.protocol === ipv4_1.PROTOCOL_UDP) {
        headers.checksum = transport + exports.UDP_CHECKSUM;
        headers.payload = transport + UDP_HEADER_BYTES;
        return headers.payload <= lengthBytes;
    }
    if (headers.protocol !== exports.PROTOCOL_TCP || transport + TCP_HEADER_BYTES > lengthBytes)
        return false;
    const headerBytes = ((0, read_1.u8At)(u8, at + transport + TCP_DATA_OFFSET) >> 4) * 4;
    headers.checksum = transport + exports.TCP_CHECKSUM;
    headers.payload = transport + headerBytes;
    return headerBytes >= TCP_HEADER_BYTES && headers.payload <= lengthBytes;
}
function fitsKind(type, headers) {
    switch (type & ~virtio_1.GSO_ECN) {
        case virtio_1.GSO_TCPV4:
            return headers.protocol === exports.PROTOCOL_TCP && headers.isIpv4;
        case virtio_1.GSO_TCPV6:
            return headers.protocol === exports.PROTOCOL_TCP && !headers.isIpv4;
        case virtio_1.GSO_UDP_L4:
            return headers.protocol === ipv4_1.PROTOCOL_UDP;
        default:
            return false;
    }
}
/** Whether the open checksum is that of the transport header. Linux opens it on every super-frame. */
function fitsChecksum(burst, at, headers) {
    if (!(0, virtio_1.needsChecksum)(burst.u8, at))
        return true;
    const start = (0, virtio_1.csumStart)(burst.u16, at);
    return start === headers.transport && start + (0, virtio_1.csumOffset)(burst.u16, at) === headers.checksum;
}
function fitsSize(sizeBytes, payloadBytes, protocol) {
    const maxSegments = protocol === ipv4_1.PROTOCOL_UDP ? MAX_UDP_SEGMENTS : MAX_TCP_SEGMENTS;
    return sizeBytes > 0 && payloadBytes <= sizeBytes * maxSegments;
}
