"use strict";
/** Starts the data plane's thread, before a `DataPlane` takes it. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.startThread = startThread;
const node_path_1 = require("node:path");
const node_worker_threads_1 = require("node:worker_threads");
/** Path of the entry point, from this file's folder and from the folder of the bundles. */
const WORKER = (0, node_path_1.join)(__dirname, '../dataplane/worker.js');
/** Limits of the heap. The young generation stays small, because the data plane makes little garbage. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };
/**
 * Starts the thread. It loads its code, warms the frame path, and waits for its `WorkerSetup`. A program
 * may end while no `DataPlane` has taken the thread.
 */
function startThread() {
    const thread = new node_worker_threads_1.Worker(WORKER, { resourceLimits: LIMITS });
    thread.unref();
    return thread;
}
