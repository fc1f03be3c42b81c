/** A hook that is loaded: its program, its counters and timers, and what it may ask of the switch. */

import type { Burst } from '../frame/burst';
import { formatMac, type MacWords } from '../wire/mac';
import { Budget } from './budget';
import {
  BUDGET_MS,
  type Hook,
  type HookCounter,
  type HookSwitch,
  type HookTimer,
  type SendWay,
} from './hook';
import { type HookCount, HookCounters } from './hook-counters';
import type { HookPorts } from './hook-ports';
import { HookTimers } from './hook-timers';
import type { HookNews } from './news';
import type { SendQueue } from './send-queue';

/** Lines that a hook may log in a second. */
const LOG_LINES = 10;
const LOG_WINDOW_MS = 1_000;
const LOG_TEXT_MAX = 500;

/** A module, ready to be loaded. */
export interface HookProgram {
  /** Name that no other hook has. */
  readonly name: string;
  readonly hook: Hook;
  /** Whether the filter of the module accepts a frame of the burst; absent: it accepts each. */
  readonly accepts?: ((burst: Burst, frame: number) => boolean) | undefined;
  /** Why a trace only tells which frames it takes, and does not run it; absent: it runs. */
  readonly notRun?: string;
}

/** What a hook is and has done, as plain data. */
export interface HookState {
  readonly name: string;
  /** Its filter; absent: every frame. */
  readonly match?: string;
  /** Why it is switched off; absent while it is on. */
  readonly off?: string;
  /** Frames that matched. */
  readonly frames: number;
  /** Frames that it changed or replaced, that it gave to ports, and that it dropped. */
  readonly edited: number;
  readonly redirected: number;
  readonly dropped: number;
  /** Frames of its own. */
  readonly sent: number;
  readonly failures: number;
  /** Text of the latest failure. */
  readonly failure?: string;
  readonly counters: readonly HookCount[];
}

/** What loaded hooks share. */
export interface HookHouse {
  readonly mac: MacWords;
  readonly burst: Burst;
  readonly ports: HookPorts;
  readonly queue: SendQueue;
  readonly news: (news: HookNews) => void;
  /** Notes that a timer was set, which may be due sooner than any other. */
  readonly timerSet: () => void;
}

export class LoadedHook implements HookSwitch {
  frames = 0;
  edited = 0;
  redirected = 0;
  dropped = 0;
  sent = 0;
  failures = 0;
  /** Why it is switched off. */
  off: string | undefined = undefined;
  readonly budget: Budget;
  readonly timers = new HookTimers();
  private failure: string | undefined = undefined;
  private readonly counters = new HookCounters();
  private logWindowEndMs = 0;
  private logLines = 0;
  private untold = 0;

  /** @param number for `HookWatch`: above 0, and no other hook had it */
  constructor(
    readonly number: number,
    readonly program: HookProgram,
    private readonly house: HookHouse,
  ) {
    this.budget = new Budget(program.hook.budgetMs ?? BUDGET_MS);
  }

  get name(): string {
    return this.program.name;
  }

  get state(): HookState {
    const { name, off, frames, edited, redirected, dropped, sent, failures, failure } = this;
    const { match } = this.program.hook;
    return {
      name,
      ...(match !== undefined && { match }),
      ...(off !== undefined && { off }),
      ...{ frames, edited, redirected, dropped, sent, failures },
      ...(failure !== undefined && { failure }),
      counters: this.counters.list(),
    };
  }

  /** Counts a failure, and reports the first one. */
  fail(error: unknown): void {
    const why = textOf(error);
    this.failures++;
    this.failure = why;
    if (this.failures === 1) this.house.news({ event: 'hook-failed', hook: this.name, why });
  }

  switchOff(why: string): void {
    if (this.off !== undefined) return;
    this.off = why;
    this.house.news({ event: 'hook-off', hook: this.name, why });
  }

  // What a hook may ask (HookSwitch) --------------------------------------------------------------

  get ports(): HookPorts {
    return this.house.ports;
  }

  get mac(): string {
    const { hi16, lo32 } = this.house.mac;
    return formatMac(hi16, lo32);
  }

  get nowMs(): number {
    return this.house.burst.nowMs;
  }

  every(ms: number, call: () => void): HookTimer {
    return this.addTimer(call, ms, ms);
  }

  after(ms: number, call: () => void): HookTimer {
    return this.addTimer(call, ms, 0);
  }

  counter(name: string, label?: string): HookCounter {
    return this.counters.get(name, label);
  }

  log(text: string): void {
    const { nowMs } = this;
    if (nowMs >= this.logWindowEndMs) {
      this.logWindowEndMs = nowMs + LOG_WINDOW_MS;
      this.logLines = 0;
    }
    if (this.logLines >= LOG_LINES) {
      this.untold++;
      return;
    }
    this.logLines++;
    const { untold } = this;
    this.untold = 0;
    const line = String(text).slice(0, LOG_TEXT_MAX);
    this.house.news({ event: 'hook-log', hook: this.name, text: line, untold });
  }

  send(bytes: Uint8Array, way: SendWay): void {
    this.house.queue.add(bytes, way);
    this.sent++;
  }

  private addTimer(call: () => void, ms: number, everyMs: number): HookTimer {
    const timer = this.timers.add(call, ms, everyMs, this.nowMs);
    this.house.timerSet();
    return timer;
  }
}

/** What went wrong, in one line. A hook may throw anything, also what has no text. */
export function textOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    return (text.split('\n', 1)[0] as string).slice(0, LOG_TEXT_MAX);
  } catch {
    return 'it threw something that has no text';
  }
}
