"use strict";
/**
 * Takes the outer VLAN tag off a received frame where it lies. The addresses, with the vnet header before
 * them, move towards the packet by the length of the tag; the packet stays. Afterwards every step and
 * every room sees an untagged frame, as on Linux (`skb_vlan_untag` in net/core/skbuff.c). A port that
 * is to get a tag gets it by a tag operation.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.takeTagOff = takeTagOff;
const tag_operation_1 = require("./tag-operation");
const ethernet_1 = require("../wire/ethernet");
const virtio_1 = require("../wire/virtio");
const read_1 = require("../wire/read");
/** Words of 16 bits that move: vnet header and addresses. */
const MOVED_WORDS = (virtio_1.VNET_HEADER_BYTES + tag_operation_1.ADDRESSES_BYTES) >> 1;
const TAG_WORDS = ethernet_1.VLAN_TAG_BYTES >> 1;
/** @param frame one with a whole tag. The caller classifies it again. */
function takeTagOff(burst, frame) {
    const { u16, offset, length } = burst;
    const at = (0, read_1.i32At)(offset, frame);
    const first = (at - virtio_1.VNET_HEADER_BYTES) >> 1;
    // From the end, because the new place overlaps the old one.
    for (let word = first + MOVED_WORDS - 1; word >= first; word--) {
        u16[word + TAG_WORDS] = (0, read_1.u16At)(u16, word);
    }
    (0, virtio_1.moveOffsets)(burst.u8, at + ethernet_1.VLAN_TAG_BYTES, -ethernet_1.VLAN_TAG_BYTES);
    offset[frame] = at + ethernet_1.VLAN_TAG_BYTES;
    length[frame] = (0, read_1.i32At)(length, frame) - ethernet_1.VLAN_TAG_BYTES;
}
