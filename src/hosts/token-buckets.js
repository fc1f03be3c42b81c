"use strict";
/** Rate limits of several sources: each has a burst and a rate per second. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TokenBuckets = void 0;
const read_1 = require("../wire/read");
const MS_PER_SECOND = 1_000;
class TokenBuckets {
    perSecond;
    atOnce;
    tokens;
    filledMs;
    constructor(sources, perSecond, atOnce) {
        this.perSecond = perSecond;
        this.atOnce = atOnce;
        this.tokens = new Float64Array(sources).fill(atOnce);
        this.filledMs = new Float64Array(sources).fill(-Infinity);
    }
    /** Takes a token of `source`. @returns whether there was one */
    take(source, nowMs) {
        const elapsedMs = nowMs - (0, read_1.f64At)(this.filledMs, source);
        const earned = (elapsedMs / MS_PER_SECOND) * this.perSecond;
        const tokens = Math.min(this.atOnce, (0, read_1.f64At)(this.tokens, source) + earned);
        this.filledMs[source] = nowMs;
        this.tokens[source] = tokens >= 1 ? tokens - 1 : tokens;
        return tokens >= 1;
    }
}
exports.TokenBuckets = TokenBuckets;
