/** The thread that moves frames, before a switch has taken it: see `DataPlane`. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** The young generation stays small: the data plane makes no garbage to speak of. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/**
 * Starts it. It loads its code and warms the frame path, and then waits for its `WorkerSetup`.
 * Until `DataPlane` takes it, it keeps no program from ending.
 */
export function startThread(): Worker {
  const thread = new Worker(join(__dirname, 'worker.js'), { resourceLimits: LIMITS });
  thread.unref();
  return thread;
}
