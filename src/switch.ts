#!/usr/bin/env -S node --inspect-port=[fe80::1]:0
/**
 * `node dist/switch.js [OPTION]... PORT...`: the thread that moves frames takes the longest to get
 * going, so it starts before the rest is loaded (docs/adr/0015-the-frame-thread-starts-first.md).
 */

import './sigusr1';
import { keepSignal } from './early-signals';
import { descriptorsExhausted, descriptorsTooFew } from './system/descriptors';
import { startThread } from './dataplane/thread';
import type * as runSwitchModule from './run-switch';

function end(why: string): never {
  process.stderr.write(`switch: cannot start: ${why}\n`);
  process.exit(1);
}

// What the switch is told while it starts, it does when it runs.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) keepSignal(signal);

const tooFew = descriptorsTooFew();
if (tooFew !== undefined) end(tooFew);
try {
  const thread = startThread();
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { runSwitch } = require('./run-switch') as typeof runSwitchModule;
  void runSwitch(thread);
} catch (error) {
  // A limit on threads or memory, or a file that is missing.
  end(descriptorsExhausted(error) ?? (error as Error).message);
}
