"use strict";
/**
 * Number of bursts by size. An idle switch sees bursts of one frame, an overloaded one sees full bursts.
 * The sizes are classed by powers of two. The memory is shared between threads, and one of them writes.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.BurstSizes = void 0;
const read_1 = require("../wire/read");
/** Number of classes: up to 2^16 - 1 frames in one burst, which is more than a burst has room for. */
const CLASSES = 16;
const SIZE_BYTES = CLASSES * Float64Array.BYTES_PER_ELEMENT;
class BurstSizes {
    memory;
    counts;
    /** @param memory memory of another `BurstSizes`, to read its counts in another thread */
    constructor(memory = new SharedArrayBuffer(SIZE_BYTES)) {
        this.memory = memory;
        this.counts = new Float64Array(memory);
    }
    /** Counts a burst. @param frames 1 or more */
    note(frames) {
        const index = 31 - Math.clz32(frames);
        this.counts[index] = (0, read_1.f64At)(this.counts, index) + 1;
    }
    /** Classes, up to the last one with a count. */
    read() {
        const last = this.counts.findLastIndex((count) => count > 0);
        return [...this.counts.subarray(0, last + 1)].map((bursts, index) => ({
            from: 2 ** index,
            to: 2 ** (index + 1) - 1,
            bursts,
        }));
    }
}
exports.BurstSizes = BurstSizes;
