/**
 * Whether a thread gets the processor when it wants it: by the kernel's account of the time for which
 * it was ready to run and did not run (Documentation/scheduler/sched-stats.rst).
 */

import { readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** What there is to look at; all in milliseconds. */
export interface WaitClock {
  readonly nowMs: () => number;
  /** For how long a thread of this process has waited; undefined where the kernel does not say. */
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

  /** @param threadId of a thread of this process; without one, it is taken to wait for nothing */
  constructor(
    private readonly threadId: number | undefined,
    private readonly clock: WaitClock = SYSTEM,
  ) {
    this.lastMs = clock.nowMs();
    this.lastWaitedMs = this.waitedMs() ?? 0;
  }

  /** @returns the share of the time since the last call for which the thread waited, 0 to 1. */
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
