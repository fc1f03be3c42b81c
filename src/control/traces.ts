/**
 * Traces: the path of a frame, which the bridge's code tells in this process as long as no hook is on. Hooks are programs that may
 * do anything, so a trace runs new copies of them in a process of its own, without rights to write files or to start
 * programs (`dataplane/run-trace.ts`).
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { serialize } from 'node:v8';
import type * as runTraceModule from '../dataplane/run-trace';
import type { TraceRequest } from '../dataplane/run-trace';
import type { TraceOrder } from '../dataplane/trace-order';
import type { Trace } from '../l2/trace';
import { Serial } from './serial';

/** Path of the entry point, from this file's folder and from the folder of the bundles. */
const PROCESS = join(__dirname, '../dataplane/trace-process.js');

/** Milliseconds that the process may take: a start of Node takes 50, on a busy machine some times as many. */
const PATIENCE_MS = 5_000;
/** Traces with hooks that run or wait: each one runs a process. */
const TRACES_MAX = 16;

/** Node's permission model: it may read files. Before Node 22.13 it is experimental. */
const isStable = process.allowedNodeEnvironmentFlags.has('--permission');
const OPTIONS = [
  isStable ? '--permission' : '--experimental-permission',
  '--allow-fs-read=*',
  '--experimental-require-module',
  '--max-old-space-size=64',
];

const traces = new Serial(TRACES_MAX);

/**
 * @param port id of the port that the frame comes from
 * @throws RequestError for too many traces at once
 */
export async function traceWithHooks(
  order: TraceOrder,
  port: number,
  frame: Uint8Array,
): Promise<Trace> {
  if (order.hooks.length === 0) return traceHere(order, port, frame, '');
  const trace = await traces.run(() => traceElsewhere({ order, port, frame }));
  const seconds = PATIENCE_MS / 1_000;
  return trace ?? traceHere(order, port, frame, `the hooks told nothing within ${seconds} seconds`);
}

/** Loads the bridge into this process when somebody asks for the first trace. */
function traceHere(...request: Parameters<typeof runTraceModule.traceHere>): Trace {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const module = require('../dataplane/run-trace') as typeof runTraceModule;
  return module.traceHere(...request);
}

/** @returns the trace; `undefined` if the process ends without one, or takes too long */
function traceElsewhere(request: TraceRequest): Promise<Trace | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...OPTIONS, PROCESS], {
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const chunks: Buffer[] = [];
    const pipe = child.stdio[3] as Readable;
    pipe.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A hook may keep the process alive.
    pipe.on('end', () => child.kill('SIGKILL'));
    // A process that ends before it has read its order fails by having no answer.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(serialize(request));
    child.on('error', () => resolve(undefined));
    child.on('close', () => {
      clearTimeout(timer);
      resolve(traceOf(Buffer.concat(chunks)));
    });
  });
}

function traceOf(bytes: Buffer): Trace | undefined {
  try {
    return JSON.parse(bytes.toString()) as Trace;
  } catch {
    return undefined;
  }
}
