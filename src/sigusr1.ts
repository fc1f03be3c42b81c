/**
 * SIGUSR1, by which an operator asks for the tables. A program imports this before anything else.
 *
 * Node opens its debugger on 127.0.0.1:9229 when SIGUSR1 comes and nobody listens for it, and
 * whoever connects there can do what the program can: src/inspector_agent.cc, StartIoThread. Node
 * installs that handler some milliseconds before it runs the first line of a program. Only an option
 * of Node's closes that time: `--inspect-port=[fe80::1]:0`, an address at which nobody can listen
 * without naming an interface (net/ipv6/af_inet6.c, __inet6_bind). `--disable-sigusr1` does the same,
 * but Node 20 does not know it.
 */

import { keepSignal } from './early-signals';

/** Milliseconds from one look at the debugger to the next. */
const LOOK_INTERVAL_MS = 10;
/** How long a signal that Node has taken may take to open the debugger on a busy machine. */
const LOOK_DURATION_MS = 2_000;

/** Options that ask for the debugger. `--inspect-port` and `--inspect-publish-uid` do not. */
const DEBUGGER_OPTION = /(^|\s)--inspect(-brk|-wait)?(=|\s|$)/;

keepSignal('SIGUSR1');
if (!wantsDebugger()) keepDebuggerClosed();

function wantsDebugger(): boolean {
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return DEBUGGER_OPTION.test(options.join(' '));
}

/**
 * Closes the debugger that a signal before the handler above has opened, or is about to open. Node
 * opens it twice: between two lines of JavaScript, and when the event loop first turns.
 */
function keepDebuggerClosed(): void {
  closeDebugger();
  process.nextTick(closeDebugger);
  setImmediate(closeDebugger);
  const timer = setInterval(closeDebugger, LOOK_INTERVAL_MS).unref();
  setTimeout(() => clearInterval(timer), LOOK_DURATION_MS).unref();
}

/** `close` of node:inspector is this function. Loading that module takes 3 ms of a start. */
function closeDebugger(): void {
  (process as { _debugEnd?: () => void })._debugEnd?.();
}
