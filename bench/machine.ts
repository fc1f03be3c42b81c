/**
 * The machine and the software of a run.
 */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cpus, release, totalmem } from 'node:os';

export interface Machine {
  cpu: string;
  cpuCount: number;
  memoryBytes: number;
  kernel: string;
  node: string;
  /** Commit of the switch, with `+` if the tree has changes. */
  commit: string;
}

/** CPUs of the reference machine. Results with another number of CPUs cannot be compared. */
export const REFERENCE_CPU_COUNT = 2;

const CLONE = join(__dirname, '../..');

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cpuCount: all.length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    commit: readCommit(),
  };
}

/**
 * The commit of this clone. Root must tell git that another user's clone is safe, and must not write an
 * index of its own there.
 */
function readCommit(): string {
  const asGuest = ['-c', `safe.directory=${CLONE}`, '--no-optional-locks', '-C', CLONE];
  const git = (...words: string[]): string =>
    execFileSync('git', [...asGuest, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const hasChanges = git('status', '--porcelain', '--', 'src', 'addon') !== '';
    return git('rev-parse', '--short', 'HEAD') + (hasChanges ? '+' : '');
  } catch {
    return 'unknown';
  }
}
