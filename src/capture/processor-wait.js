"use strict";
/**
 * The share of the time for which a thread waits for a processor. The kernel counts the time for
 * which a thread was ready to run and did not run (Documentation/scheduler/sched-stats.rst).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ProcessorWait = void 0;
const node_fs_1 = require("node:fs");
const NS_PER_MS = 1e6;
const SYSTEM = {
    nowMs: () => performance.now(),
    waitedMs(threadId) {
        try {
            const text = (0, node_fs_1.readFileSync)(`/proc/self/task/${threadId}/schedstat`, 'latin1');
            return Number(text.split(' ')[1]) / NS_PER_MS;
        }
        catch {
            // A kernel without schedstats, or a thread that has just ended.
            return undefined;
        }
    },
};
class ProcessorWait {
    threadId;
    clock;
    lastMs;
    lastWaitedMs;
    /** @param threadId id of a thread of this process; without one, the share is always 0 */
    constructor(threadId, clock = SYSTEM) {
        this.threadId = threadId;
        this.clock = clock;
        this.lastMs = clock.nowMs();
        this.lastWaitedMs = this.waitedMs() ?? 0;
    }
    /** @returns share of the time since the last call that the thread waited, 0 to 1. */
    share() {
        const nowMs = this.clock.nowMs();
        const waitedMs = this.waitedMs() ?? this.lastWaitedMs;
        const share = (waitedMs - this.lastWaitedMs) / (nowMs - this.lastMs);
        this.lastMs = nowMs;
        this.lastWaitedMs = waitedMs;
        return Number.isFinite(share) ? Math.min(1, share) : 0;
    }
    waitedMs() {
        return this.threadId === undefined ? undefined : this.clock.waitedMs(this.threadId);
    }
}
exports.ProcessorWait = ProcessorWait;
