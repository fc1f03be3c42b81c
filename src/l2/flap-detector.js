"use strict";
/**
 * Flap detector: notices stations that move back and forth. Its table is too small to be worth attacking: a
 * MAC that shares its slot with another loses its count, and at worst a report is missed.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.FlapDetector = void 0;
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
const SLOTS = 64;
/** Number of moves within the window that counts as flapping. */
const MOVES = 5;
const WINDOW_MS = 10_000;
/** Least interval between two reports, for all stations together. */
const REPORT_INTERVAL_MS = 1_000;
class FlapDetector {
    lo32 = new Int32Array(SLOTS);
    /** Bytes 0 and 1 of the MAC, and the VID above them. */
    hi16 = new Int32Array(SLOTS);
    moves = new Int32Array(SLOTS);
    since = new Float64Array(SLOTS);
    quietUntil = Number.NEGATIVE_INFINITY;
    /** Counts one move. @returns whether this station is to be reported now. */
    moved(macHi16, lo32, nowMs, vlan = vlan_1.NO_VLAN) {
        const hi16 = macHi16 | (vlan << 16);
        const slot = (lo32 ^ (lo32 >>> 8) ^ (lo32 >>> 16) ^ (lo32 >>> 24) ^ hi16) & (SLOTS - 1);
        const isSame = this.lo32[slot] === lo32 && this.hi16[slot] === hi16;
        if (!isSame || nowMs - (0, read_1.f64At)(this.since, slot) > WINDOW_MS) {
            this.lo32[slot] = lo32;
            this.hi16[slot] = hi16;
            this.moves[slot] = 0;
            this.since[slot] = nowMs;
        }
        const moves = (0, read_1.i32At)(this.moves, slot) + 1;
        this.moves[slot] = moves;
        if (moves < MOVES || nowMs < this.quietUntil)
            return false;
        this.quietUntil = nowMs + REPORT_INTERVAL_MS;
        this.moves[slot] = 0;
        return true;
    }
}
exports.FlapDetector = FlapDetector;
