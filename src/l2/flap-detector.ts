/**
 * Flap detector: notices stations that move back and forth. Its table is too small to be worth attacking: a
 * MAC that shares its slot with another loses its count, and at worst a report is missed.
 */

import { f64At, i32At } from '../wire/read';
import { NO_VLAN } from '../wire/vlan';

const SLOTS = 64;
/** Number of moves within the window that counts as flapping. */
const MOVES = 5;
const WINDOW_MS = 10_000;
/** Least interval between two reports, for all stations together. */
const REPORT_INTERVAL_MS = 1_000;

export class FlapDetector {
  private readonly lo32 = new Int32Array(SLOTS);
  /** Bytes 0 and 1 of the MAC, and the VID above them. */
  private readonly hi16 = new Int32Array(SLOTS);
  private readonly moves = new Int32Array(SLOTS);
  private readonly since = new Float64Array(SLOTS);
  private quietUntil = Number.NEGATIVE_INFINITY;

  /** Counts one move. @returns whether this station is to be reported now. */
  moved(macHi16: number, lo32: number, nowMs: number, vlan = NO_VLAN): boolean {
    const hi16 = macHi16 | (vlan << 16);
    const slot = (lo32 ^ (lo32 >>> 8) ^ (lo32 >>> 16) ^ (lo32 >>> 24) ^ hi16) & (SLOTS - 1);
    const isSame = this.lo32[slot] === lo32 && this.hi16[slot] === hi16;
    if (!isSame || nowMs - f64At(this.since, slot) > WINDOW_MS) {
      this.lo32[slot] = lo32;
      this.hi16[slot] = hi16;
      this.moves[slot] = 0;
      this.since[slot] = nowMs;
    }
    const moves = i32At(this.moves, slot) + 1;
    this.moves[slot] = moves;
    if (moves < MOVES || nowMs < this.quietUntil) return false;
    this.quietUntil = nowMs + REPORT_INTERVAL_MS;
    this.moves[slot] = 0;
    return true;
  }
}
