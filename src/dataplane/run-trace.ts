/**
 * A trace with hooks, in a process of its own: `traceWithHooks` starts it. It loads the hooks anew, from the text that the switch
 * runs, and ends after one frame, before its event loop turns: what a hook has begun there, such as a request by HTTP, does not happen.
 *
 * The process has Node's permission model, which keeps a hook from writing files and from starting programs. Its order comes
 * on standard input, and the trace goes to a pipe that no hook knows of.
 */

import fs from 'node:fs';
import { deserialize } from 'node:v8';
import type { HookVerdict } from '../hooks/hook';
import type { HookProgram } from '../hooks/loaded-hook';
import { type Trace, type TracedHook, traceFrame } from '../l2/trace';
import { loadHookFile } from './hook-loader';
import { endThread, prepareForHooks } from './hook-surroundings';
import { type TraceOrder, type TracedHookFile, toldHook, tracedStateOf } from './trace-order';

/** What the process is asked. */
export interface TraceRequest {
  readonly order: TraceOrder;
  readonly port: number;
  readonly frame: Uint8Array;
}

// Hooks find others in place of these, which refuse pipes.
const { closeSync, readFileSync, writeSync } = fs;

const STDIN = 0;
/** Descriptor of the pipe for the trace. */
export const TRACE_PIPE = 3;
const DENIED = 'ERR_ACCESS_DENIED';
const NO_EFFECTS = 'in a trace a hook may neither write files nor start programs';

export function runTrace(): void {
  const { order, port, frame } = deserialize(readFileSync(STDIN)) as TraceRequest;
  const trace: Trace = traceFrame(tracedStateOf(order, newHook), port, frame);
  writeAll(Buffer.from(JSON.stringify(trace)));
  closeSync(TRACE_PIPE);
  endThread();
}

/** Traces in this process. @param notRun why no hook runs */
export function traceHere(
  order: TraceOrder,
  port: number,
  frame: Uint8Array,
  notRun: string,
): Trace {
  const state = tracedStateOf(order, (hook) => toldHook(hook, notRun));
  return traceFrame(state, port, frame);
}

/** Loads a hook for one trace. */
function newHook(wanted: TracedHookFile): TracedHook {
  const { file, name, source } = wanted;
  if (source === undefined) return toldHook(wanted, 'its text is not known');
  try {
    prepareForHooks();
    return withoutEffects(loadHookFile(name, file, source));
  } catch (error) {
    return toldHook(wanted, wordsFor(error));
  }
}

/** Says why a call failed that the permission model has refused. */
function withoutEffects(program: HookProgram): HookProgram {
  const { hook } = program;
  const guard = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw new Error(wordsFor(error), { cause: error });
    }
  };
  return {
    ...program,
    hook: {
      ...(hook.onError !== undefined && { onError: hook.onError }),
      frame: (frame, ports): HookVerdict => guard(() => hook.frame(frame, ports)),
      setup: (bridge): void => guard(() => hook.setup?.(bridge)),
    },
  };
}

function wordsFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, cause } = error as NodeJS.ErrnoException;
  const isDenied = code === DENIED || (cause as NodeJS.ErrnoException | undefined)?.code === DENIED;
  return isDenied ? NO_EFFECTS : error.message;
}

function writeAll(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(TRACE_PIPE, bytes, at);
}
