#!/usr/bin/env -S node --inspect-port=[fe80::1]:0
/**
 * `node dist/switch.js [OPTION]... PORT...`: the program's entry point. The data plane's thread takes longest
 * to start, so it starts before the rest is loaded (docs/adr/0015-the-frame-thread-starts-first.md).
 */

import './sigusr1';
import { keepSignal } from './early-signals';
import { descriptorsExhausted, descriptorsTooFew } from './system/descriptors';
import { loadBundle } from './system/bundle';
import { startThread } from './dataplane/thread';
import type * as runSwitchModule from './run-switch';

function end(why: string): never {
  process.stderr.write(`switch: cannot start: ${why}\n`);
  process.exit(1);
}

// Signals that come during the start take effect when the switch runs.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) keepSignal(signal);

const tooFew = descriptorsTooFew();
if (tooFew !== undefined) end(tooFew);
try {
  const thread = startThread();
  const { runSwitch } = loadBundle('run-switch') as typeof runSwitchModule;
  void runSwitch(thread);
} catch (error) {
  // The cause may be a limit on threads or memory, or a missing file.
  end(descriptorsExhausted(error) ?? (error as Error).message);
}
