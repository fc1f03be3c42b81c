"use strict";
/**
 * Pauses of ports whose kernel has refused an offload. During a pause the port gets plain frames. The first
 * pause is a minute, each further one is twice as long, an hour at most. A port that keeps its offloads for
 * as long as its last pause begins with a minute again.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.OffloadPauses = void 0;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
class OffloadPauses {
    /** Port id → its pause. Empty on a machine whose kernel keeps its word. */
    pauses = new Map();
    begin(port, nowMs) {
        const last = this.pauses.get(port);
        const isFresh = last === undefined || nowMs >= last.endsMs + last.lengthMs;
        const lengthMs = isFresh ? FIRST_PAUSE_MS : Math.min(2 * last.lengthMs, LONGEST_PAUSE_MS);
        this.pauses.set(port, { lengthMs, endsMs: nowMs + lengthMs, isOver: false });
    }
    /** Forgets a port that was removed, or whose offloads were switched by somebody. */
    forget(port) {
        this.pauses.delete(port);
    }
    /** Calls `resume` for each port whose pause is over since the last call. */
    tick(nowMs, resume) {
        for (const [port, pause] of this.pauses) {
            if (pause.isOver || nowMs < pause.endsMs)
                continue;
            pause.isOver = true;
            resume(port);
        }
    }
}
exports.OffloadPauses = OffloadPauses;
