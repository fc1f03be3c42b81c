"use strict";
/**
 * Storm control: how many frames a second a port may have sent to many ports. Limited are broadcasts, frames
 * to stations that the FDB does not have, and multicasts that no group table directs. Known unicast is
 * never limited. The bridge asks just before it makes copies, so that a station is learned from a frame
 * that the limit drops, and the rooms have seen it.
 *
 * Each limit is a token bucket with a second's worth of frames: a port may send as many at once as it may
 * send in a second. A super-frame takes as many tokens as it has segments, and passes whole or not at
 * all: one with more segments than the limit never passes. The limit of a class and the limit of all
 * classes together both apply.
 *
 * Time is an argument. Nothing here allocates for a frame.
 *
 * Source: the token bucket of RFC 2697. The Linux bridge has no such limit.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StormControl = exports.StormClass = void 0;
const read_1 = require("../wire/read");
const MS_PER_SECOND = 1_000;
/** Kinds of flood that have a limit of their own. */
exports.StormClass = { Unknown: 0, Multicast: 1, Broadcast: 2 };
/** Buckets of a port: one for all classes together, then one for each `StormClass`. */
const LIMITS = ['storm', 'stormUnknown', 'stormMulticast', 'stormBroadcast'];
const BUCKETS = LIMITS.length;
class StormControl {
    /** Port and bucket → frames a second; `Infinity`: no limit. */
    limits;
    /** Port and bucket → frames that may pass now. */
    tokens;
    /** Port → time when its buckets were filled, milliseconds. */
    filledMs;
    /** Port → time before which nothing is reported, milliseconds. */
    quietUntilMs;
    constructor(maxPorts) {
        this.limits = new Float64Array(maxPorts * BUCKETS).fill(Infinity);
        this.tokens = new Float64Array(maxPorts * BUCKETS).fill(Infinity);
        this.filledMs = new Float64Array(maxPorts);
        this.quietUntilMs = new Float64Array(maxPorts).fill(-Infinity);
    }
    /** Sets the limits that are given. The bucket of a limit that changes is full. */
    configure(port, settings, nowMs) {
        this.fill(port, nowMs);
        for (const [bucket, name] of LIMITS.entries()) {
            const given = settings[name];
            if (given === undefined)
                continue;
            const at = port * BUCKETS + bucket;
            const limit = given ?? Infinity;
            if (limit === (0, read_1.f64At)(this.limits, at))
                continue;
            this.limits[at] = limit;
            this.tokens[at] = limit;
        }
    }
    /** Forgets the limits of a port whose id will be given away again. */
    forget(port) {
        this.limits.fill(Infinity, port * BUCKETS, (port + 1) * BUCKETS);
        this.tokens.fill(Infinity, port * BUCKETS, (port + 1) * BUCKETS);
        this.quietUntilMs[port] = -Infinity;
    }
    /** Whether the port has a limit. */
    limitsPort(port) {
        const from = port * BUCKETS;
        return this.limits.subarray(from, from + BUCKETS).some((limit) => limit !== Infinity);
    }
    /**
     * Takes tokens for a frame.
     * @param frames frames that it is on a wire: the segments of a super-frame
     * @returns whether the frame may pass
     */
    admits(port, kind, frames, nowMs) {
        this.fill(port, nowMs);
        const all = port * BUCKETS;
        const own = all + 1 + kind;
        const ofAll = (0, read_1.f64At)(this.tokens, all);
        const ofOwn = (0, read_1.f64At)(this.tokens, own);
        if (ofAll < frames || ofOwn < frames)
            return false;
        this.tokens[all] = ofAll - frames;
        this.tokens[own] = ofOwn - frames;
        return true;
    }
    /** Whether a drop of this port is to be reported: once in `intervalMs` at most. */
    reports(port, nowMs, intervalMs) {
        if (nowMs < (0, read_1.f64At)(this.quietUntilMs, port))
            return false;
        this.quietUntilMs[port] = nowMs + intervalMs;
        return true;
    }
    fill(port, nowMs) {
        const seconds = (nowMs - (0, read_1.f64At)(this.filledMs, port)) / MS_PER_SECOND;
        this.filledMs[port] = nowMs;
        if (seconds <= 0)
            return;
        const from = port * BUCKETS;
        for (let at = from; at < from + BUCKETS; at++) {
            const limit = (0, read_1.f64At)(this.limits, at);
            if (limit === Infinity)
                continue;
            this.tokens[at] = Math.min(limit, (0, read_1.f64At)(this.tokens, at) + seconds * limit);
        }
    }
}
exports.StormControl = StormControl;
