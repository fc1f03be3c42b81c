/** The entry point of the data-plane thread. */

import { workerData } from 'node:worker_threads';
import { Loop } from './loop';
import type { WorkerSetup } from './messages';
import { warmUp } from './warm-up';

const setup = workerData as WorkerSetup;
warmUp();
new Loop(setup).run();
setup.commands.close();
