/** Entry point of the data-plane thread. Its code is the bundle of `run-lane.ts`. */

import { loadBundle } from '../system/bundle';
import type * as runLaneModule from './run-lane';

const { runLane } = loadBundle('run-lane') as typeof runLaneModule;
runLane();
