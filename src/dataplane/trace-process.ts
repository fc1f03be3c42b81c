/** Entry point of the process of a trace. Its code is the bundle of `run-trace.ts`. */

import { loadBundle } from '../system/bundle';
import type * as runTraceModule from './run-trace';

const { runTrace } = loadBundle('run-trace') as typeof runTraceModule;
runTrace();
