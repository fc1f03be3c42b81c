/**
 * The watchdog of hooks, in the main thread. It reads the mark of the lane ten times a second, and ends a call
 * that it has seen several times in a row. The lane goes on without the hook: other ports wait for half a
 * second.
 */

import type { HookMark } from './hook-mark';

const INTERVAL_MS = 100;
/** Looks after which a call is ended: it has lasted for 400 ms or more then. */
const LOOKS = 5;

export class HookWatchdog {
  private timer: NodeJS.Timeout | undefined = undefined;
  private call = 0;
  private looks = 0;

  /** @param interrupt unwinds what the lane is at; the mark is claimed for it before */
  constructor(
    private readonly mark: HookMark,
    private readonly interrupt: () => void,
  ) {}

  /** Begins to watch, before the first hook is loaded. */
  start(): void {
    this.timer ??= setInterval(() => this.look(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Looks at the mark once. */
  look(): void {
    const { call } = this.mark;
    this.looks = call !== 0 && call === this.call ? this.looks + 1 : 1;
    this.call = call;
    if (call === 0 || this.looks < LOOKS) return;
    this.looks = 0;
    if (this.mark.claim()) this.interrupt();
  }
}
