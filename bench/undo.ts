/**
 * What must be undone whatever happens: processes, namespaces, folders, settings of the kernel.
 *
 * Every task is synchronous, so that a signal handler can run it, and safe to run when what it
 * undoes is gone already.
 */

const tasks = new Set<() => void>();

/** Remembers `task` for {@link undoAll}; returns the function that forgets it. */
export function undoLater(task: () => void): () => void {
  tasks.add(task);
  return () => tasks.delete(task);
}

/** Undoes everything that is left, the newest first. */
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

/** Undoes everything on exit, on SIGINT, SIGTERM and SIGHUP. */
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
