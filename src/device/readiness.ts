/** Waits until a descriptor can be read or written, without blocking a thread. */

import { type NativeFdWatch, native } from '../native/native';

/** Events, as in epoll_ctl(2). */
export const READABLE = 0x001;
export const WRITABLE = 0x004;

interface Waiter {
  readonly events: number;
  readonly wake: () => void;
}

export class Readiness {
  private readonly watch: NativeFdWatch;
  private waiters: Waiter[] = [];

  /** @throws NativeError when the kernel has no descriptor left. */
  constructor(fd: number) {
    const { FdWatch } = native();
    this.watch = new FdWatch(fd, () => this.wakeAll());
  }

  /**
   * Resolves when one of the events may have come, when the device may be gone, and when `signal` ends the
   * wait. The caller checks which it was, and waits again if there was none.
   */
  wait(events: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiter = { events, wake };
      const giveUp = (): void => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        this.arm();
        wake();
      };
      signal?.addEventListener('abort', giveUp);
      this.waiters.push(waiter);
      this.arm();
    });
  }

  wakeAll(): void {
    const woken = this.waiters;
    this.waiters = [];
    this.watch.disarm();
    for (const { wake } of woken) wake();
  }

  /** Ends all waits. */
  close(): void {
    this.wakeAll();
    this.watch.close();
  }

  private arm(): void {
    const events = this.waiters.reduce((all, waiter) => all | waiter.events, 0);
    if (events === 0) this.watch.disarm();
    else this.watch.arm(events);
  }
}
