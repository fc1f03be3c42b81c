/** The data-plane thread: it warms the frame path, waits for its setup and moves frames. */

import { type MessagePort, parentPort } from 'node:worker_threads';
import { endThread } from './hook-surroundings';
import { Loop } from './loop';
import type { WorkerSetup } from './messages';
import { warmUp } from './warm-up';

/** Runs the lane until it is told to stop. Call this in the thread of `startThread`. */
export function runLane(): void {
  warmUp();
  (parentPort as MessagePort).once('message', (setup: WorkerSetup) => {
    new Loop(setup).run();
    setup.commands.close();
    endThread();
  });
}
