"use strict";
/**
 * Classify: one loop over the received frames of a burst reads the facts that every later step needs, and
 * writes them into the burst's column `kind`. The bridge calls it before it forwards. Later steps neither
 * read the destination address to find its kind nor walk over VLAN tags.
 *
 *     column   kind: flags                 kind: EtherType behind the tags, tags before it
 *     read by  every step of the bridge    the rooms, headers.ts: `typeOf`, `payloadOf`
 *
 * Frames that were carried over from the last burst are classified again, because their slots have moved.
 * VID and priority of the tag are read by `l2/vlan-ingress.ts`, and only if the bridge filters by VLAN.
 *
 * Source: IEEE 802.1Q-2022 9.3 (tags), 8.6.3 (reserved addresses); `__netif_receive_skb_core` in
 * net/core/dev.c, which takes the tag off before the bridge sees the frame.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.classify = classify;
const burst_1 = require("./burst");
const ethernet_1 = require("../wire/ethernet");
const virtio_1 = require("../wire/virtio");
/** Number of tags that Linux looks through, although its `VLAN_MAX_DEPTH` (linux/if_vlan.h) says 8. */
const MAX_VLAN_TAGS = 7;
/**
 * Constants of this module, because V8 folds them but loads an import anew for each frame. The loop takes
 * 5 ns a frame. With imports, and with calls such as `macHi16`, it took 12 ns.
 */
const { Broadcast, Group, Offloaded, Reserved, Short, Tagged, ToSwitch } = burst_1.FrameFlag;
const LEAST_BYTES = ethernet_1.MIN_FRAME_BYTES;
const TAG = ethernet_1.ETHER_TYPE_VLAN;
const SERVICE_TAG = ethernet_1.ETHER_TYPE_SERVICE_VLAN;
const GROUP = ethernet_1.GROUP_BIT;
const WORK = virtio_1.VNET_WORK;
/** Offsets in a frame, in 16-bit words. */
const ETHER_TYPE_AT = ethernet_1.ETHER_TYPE >> 1;
const VNET_AT = -virtio_1.VNET_HEADER_BYTES >> 1;
const TAG_WORDS = ethernet_1.VLAN_TAG_BYTES >> 1;
/**
 * Writes the kinds of the frames `from` to `to - 1`. `offset`, `length` and the bytes, with the vnet
 * header in front of them, must be there.
 * @param mac the switch's own MAC, which is no group address
 */
function classify(burst, mac, from, to) {
    const { u16, offset, length, kind } = burst;
    const { hi16: ownHi16, lo32: ownLo32 } = mac;
    for (let frame = from; frame < to; frame++) {
        const at = offset[frame];
        const lengthBytes = length[frame];
        if (lengthBytes < LEAST_BYTES) {
            kind[frame] = Short;
            continue;
        }
        const words = at >> 1;
        const hi16 = u16[words];
        let word = u16[words + ETHER_TYPE_AT];
        if (word === TAG || word === SERVICE_TAG)
            word = behindTags(u16, words, lengthBytes);
        if ((u16[words + VNET_AT] & WORK) !== 0)
            word |= Offloaded;
        if ((hi16 & GROUP) !== 0)
            word |= groupFlags(hi16, (0, ethernet_1.macLo32)(u16, at));
        else if (hi16 === ownHi16 && (0, ethernet_1.macLo32)(u16, at) === ownLo32)
            word |= ToSwitch;
        kind[frame] = word;
    }
}
function groupFlags(hi16, lo32) {
    if ((0, ethernet_1.isBroadcast)(hi16, lo32))
        return Group | Broadcast;
    return (0, ethernet_1.isReserved)(hi16, lo32) ? Group | Reserved : Group;
}
/**
 * Walks over the tags. If they are cut off or too many, there is no type behind them.
 * @param words start of the frame, in 16-bit words
 */
function behindTags(u16, words, lengthBytes) {
    for (let tags = 1; tags <= MAX_VLAN_TAGS; tags++) {
        if (LEAST_BYTES + tags * ethernet_1.VLAN_TAG_BYTES > lengthBytes) {
            return Tagged | (0, burst_1.kindOf)(burst_1.NO_TYPE, tags - 1);
        }
        const type = u16[words + ETHER_TYPE_AT + tags * TAG_WORDS];
        if (type !== TAG && type !== SERVICE_TAG)
            return Tagged | (0, burst_1.kindOf)(type, tags);
    }
    return Tagged | (0, burst_1.kindOf)(burst_1.NO_TYPE, MAX_VLAN_TAGS);
}
