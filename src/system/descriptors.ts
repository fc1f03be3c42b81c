/** File descriptors: what a program is told that has too few of them. */

import { readFileSync } from 'node:fs';

/**
 * Descriptors below which the switch does not start: Node and the code of two threads take some 30
 * for a moment, and each port four.
 */
const NEEDED = 64;

/** In messages of the loader, which have no code. */
const EXHAUSTED = /too many open files|EMFILE|ENFILE/i;

/**
 * @param error anything that was thrown
 * @returns the reason and the cure, where the process or the system has no descriptor left
 */
export function descriptorsExhausted(error: unknown): string | undefined {
  const {
    code,
    message = '',
    cause,
  } = error as { code?: string; message?: string; cause?: unknown };
  if (code === 'EMFILE' || code === 'ENFILE') return sentence(code);
  if (EXHAUSTED.test(message)) return sentence('EMFILE');
  return cause instanceof Object ? descriptorsExhausted(cause) : undefined;
}

function sentence(code: string): string {
  return `no file descriptor is left (${code}); raise the limit: ulimit -n`;
}

/** @returns why a process with its limit cannot become a switch; undefined where it can, or may */
export function descriptorsTooFew(): string | undefined {
  const limit = descriptorLimit();
  if (limit >= NEEDED) return undefined;
  return `${limit} file descriptors are too few, it takes ${NEEDED}; raise the limit: ulimit -n`;
}

/** Node has raised its own limit to the hard one by now: `PlatformInit` in its src/node.cc. */
function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch (error) {
    return descriptorsExhausted(error) === undefined ? Number.POSITIVE_INFINITY : 0;
  }
}
