#!/usr/bin/env -S node --inspect-port=[fe80::1]:0
/** `node dist/tapctl.js`: entry point of the operator's tool. Its code is the bundle of `run-tapctl.ts`. */

import './sigusr1';
import { loadBundle } from './system/bundle';
import type * as runTapctlModule from './run-tapctl';

const { runTapctl } = loadBundle('run-tapctl') as typeof runTapctlModule;
void runTapctl();
