/**
 * Pauses of ports whose kernel has refused an offload. During a pause the port gets plain frames. The first
 * pause is a minute, each further one is twice as long, an hour at most. A port that keeps its offloads for
 * as long as its last pause begins with a minute again.
 */

const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Pause {
  lengthMs: number;
  endsMs: number;
  isOver: boolean;
}

export class OffloadPauses {
  /** Port id → its pause. Empty on a machine whose kernel keeps its word. */
  private readonly pauses = new Map<number, Pause>();

  begin(port: number, nowMs: number): void {
    const last = this.pauses.get(port);
    const isFresh = last === undefined || nowMs >= last.endsMs + last.lengthMs;
    const lengthMs = isFresh ? FIRST_PAUSE_MS : Math.min(2 * last.lengthMs, LONGEST_PAUSE_MS);
    this.pauses.set(port, { lengthMs, endsMs: nowMs + lengthMs, isOver: false });
  }

  /** Forgets a port that was removed, or whose offloads were switched by somebody. */
  forget(port: number): void {
    this.pauses.delete(port);
  }

  /** Time when the next pause is over, milliseconds; `Infinity` for never. */
  get dueMs(): number {
    let dueMs = Infinity;
    for (const { isOver, endsMs } of this.pauses.values()) {
      if (!isOver) dueMs = Math.min(dueMs, endsMs);
    }
    return dueMs;
  }

  /** Calls `resume` for each port whose pause is over since the last call. */
  tick(nowMs: number, resume: (port: number) => void): void {
    for (const [port, pause] of this.pauses) {
      if (pause.isOver || nowMs < pause.endsMs) continue;
      pause.isOver = true;
      resume(port);
    }
  }
}
