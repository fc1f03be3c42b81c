"use strict";
/**
 * Time in the tables: 32-bit ticks of 10 ms, so that an entry spends four bytes on it. Ticks wrap after
 * 497 days. Ages are computed modulo 2^32 and stay right, because every entry is visited within the longest
 * ageing time (1,000,000 s).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TICK_MS = void 0;
exports.toTicks = toTicks;
exports.ticksSince = ticksSince;
exports.TICK_MS = 10;
/** Monotonic milliseconds to ticks. */
function toTicks(nowMs) {
    return (nowMs / exports.TICK_MS) | 0;
}
/** Ticks from `then` to `now`, 0 … 2^32 - 1. */
function ticksSince(now, then) {
    return (now - then) >>> 0;
}
