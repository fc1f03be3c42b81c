"use strict";
/**
 * The pause between two attempts to reach what a port needs. It doubles with each attempt that fails, so that a
 * cause that lasts costs little.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.RetryPause = void 0;
/** Milliseconds of the first pause: ports are asked that often whether they want to try again. */
const FIRST_MS = 500;
class RetryPause {
    longestMs;
    lengthMs = FIRST_MS;
    endMs = Number.NEGATIVE_INFINITY;
    /** @param longestMs milliseconds that no pause exceeds */
    constructor(longestMs) {
        this.longestMs = longestMs;
    }
    isOver(nowMs) {
        return nowMs >= this.endMs;
    }
    /** Begins a pause after an attempt that failed. The next one is twice as long. */
    begin(nowMs) {
        // It ends somewhat earlier than the tick that comes with its end.
        this.endMs = nowMs + this.lengthMs - FIRST_MS / 2;
        this.lengthMs = Math.min(2 * this.lengthMs, this.longestMs);
    }
    /** Has the next pause be the first one again. */
    shorten() {
        this.lengthMs = FIRST_MS;
    }
}
exports.RetryPause = RetryPause;
