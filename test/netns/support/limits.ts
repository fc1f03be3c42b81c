/** Limits the descriptors and threads of a running program. */

import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './command';

/** Folders of cgroups(7), version 1 and 2, that have the limit of tasks. */
const PIDS_FOLDERS = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup'];

/** Limits the descriptors of a program. @returns a function that lifts the limit */
export async function leaveDescriptors(pid: number, count: number): Promise<() => Promise<void>> {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let limit = 0;
  for (let free = 0; free <= count; limit++) if (!open.has(limit)) free++;
  // The kernel gives out descriptors below the limit.
  const setLimit = (soft: number | string): Promise<string> =>
    mustRun(['prlimit', `--pid=${pid}`, `--nofile=${soft}:`]);
  const [before = ''] = (
    await mustRun(['prlimit', `--pid=${pid}`, '--nofile', '-o', 'SOFT', '--noheadings'])
  )
    .trim()
    .split('\n');
  await setLimit(limit - 1);
  return async () => void (await setLimit(before.trim()));
}

/** A cgroup in which no task can be started any more. */
export class FullCgroup {
  private constructor(private readonly folder: string) {}

  /** The cgroup; undefined where this machine has no such limit or denies us its use. */
  static make(name: string): FullCgroup | undefined {
    for (const parent of PIDS_FOLDERS) {
      const folder = join(parent, name);
      try {
        mkdirSync(folder);
      } catch {
        continue;
      }
      if (existsSync(join(folder, 'pids.max'))) return new FullCgroup(folder);
      rmdirSync(folder);
    }
    return undefined;
  }

  /** Moves a program with all its threads into the cgroup, which allows no further thread. */
  confine(pid: number): void {
    writeFileSync(join(this.folder, 'cgroup.procs'), String(pid));
    const tasks = readFileSync(join(this.folder, 'pids.current'), 'utf8');
    writeFileSync(join(this.folder, 'pids.max'), tasks.trim());
  }

  /** Number of tasks that the limit refused: pids.events of cgroup v1 and v2. */
  get refusals(): number {
    const events = readFileSync(join(this.folder, 'pids.events'), 'utf8');
    return Number(/^max (\d+)$/m.exec(events)?.[1]);
  }

  /** Removes the cgroup. The programs in it must have ended. */
  remove(): void {
    rmdirSync(this.folder);
  }
}
