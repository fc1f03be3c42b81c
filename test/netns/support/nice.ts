/** Priority of a thread. */

import { readFileSync } from 'node:fs';

/** Nice value of a thread, by default of the main one. proc_pid_stat(5): the 19th field; the second may contain blanks. */
export function niceOf(pid: number | undefined, thread = String(pid)): number {
  const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
}
