/**
 * Takes the outer VLAN tag off a received frame where it lies. The addresses, with the vnet header before
 * them, move towards the packet by the length of the tag; the packet stays. Afterwards every step and
 * every room sees an untagged frame, as on Linux (`skb_vlan_untag` in net/core/skbuff.c). A port that
 * is to get a tag gets it by a tag operation.
 */

import { type Burst } from './burst';
import { ADDRESSES_BYTES } from './tag-operation';
import { VLAN_TAG_BYTES } from '../wire/ethernet';
import { VNET_HEADER_BYTES, moveOffsets } from '../wire/virtio';
import { i32At, u16At } from '../wire/read';

/** Words of 16 bits that move: vnet header and addresses. */
const MOVED_WORDS = (VNET_HEADER_BYTES + ADDRESSES_BYTES) >> 1;
const TAG_WORDS = VLAN_TAG_BYTES >> 1;

/** @param frame one with a whole tag. The caller classifies it again. */
export function takeTagOff(burst: Burst, frame: number): void {
  const { u16, offset, length } = burst;
  const at = i32At(offset, frame);
  const first = (at - VNET_HEADER_BYTES) >> 1;
  // From the end, because the new place overlaps the old one.
  for (let word = first + MOVED_WORDS - 1; word >= first; word--) {
    u16[word + TAG_WORDS] = u16At(u16, word);
  }
  moveOffsets(burst.u8, at + VLAN_TAG_BYTES, -VLAN_TAG_BYTES);
  offset[frame] = at + VLAN_TAG_BYTES;
  length[frame] = i32At(length, frame) - VLAN_TAG_BYTES;
}
