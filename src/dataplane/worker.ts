/** Entry point of the data-plane thread. */

import { type MessagePort, parentPort } from 'node:worker_threads';
import { Loop } from './loop';
import type { WorkerSetup } from './messages';
import { warmUp } from './warm-up';

warmUp();
(parentPort as MessagePort).once('message', (setup: WorkerSetup) => {
  new Loop(setup).run();
  setup.commands.close();
});
