"use strict";
/**
 * Segmentation in software, as a network card does it, for ports that take neither super-frames nor open
 * checksums. The original frame stays as it is, for the other ports. The segments are complete frames of the
 * switch, with a zero vnet header.
 *
 *     Ethernet | VLAN tags | IP | TCP or UDP | payload, up to 64 KiB
 *     '------------- headers --------------' '- gso_size -' '- gso_size -' '- rest -'
 *
 * Each segment gets a copy of the headers and its part of the payload. The result is, byte for byte,
 * what Linux makes of the same super-frame; test/netns/offload.test.ts compares the two. As in Linux,
 * - the IPv4 identification counts up, whether or not DF is set;
 * - the last segment has FIN and PSH, the first one has CWR;
 * - a checksum starts from the sum of the pseudo-header that the sender left in the field. So it is right
 *   behind a routing header, too, where the final destination is not in the IP header.
 * Unlike Linux, a super-frame that fits one segment becomes one segment; see also `readHeaders`.
 *
 * Everything is checked before the first byte is written. A frame whose vnet header does not fit it is
 * refused as a whole. Nothing here allocates, and nothing throws.
 *
 * Source: net/ipv4/af_inet.c inet_gso_segment, net/ipv6/ip6_offload.c ipv6_gso_segment,
 * net/ipv4/tcp_offload.c tcp_gso_segment, net/ipv4/udp_offload.c __udp_gso_segment,
 * net/core/dev.c skb_checksum_help; virtio 1.2, 5.1.6.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.segmentTo = segmentTo;
exports.canFinish = canFinish;
exports.isOrdinaryOffload = isOrdinaryOffload;
exports.segmentBytes = segmentBytes;
exports.segmentCount = segmentCount;
const burst_1 = require("./burst");
const tag_operation_1 = require("./tag-operation");
const ethernet_1 = require("../wire/ethernet");
const checksum_1 = require("../wire/checksum");
const ipv4_1 = require("../wire/ipv4");
const ipv6_1 = require("../wire/ipv6");
const headers_1 = require("./headers");
const virtio_1 = require("../wire/virtio");
const read_1 = require("../wire/read");
/** Size of both addresses, which lie next to each other. */
const IPV4_ADDRESSES_BYTES = 8;
const IPV6_ADDRESSES_BYTES = 2 * ipv6_1.IPV6_ADDRESS_BYTES;
const TCP_SEQUENCE = 4;
const TCP_FLAGS = 13;
const TCP_FIN = 0x01;
const TCP_PSH = 0x08;
const TCP_CWR = 0x80;
const UDP_LENGTH = 4;
const CHECKSUM_BYTES = 2;
/** Value sent for a UDP checksum of zero, because zero says that there is no checksum (RFC 768). */
const CHECKSUM_ZERO = 0xffff;
/**
 * Headers of the present super-frame. `readHeaders` fills it, and it is read before the function returns.
 * The module has one object, because an object per frame would be garbage. A lane is a thread and has its
 * own copy of the module.
 */
const headers = {
    network: 0,
    transport: 0,
    payload: 0,
    isIpv4: false,
    protocol: 0,
    checksum: 0,
};
/**
 * Sends `frame` out of `port` in a form that every port takes: a super-frame as its segments, in order; a
 * frame with an open checksum as a complete copy; a plain frame unchanged.
 *
 * @param tag the tag operation on each frame that leaves: see `tag-operation.ts`
 * @returns false if the vnet header does not fit the packet or names a kind of super-frame other than
 *   TCP or UDP datagrams; then nothing was sent
 */
function segmentTo(frame, port, outbox, tag = tag_operation_1.AS_IT_IS) {
    const { burst } = outbox;
    if ((0, burst_1.isPlain)(burst, frame)) {
        outbox.toPort(frame, port, tag);
        return true;
    }
    if ((0, virtio_1.gsoType)(burst.u8, (0, read_1.i32At)(burst.offset, frame)) === virtio_1.GSO_NONE) {
        return completeTo(frame, port, outbox, tag);
    }
    if (!(0, headers_1.readHeaders)(burst, frame, headers))
        return false;
    sendSegments(frame, port, outbox, tag);
    return true;
}
/**
 * Whether the switch can do the work that the vnet header of a frame asks for. Linux asks the same of a
 * writer. A frame that fails this check must not reach the TAP of another port.
 */
