/** Entry point of the data-plane thread. Its code is the bundle of `run-lane.ts`. */

import { workerData } from 'node:worker_threads';
import { loadBundle } from '../system/bundle';
import { type FlagState, adoptFlagState } from '../system/v8-flags';
import type * as runLaneModule from './run-lane';

adoptFlagState(workerData as FlagState);
const { runLane } = loadBundle('run-lane') as typeof runLaneModule;
runLane();
