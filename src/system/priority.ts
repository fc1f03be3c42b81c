/**
 * Thread priorities on a busy processor: frames come before the operator's requests.
 *
 * Linux has a priority for each thread (sched(7)), and the process's id names the main thread alone.
 */

import { constants, getPriority, setPriority } from 'node:os';

/** Priority of the main thread before it yielded; undefined where it has not, as in a program of the library. */
let given: number | undefined;

/**
 * Lowers the priority of the main thread, which serves the operator. The data plane keeps its own. Call this when the
 * data plane runs already, because a thread inherits its creator's priority.
 */
export function yieldToDataPlane(): void {
  given = getPriority(process.pid);
  setPriority(process.pid, Math.max(given, constants.priority.PRIORITY_BELOW_NORMAL));
}

/**
 * Gives the main thread the priority of the data plane, or takes it back. Nothing happens in a process that has not
 * yielded, or that may not raise a priority (RLIMIT_NICE, CAP_SYS_NICE).
 * @returns whether the priority has changed
 */
export function hurry(isHurried: boolean): boolean {
  if (given === undefined) return false;
  const yielding = Math.max(given, constants.priority.PRIORITY_BELOW_NORMAL);
  try {
    setPriority(process.pid, isHurried ? given : yielding);
    return true;
  } catch {
    return false;
  }
}
