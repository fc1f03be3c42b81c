/**
 * Readings of processes and CPUs from /proc (proc_pid_schedstat, proc_pid_smaps, proc_stat in Linux
 * Documentation/filesystems/proc.rst and Documentation/scheduler/sched-stats.rst).
 */

import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';

/** The unit of /proc/stat: USER_HZ is 100 on every architecture that Node runs on. */
const TICK_NS = 1e7;
const IDLE_FIELDS = [4, 5];
const STOLEN_FIELD = 8;

/** CPU time of all threads of a process since its start, ns. */
export function processCpuNs(pid: number): number {
  return [...threadsCpuNs(pid).values()].reduce((sum, ns) => sum + ns, 0);
}

/** CPU time of one thread since its start, ns; the first thread has the id of its process. */
export function threadCpuNs(pid: number, thread: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
}

/** Time that the hypervisor took from all CPUs since boot, ns. */
export function stolenNs(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/ +/).map(Number);
  return fields[STOLEN_FIELD]! * TICK_NS;
}

/** CPU time of each thread since its start, ns. */
export function threadsCpuNs(pid: number): Map<number, number> {
  return ofThreads(pid, (thread) => threadCpuNs(pid, thread));
}

/** Voluntary context switches of each thread: how often it slept and was woken. */
export function threadsSleeps(pid: number): Map<number, number> {
  return ofThreads(pid, (thread) =>
    field(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'), 'voluntary_ctxt_switches'),
  );
}

/** The process's share of memory (proportional set size), bytes. */
export function pssBytes(pid: number): number {
  return field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss') * 1024;
}

/** The process's resident memory, shared pages included, bytes. */
export function residentBytes(pid: number): number {
  return field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1024;
}

/** Idle time of all CPUs since boot, ns; time taken by the hypervisor counts as idle. */
export function machineIdleNs(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/ +/).map(Number);
  return [...IDLE_FIELDS, STOLEN_FIELD].reduce((sum, index) => sum + fields[index]!, 0) * TICK_NS;
}

export const cpuCount = (): number => cpus().length;

function ofThreads(pid: number, read: (thread: number) => number): Map<number, number> {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  return new Map(threads.map((thread) => [thread, read(thread)]));
}

/** Differences between two readings of the threads of a process; ended threads are left out. */
export function growth(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): Map<number, number> {
  return new Map([...after].map(([thread, now]) => [thread, now - (before.get(thread) ?? 0)]));
}

function field(text: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text);
  if (match === null) throw new Error(`no ${name} in what the kernel says of the process`);
  return Number(match[1]);
}
