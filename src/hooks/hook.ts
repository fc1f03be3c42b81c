/**
 * The interface of a hook: a program on the frame path. This file has the types that the author of a hook
 * sees, and the check of a module's shape. docs/hooks.md explains them.
 *
 * A hook is synchronous. It runs in the thread of the data plane, which never returns to its event loop, so
 * promises and the timers of Node do nothing there.
 */

import type { FrameView } from './frame-view';
import type { HookPort, HookPorts } from './hook-ports';

/** The default export of a module. */
export interface Hook {
  /** Filter in the words of captures. Frames that it rejects never reach the hook; absent: every frame. */
  readonly match?: string;
  /** Decides about a frame that matches. `frame` is valid until the function returns. */
  frame(frame: FrameView, ports: HookPorts): HookVerdict;
  /** Prepares the hook: timers, counters. Called once, before the first frame. */
  setup?(bridge: HookSwitch): void;
  /** What happens to a frame on which the hook throws or returns nonsense; `pass` by default. */
  readonly onError?: 'pass' | 'drop';
  /** Milliseconds of each second that the hook may take, 1 to 1000; 250 by default. */
  readonly budgetMs?: number;
}

/**
 * What a hook decides:
 * - nothing, or `'pass'`: the frame travels on, with what the setters of `frame` changed;
 * - `'drop'`: it ends here;
 * - a port of `ports`, or `{ to }`: it leaves by these ports, and by no other;
 * - `frame`: it travels on, as with `'pass'`;
 * - bytes: this frame of 14 to 65,550 bytes travels on in its place.
 */
export type HookVerdict =
  | undefined
  | void
  | 'pass'
  | 'drop'
  | HookPort
  | { readonly to: HookTarget }
  | FrameView
  | Uint8Array;

/** A port or ports, each by its name or as an object of `ports`. */
export type HookTarget = string | HookPort | readonly (string | HookPort)[];

/** The way of a frame that a hook makes. */
export type SendWay =
  /** Out of these ports. */
  | { readonly to: HookTarget; readonly vlan?: number }
  /** Through the switch, as if this port had received it. No hook sees it. */
  | { readonly from: string | HookPort };

/** What a hook may ask of its switch. */
export interface HookSwitch {
  readonly ports: HookPorts;
  /** MAC of the switch. */
  readonly mac: string;
  /** Time of the switch, milliseconds; it only grows. */
  readonly nowMs: number;
  /** Calls a function again and again. @param ms 1 or more */
  every(ms: number, call: () => void): HookTimer;
  /** Calls a function once. @param ms 1 or more */
  after(ms: number, call: () => void): HookTimer;
  /**
   * A counter, which `tapctl hook show`, the API and `/metrics` show.
   * @param name letters, digits and underscores
   * @param label what is counted, such as an address, if there are several; any text
   * @throws RangeError for more than 4,096 counters
   */
  counter(name: string, label?: string): HookCounter;
  /** Writes a line to the journal; at most ten lines a second are written. */
  log(text: string): void;
  /**
   * Sends a frame of 14 to 65,550 bytes after the frames of the present burst. The bytes are copied.
   * @throws RangeError, TypeError for wrong bytes, for a port that does not exist, and for more than 1,024
   *   frames at once
   */
  send(bytes: Uint8Array, way: SendWay): void;
}

export interface HookTimer {
  stop(): void;
}

export interface HookCounter {
  readonly value: number;
  /** @param count 1 by default */
  add(count?: number): void;
}

export const BUDGET_MS = 250;
const BUDGET_MS_MAX = 1_000;

/**
 * Checks the default export of a module.
 * @throws TypeError that names the property and says what would be right
 */
export function checkHook(value: unknown): Hook {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('its default export is no object; expected { match, frame(frame, ports) }');
  }
  const hook = value as Readonly<Record<string, unknown>>;
  const { match, frame, setup, onError, budgetMs = BUDGET_MS } = hook;
  if (typeof frame !== 'function') throw new TypeError('it has no function frame');
  if (match !== undefined && typeof match !== 'string') {
    throw new TypeError('match: expected a filter as text, in the words of captures');
  }
  if (setup !== undefined && typeof setup !== 'function') {
    throw new TypeError('setup: expected a function');
  }
  if (onError !== undefined && onError !== 'pass' && onError !== 'drop') {
    throw new TypeError("onError: expected 'pass' or 'drop'");
  }
  const isBudget = typeof budgetMs === 'number' && budgetMs >= 1 && budgetMs <= BUDGET_MS_MAX;
  if (!isBudget) throw new TypeError('budgetMs: expected milliseconds of a second, 1 to 1000');
  return value as Hook;
}
