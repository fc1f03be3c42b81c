/**
 * Who gets the processor when there is not enough of it: frames and hosts first, then the operator.
 */

import { constants, setPriority } from 'node:os';

/**
 * Lets the thread that serves the operator yield. The data plane keeps its priority, because Linux
 * has one for each thread (sched(7)) and the process's id names the first thread alone: call this
 * when the data plane runs, for a thread begins with the priority of the one that made it.
 */
export function yieldToDataPlane(): void {
  setPriority(process.pid, constants.priority.PRIORITY_BELOW_NORMAL);
}
