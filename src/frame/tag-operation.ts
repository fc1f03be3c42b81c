/**
 * Tag operation: what happens to the outer VLAN tag of a frame on its way out of one port. Each pair
 * of a burst's answer carries one (`Burst.txTag`). Whoever transmits the pair carries it out, so one
 * frame in the arena leaves tagged from one port and untagged from another, and nobody copies it.
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
 * The vnet header before the frame is right for the frame as it lies in the arena. Whoever
 * transmits adds -4 or +4 to `hdr_len`, unless it is 0, and to `csum_start`, if the checksum is left
 * open. The header of a plain frame stays as it is. `shiftOf` is also the difference in length.
 *
 * There is no operation that puts one tag in another's place. Only a priority-tagged frame (VID 0)
 * that leaves tagged needs it, and the bridge can make a copy of that one.
 *
 * Source: IEEE 802.1Q-2022 6.9 (tags on egress), 9.3 and 9.5 (TPID), 9.6 (TCI); virtio 1.2, 5.1.6.2.
 */

import { MAC_BYTES, SOURCE, VLAN_TAG_BYTES, putI32 } from '../wire/ethernet';
import { VNET_HEADER_BYTES, moveOffsets } from '../wire/virtio';

export const AS_IT_IS = 0;
export const STRIP = -1;

/** Bytes of both addresses, in front of which no operation changes anything. */
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
 * Writes a frame as it leaves, with its vnet header, at another place. For who has no I/O vector.
 * @param from arena offset of the frame
 * @param lengthBytes of the frame as it lies there: for `STRIP` at least 16
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
