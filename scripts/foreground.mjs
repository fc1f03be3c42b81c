// Runs a command in the foreground, perhaps behind sudo, and passes SIGINT and SIGTERM on to it.

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

/** Passes a signal on to the command. */
function pass(signal, child) {
  // The terminal has sent Ctrl-C to the whole foreground process group already.
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  const target = commandBelow(child.pid);
  try {
    process.kill(target, signal);
  } catch (error) {
    if (error.code !== 'EPERM') return; // The command is gone.
    // Behind sudo the command belongs to root. -n: sudo must not ask for a password now.
    spawn('sudo', ['-n', 'kill', `-${signal.slice(3)}`, String(target)], { stdio: 'ignore' });
  }
}

/**
 * The process behind sudo. sudo may put one or two of its own processes above the command. It does not
 * pass on a signal that comes from its own process group (sudo(8), "Signal handling").
 */
function commandBelow(pid) {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return name === 'sudo' && child ? commandBelow(Number(child)) : pid;
  } catch {
    return pid; // The process ended meanwhile.
  }
}