function canFinish(burst, frame) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    if ((0, virtio_1.gsoType)(burst.u8, at) !== virtio_1.GSO_NONE)
        return (0, headers_1.readHeaders)(burst, frame, headers);
    return !(0, virtio_1.needsChecksum)(burst.u8, at) || canComplete(burst, frame);
}
/** Whether the kernel of a port should take the frame unchanged: see `isOrdinary`. */
function isOrdinaryOffload(burst, frame) {
    return (0, headers_1.isOrdinary)(burst, frame, headers);
}
/**
 * The length, in bytes, of the longest frame that segmentation makes of `frame`. The MTU of a port is
 * compared with it. For a plain or a malformed frame, it is the frame's own length.
 */
function segmentBytes(burst, frame) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    if ((0, virtio_1.gsoType)(burst.u8, at) === virtio_1.GSO_NONE || !(0, headers_1.readHeaders)(burst, frame, headers))
        return lengthBytes;
    return Math.min(lengthBytes, headers.payload + (0, virtio_1.gsoSizeBytes)(burst.u16, at));
}
/** Number of frames that segmentation makes of `frame`; 1 for a plain or a malformed frame. */
function segmentCount(burst, frame) {
    const at = (0, read_1.i32At)(burst.offset, frame);
    if ((0, virtio_1.gsoType)(burst.u8, at) === virtio_1.GSO_NONE || !(0, headers_1.readHeaders)(burst, frame, headers))
        return 1;
    const payloadBytes = (0, read_1.i32At)(burst.length, frame) - headers.payload;
    return Math.max(1, Math.ceil(payloadBytes / (0, virtio_1.gsoSizeBytes)(burst.u16, at)));
}
/** Sends a copy with a complete checksum: the sum from csum_start to the end, whatever the protocol. */
function completeTo(frame, port, outbox, tag) {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const lengthBytes = (0, read_1.i32At)(burst.length, frame);
    if (!canComplete(burst, frame))
        return false;
    const start = (0, virtio_1.csumStart)(u16, at);
    const field = start + (0, virtio_1.csumOffset)(u16, at);
    const made = outbox.make(lengthBytes);
    const madeAt = (0, read_1.i32At)(burst.offset, made);
    u8.copyWithin(madeAt, at, at + lengthBytes);
    burst.copyKind(made, frame);
    const sum = (0, checksum_1.addWords)(u8, u16, madeAt + start, lengthBytes - start);
    (0, ethernet_1.putU16)(u8, madeAt + field, (0, checksum_1.asWord)((0, checksum_1.complement)(sum) || CHECKSUM_ZERO));
    outbox.toPort(made, port, tag);
    return true;
}
/** Whether an open checksum is within the frame, and in a place that its protocol allows. */
function canComplete(burst, frame) {
    const { u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const start = (0, virtio_1.csumStart)(u16, at);
    const end = start + (0, virtio_1.csumOffset)(u16, at) + CHECKSUM_BYTES;
    return end <= (0, read_1.i32At)(burst.length, frame) && (0, headers_1.hasChecksumField)(burst, frame, headers);
}
function sendSegments(frame, port, outbox, tag) {
    const { burst } = outbox;
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    const headerBytes = headers.payload;
    const payloadBytes = (0, read_1.i32At)(burst.length, frame) - headerBytes;
    const sizeBytes = (0, virtio_1.gsoSizeBytes)(u16, at);
    const pseudoHeader = sumPseudoHeader(burst, frame);
    let sentBytes = 0;
    for (let index = 0; index === 0 || sentBytes < payloadBytes; index++) {
        const partBytes = Math.min(sizeBytes, payloadBytes - sentBytes);
        const made = outbox.make(headerBytes + partBytes);
        // `make` may transmit. A frame that a port refuses then is segmented at once, which overwrites `headers`.
        (0, headers_1.readHeaders)(burst, frame, headers);
        const madeAt = (0, read_1.i32At)(burst.offset, made);
        const from = at + headerBytes + sentBytes;
        u8.copyWithin(madeAt, at, at + headerBytes);
        u8.copyWithin(madeAt + headerBytes, from, from + partBytes);
        burst.copyKind(made, frame);
        finishNetwork(burst, made, index);
        if (headers.protocol === headers_1.PROTOCOL_TCP) {
            finishTcp(u8, madeAt, sentBytes, sentBytes + partBytes === payloadBytes);
        }
        else {
            (0, ethernet_1.putU16)(u8, madeAt + headers.transport + UDP_LENGTH, transportBytes(burst, made));
        }
        finishChecksum(burst, made, pseudoHeader);
        outbox.toPort(made, port, tag);
        sentBytes += partBytes;
    }
}
/** The sum of the pseudo-header without the length, because each segment has its own length. */
function sumPseudoHeader(burst, frame) {
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, frame);
    if ((0, virtio_1.needsChecksum)(u8, at)) {
        // TCP has no length field, so its sender summed the real length. UDP's sender summed the length field.
        const lengthWord = headers.protocol === headers_1.PROTOCOL_TCP
            ? (0, checksum_1.asWord)(transportBytes(burst, frame))
            : (0, read_1.u16At)(u16, (at + headers.transport + UDP_LENGTH) >> 1);
        return (0, checksum_1.fold)((0, read_1.u16At)(u16, (at + headers.checksum) >> 1) + (0, checksum_1.complement)(lengthWord));
    }
    const ip = at + headers.network;
    const protocolWord = (0, checksum_1.asWord)(headers.protocol);
    return headers.isIpv4
        ? (0, checksum_1.fold)((0, checksum_1.addWords)(u8, u16, ip + ipv4_1.SOURCE_ADDRESS, IPV4_ADDRESSES_BYTES, protocolWord))
        : (0, checksum_1.fold)((0, checksum_1.addWords)(u8, u16, ip + ipv6_1.SOURCE_ADDRESS, IPV6_ADDRESSES_BYTES, protocolWord));
}
/** Writes the length fields of IP, and the fields that IPv4 has per packet. */
function finishNetwork(burst, made, index) {
    const { u8, u16 } = burst;
    const ip = (0, read_1.i32At)(burst.offset, made) + headers.network;
    const ipBytes = (0, read_1.i32At)(burst.length, made) - headers.network;
    if (!headers.isIpv4) {
        (0, ethernet_1.putU16)(u8, ip + ipv6_1.PAYLOAD_LENGTH, ipBytes - ipv6_1.IPV6_HEADER_BYTES);
        return;
    }
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.TOTAL_LENGTH, ipBytes);
    (0, ethernet_1.putU16)(u8, ip + ipv4_1.IDENTIFICATION, (0, ethernet_1.getU16)(u8, ip + ipv4_1.IDENTIFICATION) + index);
    u16[(ip + ipv4_1.HEADER_CHECKSUM) >> 1] = 0;
    const sum = (0, checksum_1.addWords)(u8, u16, ip, headers.transport - headers.network);
    u16[(ip + ipv4_1.HEADER_CHECKSUM) >> 1] = (0, checksum_1.complement)(sum);
}
/** Writes the sequence number, and clears the flags that belong to the first or the last segment only. */
function finishTcp(u8, madeAt, sentBytes, isLast) {
    const tcp = madeAt + headers.transport;
    (0, ethernet_1.putI32)(u8, tcp + TCP_SEQUENCE, (0, ethernet_1.getI32)(u8, tcp + TCP_SEQUENCE) + sentBytes);
    let flags = (0, read_1.u8At)(u8, tcp + TCP_FLAGS);
    if (sentBytes > 0)
        flags &= ~TCP_CWR;
    if (!isLast)
        flags &= ~(TCP_FIN | TCP_PSH);
    u8[tcp + TCP_FLAGS] = flags;
}
function finishChecksum(burst, made, pseudoHeader) {
    const { u8, u16 } = burst;
    const at = (0, read_1.i32At)(burst.offset, made);
    const lengthBytes = transportBytes(burst, made);
    const field = (at + headers.checksum) >> 1;
    u16[field] = 0;
    const partial = pseudoHeader + (0, checksum_1.asWord)(lengthBytes);
    const checksum = (0, checksum_1.complement)((0, checksum_1.addWords)(u8, u16, at + headers.transport, lengthBytes, partial));
    const isUdp = headers.protocol !== headers_1.PROTOCOL_TCP;
    u16[field] = checksum === 0 && isUdp ? CHECKSUM_ZERO : checksum;
}
/** Bytes from the transport header to the end of the frame. */
function transportBytes(burst, frame) {
    return (0, read_1.i32At)(burst.length, frame) - headers.transport;
}
