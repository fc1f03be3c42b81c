/**
 * Clean-up that must run in any case: of processes, namespaces, folders and settings of the kernel.
 *
 * Every task is synchronous, so that a signal handler can run it. It is safe to run after the clean-up
 * is done.
 */

const tasks = new Set<() => void>();

/** Remembers `task` for {@link undoAll}; returns the function that forgets it. */
export function undoLater(task: () => void): () => void {
  tasks.add(task);
  return () => tasks.delete(task);
}

/** Runs all remaining tasks, the newest first. */
export function undoAll(): void {
  const newestFirst = [...tasks].reverse();
  tasks.clear();
  for (const task of newestFirst) {
    try {
      task();
    } catch (error) {
      process.stderr.write(`bench: while cleaning up: ${String(error)}\n`);
    }
  }
}

/** Runs all tasks on exit, and on SIGINT, SIGTERM and SIGHUP. */
export function undoOnExit(): void {
  process.on('exit', undoAll);
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.on(signal, () => process.exit(128 + number));
  }
}
