#!/usr/bin/env -S node --inspect-port=[fe80::1]:0
/**
 * `node dist/switch.js [OPTION]... PORT...`: the thread that moves frames takes the longest to get
 * going, so it starts before the rest is loaded (docs/adr/0015-the-frame-thread-starts-first.md).
 */

import './sigusr1';
import { startThread } from './dataplane/thread';
import type * as runSwitchModule from './run-switch';

try {
  const thread = startThread();
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runSwitch } = require('./run-switch') as typeof runSwitchModule;
  void runSwitch(thread);
} catch (error) {
  // A limit on threads or memory, or a file that is missing.
  process.stderr.write(`switch: cannot start: ${(error as Error).message}\n`);
  process.exit(1);
}
