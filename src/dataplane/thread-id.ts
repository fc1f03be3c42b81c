import { readlinkSync } from 'node:fs';

/** Kernel id of the calling thread (proc_thread_self(5)); undefined where there is no /proc. */
export function kernelThreadId(): number | undefined {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
  } catch {
    return undefined;
  }
}
