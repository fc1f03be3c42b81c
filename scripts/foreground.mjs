// A command that has the terminal, perhaps behind sudo: SIGINT and SIGTERM that reach us reach it.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Resolves to the exit status of the command. */
export function runInForeground([program, ...args]) {
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => pass(signal, child));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}

/** Hands a signal on to the command. */
function pass(signal, child) {
  // Control-C went from the terminal to the whole foreground process group already.
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  const target = commandBelow(child.pid);
  try {
    process.kill(target, signal);
  } catch (error) {
    if (error.code !== 'EPERM') return; // It is gone.
    // Behind sudo the command is root's. -n: this is no time to ask for a password.
    spawn('sudo', ['-n', 'kill', `-${signal.slice(3)}`, String(target)], { stdio: 'ignore' });
  }
}

/**
 * The process behind sudo. sudo may have one or two processes of its own above the command, and
 * passes no signal on that comes from its own process group (sudo(8), "Signal handling").
 */
function commandBelow(pid) {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return name === 'sudo' && child ? commandBelow(Number(child)) : pid;
  } catch {
    return pid; // It ended while we looked.
  }
}
