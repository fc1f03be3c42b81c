/**
 * Handling of SIGUSR1, by which an operator asks for the tables. A program imports this file first.
 *
 * Without a listener for SIGUSR1, Node opens its debugger on 127.0.0.1:9229 when the signal comes, and any
 * user who connects there gets the rights of the program: src/inspector_agent.cc, StartIoThread. Node
 * installs that handler some milliseconds before it runs the first line of a program. Only an option of
 * Node closes this gap: `--inspect-port=[fe80::1]:0`, an address on which no program can listen without
 * naming an interface (net/ipv6/af_inet6.c, __inet6_bind). `--disable-sigusr1` does the same, but Node 20
 * does not have it.
 */

import { keepSignal } from './early-signals';

/** Milliseconds from one attempt to close the debugger to the next. */
const LOOK_INTERVAL_MS = 10;
/** Milliseconds within which a signal opens the debugger, even on a busy machine. */
const LOOK_DURATION_MS = 2_000;

/** Options that start the debugger. `--inspect-port` and `--inspect-publish-uid` do not. */
const DEBUGGER_OPTION = /(^|\s)--inspect(-brk|-wait)?(=|\s|$)/;

keepSignal('SIGUSR1');
if (!wantsDebugger()) keepDebuggerClosed();

function wantsDebugger(): boolean {
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''];
  return DEBUGGER_OPTION.test(options.join(' '));
}

/**
 * Closes the debugger if a signal before the handler above has opened it, or is about to open it. Node may
 * open it at two moments: between two lines of JavaScript, and at the first turn of the event loop.
 */
function keepDebuggerClosed(): void {
  closeDebugger();
  process.nextTick(closeDebugger);
  setImmediate(closeDebugger);
  const timer = setInterval(closeDebugger, LOOK_INTERVAL_MS).unref();
  setTimeout(() => clearInterval(timer), LOOK_DURATION_MS).unref();
}

/** Closes the debugger as `close` of node:inspector does. Loading that module would take 3 ms. */
function closeDebugger(): void {
  (process as { _debugEnd?: () => void })._debugEnd?.();
}
