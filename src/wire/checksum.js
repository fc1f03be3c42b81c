"use strict";
/**
 * The Internet checksum: the one's complement of the one's complement sum of 16-bit words.
 *
 * Words are summed in memory order, and the sum is stored in memory order. RFC 1071 section 2(B)
 * shows that this gives the right bytes on any host.
 *
 * Source: RFC 1071; RFC 8200 section 8.1 (pseudo-header of IPv6).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.addWords = addWords;
exports.fold = fold;
exports.complement = complement;
exports.sumHolds = sumHolds;
exports.asWord = asWord;
exports.isChecksumPartial = isChecksumPartial;
const virtio_1 = require("./virtio");
const read_1 = require("./read");
/**
 * Adds the words of a range to a sum that is not yet folded.
 *
 * This loop is most of the cost of software segmentation. Four words per round, added as a tree, take
 * half the time of the plain loop: 0.2 ns per byte. 32-bit loads would save another quarter, but they
 * need one more view, and a head and a tail of their own.
 *
 * @param at arena offset of the first byte; words count from there, even if the offset is odd
 * @param lengthBytes at most 128 KiB; an odd last byte is padded with zero
 * @returns the sum, below 2^53 for anything that fits into a frame
 */
function addWords(u8, u16, at, lengthBytes, sum = 0) {
    if ((at & 1) !== 0)
        return addOddWords(u8, u16, at, lengthBytes, sum);
    const endWord = (at + lengthBytes) >> 1;
    const lastRound = endWord - 4;
    // 32 bits hold the sum of 2^16 words. `| 0` keeps it an integer; it becomes unsigned at the end.
    let words = 0;
    let word = at >> 1;
    for (; word <= lastRound; word += 4) {
        const first = ((0, read_1.u16At)(u16, word) + (0, read_1.u16At)(u16, word + 1)) | 0;
        const second = ((0, read_1.u16At)(u16, word + 2) + (0, read_1.u16At)(u16, word + 3)) | 0;
        words = (words + ((first + second) | 0)) | 0;
    }
    for (; word < endWord; word++)
        words = (words + (0, read_1.u16At)(u16, word)) | 0;
    const total = sum + (words >>> 0);
    return (lengthBytes & 1) === 0 ? total : total + (0, read_1.u8At)(u8, at + lengthBytes - 1);
}
/** Folds a sum into 16 bits and adds the carries. */
function fold(sum) {
    let folded = sum;
    while (folded > 0xffff)
        folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
    return folded;
}
/** The checksum to store, in memory order. The sum must have counted the checksum field as zero. */
function complement(sum) {
    return ~fold(sum) & 0xffff;
}
/** Whether the checksum is right: `sum` covers a range that includes its own checksum field. */
function sumHolds(sum) {
    return fold(sum) === 0xffff;
}
/** A 16-bit number, such as a length or a protocol number, in memory order, ready to be added. */
function asWord(value) {
    return ((value & 0xff) << 8) | (value >>> 8);
}
/**
 * Whether the sender left this checksum to the device. Such a frame never was on a wire, and there
 * is nothing to verify.
 * @param at arena offset of the frame
 * @param startBytes csum_start that its virtio header must have: the start of the summed range
 * @param fieldBytes csum_offset that its virtio header must have: the field's place in the range
 */
function isChecksumPartial(u8, u16, at, startBytes, fieldBytes) {
    return ((0, virtio_1.needsChecksum)(u8, at) && (0, virtio_1.csumStart)(u16, at) === startBytes && (0, virtio_1.csumOffset)(u16, at) === fieldBytes);
}
/** Bytes after an odd start lie in the other half of their word, except the first: RFC 1071 2(B). */
function addOddWords(u8, u16, at, lengthBytes, sum) {
    if (lengthBytes === 0)
        return sum;
    return sum + (0, read_1.u8At)(u8, at) + asWord(fold(addWords(u8, u16, at + 1, lengthBytes - 1)));
}
