"use strict";
/**
 * The claim of one own address: how the switch gets and keeps it. It has the timers and states that address
 * conflict detection (ARP) and duplicate address detection (ND) share. It sends nothing: the protocol room
 * asks it for the next step, and reports conflicts to it.
 *
 *              probes heard by nobody                     announcements
 *   probing ───────────────────────────────▶ claimed ─────────────────────▶ (rest)
 *      │  ▲                                    │  ▲
 *      │  │ a minute later                     └──┘ conflict: defend, at most once in ten seconds
 *      ▼  │
 *   conflict (the address is not used)
 *
 * Source: RFC 5227 2.1 (probe), 2.3 (announce), 2.4(c) (defend, keep the address); RFC 4862 5.4.
 *
 * Departure: RFC 5227 spreads its probes over seconds, at random, because a thousand stations may be powered
 * up at once on a slow wire. Here all links are memory, a reply takes microseconds, and there is one switch.
 * 100 ms between probes is plenty, and a lab starts without a delay.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Claim = exports.CLAIM_TIMES = void 0;
exports.CLAIM_TIMES = {
    probeCount: 3,
    probeIntervalMs: 100,
    announceCount: 2,
    announceIntervalMs: 2_000,
    defendIntervalMs: 10_000,
    retryIntervalMs: 60_000,
};
class Claim {
    dueMs;
    times;
    currentState = 'probing';
    /** Number of probes or announcements sent in the present state. */
    sentCount = 0;
    defendedMs = -Infinity;
    /** @param dueMs time of the next step; `Infinity` when all announcements are sent */
    constructor(dueMs, times) {
        this.dueMs = dueMs;
        this.times = times;
    }
    get state() {
        return this.currentState;
    }
    /**
     * Takes the next step, if it is due. A late call delays the steps that follow, so that every probe has its
     * full time to be answered.
     */
    step(nowMs) {
        if (nowMs < this.dueMs)
            return 'none';
        switch (this.currentState) {
            case 'conflict':
                this.enter('probing');
                return this.probe(nowMs);
            case 'probing':
                if (this.sentCount < this.times.probeCount)
                    return this.probe(nowMs);
                this.enter('claimed');
                this.announce(nowMs);
                return 'claim';
            case 'claimed':
                this.announce(nowMs);
                return 'announce';
        }
    }
    /** Notes that another station uses the address, or probes for it at the same time. */
    conflict(nowMs) {
        switch (this.currentState) {
            case 'conflict':
                return 'ignored';
            case 'probing':
                this.enter('conflict');
                this.dueMs = nowMs + this.times.retryIntervalMs;
                return 'lost';
            case 'claimed':
                if (nowMs - this.defendedMs < this.times.defendIntervalMs)
                    return 'ignored';
                this.defendedMs = nowMs;
                return 'defended';
        }
    }
    enter(state) {
        this.currentState = state;
        this.sentCount = 0;
    }
    probe(nowMs) {
        this.sentCount++;
        this.dueMs = nowMs + this.times.probeIntervalMs;
        return 'probe';
    }
    announce(nowMs) {
        this.sentCount++;
        const isLast = this.sentCount >= this.times.announceCount;
        this.dueMs = isLast ? Infinity : nowMs + this.times.announceIntervalMs;
    }
}
exports.Claim = Claim;
