// `npm start -- ARGUMENTS`: installs and builds what is missing, then runs dist/switch.js with the
// arguments, as root. SIGINT and SIGTERM reach the switch, and its exit status is ours.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
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

await runMain(() => {
  installPackages(START_PACKAGES);
  build(['dependencies', 'addon', 'typescript']);
  return runSwitch(process.argv.slice(2));
});

/** Resolves to the exit status of the switch. */
function runSwitch(args) {
  const command = [process.execPath, join(CLONE, 'dist/switch.js'), ...args];
  const [program, ...rest] = needsRoot(args) ? rootCommand(command) : command;
  const child = spawn(program, rest, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => pass(signal, child));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}

function needsRoot(args) {
  return !args.some((arg) => ['--help', '-h', '--version', '-V'].includes(arg));
}

function rootCommand(command) {
  if (becomeRoot('run the switch')) return asRoot(command);
  // The owner of a persistent TAP may attach to it, so the attempt is worth it.
  say(`no sudo, so trying with your own rights; as root it is: ${command.join(' ')}`);
  return command;
}

/** Hands a signal on to the switch. */
function pass(signal, child) {
  // Control-C went from the terminal to the whole foreground process group already.
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  const target = switchBelow(child.pid);
  try {
    process.kill(target, signal);
  } catch (error) {
    if (error.code !== 'EPERM') return; // It is gone.
    // Behind sudo the switch is root's. -n: this is no time to ask for a password.
    spawn('sudo', ['-n', 'kill', `-${signal.slice(3)}`, String(target)], { stdio: 'ignore' });
  }
}

/**
 * The process behind sudo. sudo may have one or two processes of its own above the command, and
 * passes no signal on that comes from its own process group (sudo(8), "Signal handling").
 */
function switchBelow(pid) {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return name === 'sudo' && child ? switchBelow(Number(child)) : pid;
  } catch {
    return pid; // It ended while we looked.
  }
}
