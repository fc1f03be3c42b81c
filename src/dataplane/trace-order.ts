/**
 * A trace as plain data, which goes to another process: filters as they are compiled, hooks as the text of their files.
 */

import { compileFilter } from '../capture/filter-compiler';
import { frameFilter } from '../capture/frame-filter';
import type { TracedHook, TracedState } from '../l2/trace';
import { impairmentSettings, mirrorSettings } from './filtered-settings';
import type { ImpairmentOrder, MirrorOrder } from './messages';

/** A hook that is on. */
export interface TracedHookFile {
  readonly name: string;
  /** Its filter; absent: every frame. */
  readonly match?: string;
  /** Absolute path. */
  readonly file: string;
  /** Text of the file when the hook was loaded; absent where nobody knows it. */
  readonly source?: string;
}

export interface TraceOrder extends Omit<TracedState, 'hooks' | 'impairments' | 'mirrors'> {
  readonly hooks: readonly TracedHookFile[];
  readonly impairments: readonly ImpairmentOrder[];
  readonly mirrors: readonly MirrorOrder[];
}

/** @param hookOf makes a hook for the trace */
export function tracedStateOf(
  { hooks, impairments, mirrors, ...state }: TraceOrder,
  hookOf: (file: TracedHookFile) => TracedHook,
): TracedState {
  return {
    ...state,
    hooks: hooks.map(hookOf),
    impairments: impairments.map(impairmentSettings),
    mirrors: mirrors.map(mirrorSettings),
  };
}

/** A hook that does not run. @param notRun why */
export function toldHook({ match = '', name }: TracedHookFile, notRun: string): TracedHook {
  if (match.trim() === '') return { name, notRun };
  return { name, notRun, accepts: frameFilter(compileFilter(match)) };
}
