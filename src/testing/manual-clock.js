"use strict";
/** A clock that moves only when a test advances it: an hour of ageing takes a microsecond. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ManualClock = void 0;
class ManualClock {
    ms;
    constructor(startMs = 0) {
        this.ms = startMs;
    }
    /** Monotonic milliseconds. */
    get nowMs() {
        return this.ms;
    }
    /** Advances the clock. @throws RangeError for a negative step: monotonic time never goes back. */
    advance(byMs) {
        if (!(byMs >= 0))
            throw new RangeError(`cannot advance the clock by ${byMs} ms`);
        this.ms += byMs;
    }
}
exports.ManualClock = ManualClock;
