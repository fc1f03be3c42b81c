"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.ADDRESSES_BYTES = exports.STRIP = exports.AS_IT_IS = void 0;
exports.push = push;
exports.shiftOf = shiftOf;
exports.writeAsItLeaves = writeAsItLeaves;
const ethernet_1 = require("../wire/ethernet");
const virtio_1 = require("../wire/virtio");
exports.AS_IT_IS = 0;
exports.STRIP = -1;
/** Size of both addresses. No operation changes a byte in front of this offset. */
exports.ADDRESSES_BYTES = ethernet_1.SOURCE + ethernet_1.MAC_BYTES;
/** The operation that pushes a tag. @param tpid 0x8100 or 0x88a8 @param tci priority, DEI and VID */
function push(tpid, tci) {
    return (tpid << 16) | tci;
}
/** Bytes that the operation adds: 0, 4 or -4. */
function shiftOf(operation) {
    if (operation === exports.AS_IT_IS)
        return 0;
    return operation === exports.STRIP ? -ethernet_1.VLAN_TAG_BYTES : ethernet_1.VLAN_TAG_BYTES;
}
/**
 * Writes a frame as it leaves, with its vnet header, to another place, for transmitters without an I/O vector.
 * @param from arena offset of the frame
 * @param lengthBytes length of the frame in the arena: for `STRIP` at least 16
 * @param to offset in `out`, at least `VNET_HEADER_BYTES`
 * @returns the length of the frame as it leaves, bytes
 */
function writeAsItLeaves(u8, from, lengthBytes, operation, out, to) {
    const shift = shiftOf(operation);
    out.set(u8.subarray(from - virtio_1.VNET_HEADER_BYTES, from + exports.ADDRESSES_BYTES), to - virtio_1.VNET_HEADER_BYTES);
    const skipped = from + exports.ADDRESSES_BYTES + (operation === exports.STRIP ? ethernet_1.VLAN_TAG_BYTES : 0);
    out.set(u8.subarray(skipped, from + lengthBytes), to + exports.ADDRESSES_BYTES + Math.max(0, shift));
    if (shift > 0)
        (0, ethernet_1.putI32)(out, to + exports.ADDRESSES_BYTES, operation);
    (0, virtio_1.moveOffsets)(out, to, shift);
    return lengthBytes + shift;
}
