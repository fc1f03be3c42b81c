/** Starts the data plane's thread, before a `DataPlane` takes it. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { flagState } from '../system/v8-flags';

/** Path of the entry point, from this file's folder and from the folder of the bundles. */
const WORKER = join(__dirname, '../dataplane/worker.js');

/** Limits of the heap. The young generation stays small, because the data plane makes little garbage. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/**
 * Options with which Node before 20.19 loads an ES module at once, which hooks need (`hook-loader.ts`), and does not call that
 * experimental in a line on standard error. They take the place of those of the process, of which a thread may not be
 * given each one.
 */
const OPTIONS = ['--experimental-require-module', '--disable-warning=ExperimentalWarning'];
const { require_module: loadsModules } = process.features as { readonly require_module?: boolean };

/**
 * Starts the thread. It loads its code and waits for its `WorkerSetup`. A program
 * may end while no `DataPlane` has taken the thread.
 */
export function startThread(): Worker {
  const thread = new Worker(WORKER, {
    resourceLimits: LIMITS,
    workerData: flagState(),
    ...(loadsModules !== true && { execArgv: OPTIONS }),
  });
  thread.unref();
  return thread;
}
