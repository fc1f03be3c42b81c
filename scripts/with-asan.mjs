// `node scripts/with-asan.mjs SCRIPT [ARGUMENTS]`: runs a Node script with the sanitizer build of
// the addon (`npm run build:asan`). The sanitizers write a finding to standard error, and the process
// ends with status 1 or a signal.
//
// Node itself is not built with the sanitizer, so the sanitizer's runtime must be loaded first. Leak
// detection is off, because V8 does not free its heap before the process ends.

import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { CLONE } from './prepare.mjs';

/** Path of the sanitizer's runtime, from the compiler that built the addon: no other one fits. */
const runtime = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout;

const child = spawn(process.execPath, process.argv.slice(2), {
  stdio: 'inherit',
  env: {
    ...process.env,
    LD_PRELOAD: runtime.trim(),
    ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1',
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    TAPSWITCH_ADDON: join(CLONE, 'build-asan/Release/tapswitch.node'),
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (status, signal) => {
  process.exitCode = status ?? 128 + constants.signals[signal];
});
