/**
 * The watchdog of hooks, in the main thread. It reads the mark of the lane ten times a second, and ends a call
 * that it has seen several times in a row. The lane goes on without the hook: other ports wait for half a
 * second.
 *
 * A call that waits in a system call, or computes outside JavaScript, is not unwound before that is over. If it takes
 * ten seconds, nobody else can end it: the lane is given up.
 */

import type { HookMark } from './hook-mark';

const INTERVAL_MS = 100;
/** Looks after which a call is ended: it has lasted for 400 ms or more then. */
const LOOKS = 5;
/** Looks after which a call that is being ended is given up. */
const ENDING_LOOKS = 100;
/** Seconds of that, for messages. */
export const PATIENCE_SECONDS = (ENDING_LOOKS * INTERVAL_MS) / 1_000;

export class HookWatchdog {
  private timer: NodeJS.Timeout | undefined = undefined;
  private call = 0;
  private looks = 0;
  /** Number of the hook whose call was ended last, and how often that was seen to go on. */
  private ended = 0;
  private endingLooks = 0;

  /**
   * @param interrupt unwinds what the lane is at; the mark is claimed for it before
   * @param giveUp is called once if the lane does not come back, with the number of the hook; 0: it has none yet
   */
  constructor(
    private readonly mark: HookMark,
    private readonly interrupt: () => void,
    private readonly giveUp: (hook: number) => void,
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
    if (call === 0) return this.lookAtEnding();
    if (this.looks < LOOKS) return;
    this.looks = 0;
    this.ended = this.mark.claim();
    this.endingLooks = 0;
    if (this.ended !== 0) this.interrupt();
  }

  private lookAtEnding(): void {
    this.endingLooks = this.mark.isEnding ? this.endingLooks + 1 : 0;
    if (this.endingLooks === 0) this.ended = 0;
    if (this.endingLooks === ENDING_LOOKS) this.giveUp(this.ended);
  }
}
