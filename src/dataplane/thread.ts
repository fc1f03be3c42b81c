/** Starts the data plane's thread, before a `DataPlane` takes it. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { flagState } from '../system/v8-flags';

/** Path of the entry point, from this file's folder and from the folder of the bundles. */
const WORKER = join(__dirname, '../dataplane/worker.js');

/** Limits of the heap. The young generation stays small, because the data plane makes little garbage. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/**
 * Starts the thread. It loads its code, warms the frame path, and waits for its `WorkerSetup`. A program
 * may end while no `DataPlane` has taken the thread.
 */
export function startThread(): Worker {
  const thread = new Worker(WORKER, { resourceLimits: LIMITS, workerData: flagState() });
  thread.unref();
  return thread;
}
