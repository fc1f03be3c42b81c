import { readlinkSync } from 'node:fs';

/** The kernel's number of the calling thread (proc_thread_self(5)); none where there is no /proc. */
export function kernelThreadId(): number | undefined {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
  } catch {
    return undefined;
  }
}
