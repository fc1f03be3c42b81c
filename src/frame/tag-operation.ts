/**
 * Tag operation: the change to the outer VLAN tag of a frame when it leaves by one port. Each pair of a
 * burst's answer has one (`Burst.txTag`), and the transmitter carries it out. So one frame in the arena
 * leaves tagged by one port and untagged by another, and nobody copies it.
 *
 * Encoding, one signed 32-bit integer (addon/io/burst_memory.h has the same):
 *
 *      0           AS_IT_IS: the frame leaves as it lies in the arena
 *     -1           STRIP: bytes 12 to 15, the outer tag, are left out
 *     any other    push: TPID << 16 | TCI. These four bytes, in network order, go between the source
 *                  address and byte 12
 *
 * A TPID of 0x8100 or 0x88A8 makes the integer negative. Read it as unsigned: the upper half is the
 * TPID, which is never 0x0000 and never 0xFFFF, so a push is never 0 and never -1.
 *
 * The vnet header in front of the frame is right for the frame in the arena. The transmitter adds -4 or +4
 * to `hdr_len`, unless it is 0, and to `csum_start`, if the checksum is open. The header of a plain frame
 * stays as it is. `shiftOf` is also the difference in length.
 *
 * No operation replaces a tag by another. Only a priority-tagged frame (VID 0) that leaves tagged needs
 * that, and the bridge can copy that frame.
 *
 * Source: IEEE 802.1Q-2022 6.9 (tags on egress), 9.3 and 9.5 (TPID), 9.6 (TCI); virtio 1.2, 5.1.6.2.
 */

import { MAC_BYTES, SOURCE, VLAN_TAG_BYTES, putI32 } from '../wire/ethernet';
import { VNET_HEADER_BYTES, moveOffsets } from '../wire/virtio';

export const AS_IT_IS = 0;
export const STRIP = -1;

/** Size of both addresses. No operation changes a byte in front of this offset. */
export const ADDRESSES_BYTES = SOURCE + MAC_BYTES;

/** The operation that pushes a tag. @param tpid 0x8100 or 0x88a8 @param tci priority, DEI and VID */
export function push(tpid: number, tci: number): number {
  return (tpid << 16) | tci;
}

/** Bytes that the operation adds: 0, 4 or -4. */
export function shiftOf(operation: number): number {
  if (operation === AS_IT_IS) return 0;
  return operation === STRIP ? -VLAN_TAG_BYTES : VLAN_TAG_BYTES;
}

/**
 * Writes a frame as it leaves, with its vnet header, to another place, for transmitters without an I/O vector.
 * @param from arena offset of the frame
 * @param lengthBytes length of the frame in the arena: for `STRIP` at least 16
 * @param to offset in `out`, at least `VNET_HEADER_BYTES`
 * @returns the length of the frame as it leaves, bytes
 */
export function writeAsItLeaves(
  u8: Uint8Array,
  from: number,
  lengthBytes: number,
  operation: number,
  out: Uint8Array,
  to: number,
): number {
  const shift = shiftOf(operation);
  out.set(u8.subarray(from - VNET_HEADER_BYTES, from + ADDRESSES_BYTES), to - VNET_HEADER_BYTES);
  const skipped = from + ADDRESSES_BYTES + (operation === STRIP ? VLAN_TAG_BYTES : 0);
  out.set(u8.subarray(skipped, from + lengthBytes), to + ADDRESSES_BYTES + Math.max(0, shift));
  if (shift > 0) putI32(out, to + ADDRESSES_BYTES, operation);
  moveOffsets(out, to, shift);
  return lengthBytes + shift;
}
