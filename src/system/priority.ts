/**
 * Thread priorities on a busy processor: frames come before the operator's requests.
 */

import { constants, setPriority } from 'node:os';

/**
 * Lowers the priority of the main thread, which serves the operator. The data plane keeps its own:
 * Linux has a priority for each thread (sched(7)), and the process's id names the main thread alone.
 * Call this when the data plane runs already, because a thread inherits its creator's priority.
 */
export function yieldToDataPlane(): void {
  setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
}
