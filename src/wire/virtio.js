"use strict";
/**
 * The virtio network header in front of a frame in the burst. It says which work the sender left to
 * the device: a checksum to complete, a super-frame to segment. It is all zero for a plain frame.
 *
 * The accessors take the arena offset of the frame (`burst.offset[frame]`); the header lies in the
 * `VNET_HEADER_BYTES` before it. It is not trusted: `segment.ts` checks it against the packet.
 *
 * Source: virtio 1.2, 5.1.6 (device operation); linux/virtio_net.h. A TAP uses the host's byte order
 * unless TUNSETVNETLE or TUNSETVNETBE changes it, and the host is little endian.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.VNET_WORK = exports.GSO_ECN = exports.GSO_UDP_L4 = exports.GSO_TCPV6 = exports.GSO_UDP = exports.GSO_TCPV4 = exports.GSO_NONE = exports.FLAG_DATA_VALID = exports.FLAG_NEEDS_CSUM = exports.VNET_HEADER_BYTES = void 0;
exports.isPlainAt = isPlainAt;
exports.needsChecksum = needsChecksum;
exports.gsoType = gsoType;
exports.hdrLenBytes = hdrLenBytes;
exports.gsoSizeBytes = gsoSizeBytes;
exports.csumStart = csumStart;
exports.csumOffset = csumOffset;
exports.moveOffsets = moveOffsets;
const read_1 = require("./read");
/** `struct virtio_net_hdr` without mergeable buffers: virtio 1.2, 5.1.6; linux/virtio_net.h. */
exports.VNET_HEADER_BYTES = 10;
/** Offsets of the fields. */
const VNET_FLAGS = 0;
const VNET_GSO_TYPE = 1;
/** Length of the headers: the driver's hint of what to keep contiguous. Linux refuses a wrong one. */
const VNET_HDR_LEN = 2;
const VNET_GSO_SIZE = 4;
const VNET_CSUM_START = 6;
const VNET_CSUM_OFFSET = 8;
/** The checksum at csum_start + csum_offset covers the pseudo-header only and must be completed. */
exports.FLAG_NEEDS_CSUM = 0x01;
/** The checksum was verified: the frame needs no work. */
exports.FLAG_DATA_VALID = 0x02;
exports.GSO_NONE = 0;
exports.GSO_TCPV4 = 1;
/** Legacy UFO, segmented into IP fragments. No port of the switch asks for it. */
exports.GSO_UDP = 3;
exports.GSO_TCPV6 = 4;
/** USO, segmented into datagrams. */
exports.GSO_UDP_L4 = 5;
/** Flag beside a TCP type: the super-frame has CWR set, which belongs to its first segment alone. */
exports.GSO_ECN = 0x80;
/** Mask of the header's first word. A bit that is set, in the flag or in the type, asks for work. */
exports.VNET_WORK = exports.FLAG_NEEDS_CSUM | (0xff << 8);
/**
 * Whether the frame at `at` can leave through any port unchanged: it is no super-frame, and its
 * checksum is complete.
 */
function isPlainAt(u16, at) {
    return (vnetWord(u16, at, VNET_FLAGS) & exports.VNET_WORK) === 0;
}
/** Whether the checksum of the frame at `at` must be completed. */
function needsChecksum(u8, at) {
    return ((0, read_1.u8At)(u8, at - exports.VNET_HEADER_BYTES + VNET_FLAGS) & exports.FLAG_NEEDS_CSUM) !== 0;
}
/** The kind of super-frame at `at`, `GSO_ECN` included; `GSO_NONE` for an ordinary frame. */
function gsoType(u8, at) {
    return (0, read_1.u8At)(u8, at - exports.VNET_HEADER_BYTES + VNET_GSO_TYPE);
}
/** The driver's hint: length of the headers, bytes. */
function hdrLenBytes(u16, at) {
    return vnetWord(u16, at, VNET_HDR_LEN);
}
/** Payload of each segment except the last, bytes. */
function gsoSizeBytes(u16, at) {
    return vnetWord(u16, at, VNET_GSO_SIZE);
}
/** Start of the range to be summed, bytes from the destination address. */
function csumStart(u16, at) {
    return vnetWord(u16, at, VNET_CSUM_START);
}
/** Place of the checksum field, bytes from `csumStart`. */
function csumOffset(u16, at) {
    return vnetWord(u16, at, VNET_CSUM_OFFSET);
}
/**
 * Adjusts the vnet header of the frame at `at` after the headers in front of its packet became longer
 * or shorter. It changes only fields in use: `csum_start` if the checksum is open, and `hdr_len` unless
 * it is 0. The header of a plain frame stays as it is.
 * @param at any offset, also an odd one
 */
function moveOffsets(u8, at, shiftBytes) {
    const isOpen = needsChecksum(u8, at);
    if (!isOpen && gsoType(u8, at) === exports.GSO_NONE)
        return;
    const header = at - exports.VNET_HEADER_BYTES;
    if (isOpen)
        moveField(u8, header + VNET_CSUM_START, shiftBytes);
    if (readField(u8, header + VNET_HDR_LEN) !== 0) {
        moveField(u8, header + VNET_HDR_LEN, shiftBytes);
    }
}
/** A little-endian field at any offset. */
function readField(u8, at) {
    return (0, read_1.u8At)(u8, at) | ((0, read_1.u8At)(u8, at + 1) << 8);
}
function moveField(u8, at, shiftBytes) {
    const value = readField(u8, at) + shiftBytes;
    u8[at] = value;
    u8[at + 1] = value >> 8;
}
/** The 16-bit field at the even place `field`. Frames lie aligned, and so does the header. */
function vnetWord(u16, at, field) {
    return (0, read_1.u16At)(u16, (at - exports.VNET_HEADER_BYTES + field) >> 1);
}
