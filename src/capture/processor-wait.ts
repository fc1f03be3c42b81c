/**
 * The share of the time for which a thread waits for a processor. The kernel counts the time for
 * which a thread was ready to run and did not run (Documentation/scheduler/sched-stats.rst).
 */

import { readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** Sources of time, in milliseconds. */
export interface WaitClock {
  readonly nowMs: () => number;
  /** Total wait of a thread of this process; undefined where the kernel does not count it. */
  readonly waitedMs: (threadId: number) => number | undefined;
}

const SYSTEM: WaitClock = {
  nowMs: () => performance.now(),
  waitedMs(threadId) {
    try {
      const text = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'latin1');
      return Number(text.split(' ')[1]) / NS_PER_MS;
    } catch {
      // A kernel without schedstats, or a thread that has just ended.
      return undefined;
    }
  },
};

export class ProcessorWait {
  private lastMs: number;
  private lastWaitedMs: number;

  /** @param threadId id of a thread of this process; without one, the share is always 0 */
  constructor(
    private readonly threadId: number | undefined,
    private readonly clock: WaitClock = SYSTEM,
  ) {
    this.lastMs = clock.nowMs();
    this.lastWaitedMs = this.waitedMs() ?? 0;
  }

  /** @returns share of the time since the last call that the thread waited, 0 to 1. */
  share(): number {
    const nowMs = this.clock.nowMs();
    const waitedMs = this.waitedMs() ?? this.lastWaitedMs;
    const share = (waitedMs - this.lastWaitedMs) / (nowMs - this.lastMs);
    this.lastMs = nowMs;
    this.lastWaitedMs = waitedMs;
    return Number.isFinite(share) ? Math.min(1, share) : 0;
  }

  private waitedMs(): number | undefined {
    return this.threadId === undefined ? undefined : this.clock.waitedMs(this.threadId);
  }
}
