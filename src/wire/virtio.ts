/**
 * The virtio network header that lies in front of a frame in the burst: what a TAP says about work
 * that it left undone. All zero for a plain frame.
 *
 * The accessors take the arena offset of the frame (`burst.offset[frame]`); the header lies in the
 * `VNET_HEADER_BYTES` before it. Nothing in it is trusted: `segment.ts` holds it against the packet.
 *
 * Source: virtio 1.2, 5.1.6 (device operation); linux/virtio_net.h. Fields are little endian, as a
 * TAP has them on a little-endian host (`TUNSETVNETLE` is the default there).
 */

/** `struct virtio_net_hdr` without mergeable buffers: virtio 1.2, 5.1.6; linux/virtio_net.h. */
export const VNET_HEADER_BYTES = 10;

/** The fields' places. */
const VNET_FLAGS = 0;
const VNET_GSO_TYPE = 1;
/** The length of the headers: a driver's hint what to keep contiguous. Linux refuses a wrong one. */
const VNET_HDR_LEN = 2;
const VNET_GSO_SIZE = 4;
const VNET_CSUM_START = 6;
const VNET_CSUM_OFFSET = 8;

/** The checksum at csum_start + csum_offset covers its pseudo header only; the rest is to be added. */
export const FLAG_NEEDS_CSUM = 0x01;
/** The checksum was verified. The frame is complete: there is nothing to do. */
export const FLAG_DATA_VALID = 0x02;

export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
/** Legacy UFO, cut into IP fragments. No port of ours asks for it. */
export const GSO_UDP = 3;
export const GSO_TCPV6 = 4;
/** USO, cut into datagrams. */
export const GSO_UDP_L4 = 5;
/** Beside a TCP type: the super-frame has CWR set, which belongs to its first segment alone. */
export const GSO_ECN = 0x80;

/** Flag and type together, as the first word of the header holds them: what makes work. */
export const VNET_WORK = FLAG_NEEDS_CSUM | (0xff << 8);

/**
 * Whether the frame at `at` can go out of any port as it is: it is neither a super-frame nor has an
 * open checksum.
 */
export function isPlainAt(u16: Uint16Array, at: number): boolean {
  return (vnetWord(u16, at, VNET_FLAGS) & VNET_WORK) === 0;
}

/** Whether the frame at `at` has its checksum left open. */
export function needsChecksum(u8: Uint8Array, at: number): boolean {
  return ((u8[at - VNET_HEADER_BYTES + VNET_FLAGS] as number) & FLAG_NEEDS_CSUM) !== 0;
}

/** The kind of super-frame at `at`, `GSO_ECN` included; `GSO_NONE` for an ordinary frame. */
export function gsoType(u8: Uint8Array, at: number): number {
  return u8[at - VNET_HEADER_BYTES + VNET_GSO_TYPE] as number;
}

/** The hint of a driver how long the headers are, bytes. */
export function hdrLenBytes(u16: Uint16Array, at: number): number {
  return vnetWord(u16, at, VNET_HDR_LEN);
}

/** Payload of each segment but the last, bytes. */
export function gsoSizeBytes(u16: Uint16Array, at: number): number {
  return vnetWord(u16, at, VNET_GSO_SIZE);
}

/** Where the open checksum begins to count, bytes from the destination address. */
export function csumStart(u16: Uint16Array, at: number): number {
  return vnetWord(u16, at, VNET_CSUM_START);
}

/** Where the open checksum lies, bytes from `csumStart`. */
export function csumOffset(u16: Uint16Array, at: number): number {
  return vnetWord(u16, at, VNET_CSUM_OFFSET);
}

/**
 * Says that the headers of the frame at `at` have become longer or shorter in front of the packet.
 * Only what is in use changes: `csum_start` with an open checksum, `hdr_len` where it is no 0. The
 * header of a plain frame stays as it is.
 * @param at any offset, also an odd one
 */
export function moveOffsets(u8: Uint8Array, at: number, shiftBytes: number): void {
  const isOpen = needsChecksum(u8, at);
  if (!isOpen && gsoType(u8, at) === GSO_NONE) return;
  const header = at - VNET_HEADER_BYTES;
  if (isOpen) moveField(u8, header + VNET_CSUM_START, shiftBytes);
  if (readField(u8, header + VNET_HDR_LEN) !== 0) {
    moveField(u8, header + VNET_HDR_LEN, shiftBytes);
  }
}

/** A little-endian field at any offset. */
function readField(u8: Uint8Array, at: number): number {
  return (u8[at] as number) | ((u8[at + 1] as number) << 8);
}

function moveField(u8: Uint8Array, at: number, shiftBytes: number): void {
  const value = readField(u8, at) + shiftBytes;
  u8[at] = value;
  u8[at + 1] = value >> 8;
}

/** The 16-bit field at the even place `field`. Frames lie aligned, and so does the header. */
function vnetWord(u16: Uint16Array, at: number, field: number): number {
  return u16[(at - VNET_HEADER_BYTES + field) >> 1] as number;
}
