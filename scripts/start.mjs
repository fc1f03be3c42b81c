// `npm start -- ARGUMENTS`: installs and builds what is missing, then runs dist/switch.js with the
// arguments, as root. It passes SIGINT and SIGTERM on to the switch and returns its exit status.

import { join } from 'node:path';
import { runInForeground } from './foreground.mjs';
import {
  CLONE,
  START_PACKAGES,
  asRoot,
  becomeRoot,
  build,
  installPackages,
  runMain,
  say,
} from './prepare.mjs';

/** Address at which Node cannot open its debugger, at any SIGUSR1: see src/sigusr1.ts. */
const NO_DEBUGGER = '--inspect-port=[fe80::1]:0';

await runMain(() => {
  installPackages(START_PACKAGES);
  build(['dependencies', 'addon', 'typescript']);
  return runSwitch(process.argv.slice(2));
});

/** Resolves to the exit status of the switch. */
function runSwitch(args) {
  const command = [process.execPath, NO_DEBUGGER, join(CLONE, 'dist/switch.js'), ...args];
  return runInForeground(needsRoot(args) ? rootCommand(command) : command);
}

function needsRoot(args) {
  return !args.some((arg) => ['--help', '-h', '--version', '-V'].includes(arg));
}

function rootCommand(command) {
  if (becomeRoot('run the switch')) return asRoot(command);
  // The owner of a persistent TAP may attach to it without root.
  say(`no sudo, so trying with your own rights; as root it is: ${command.join(' ')}`);
  return command;
}
