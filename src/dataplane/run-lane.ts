/** The data-plane thread: it waits for its setup and moves frames. */

import { type MessagePort, parentPort } from 'node:worker_threads';
import { allowExit, endThread } from './hook-surroundings';
import { Loop } from './loop';
import type { WorkerSetup } from './messages';

/** Runs the lane until it is told to stop. Call this in the thread of `startThread`. */
export function runLane(): void {
  (parentPort as MessagePort).once('message', (setup: WorkerSetup) => {
    const loop = new Loop(setup);
    try {
      loop.run();
    } catch (error) {
      allowExit();
      throw error;
    }
    setup.commands.close();
    endThread();
  });
}
