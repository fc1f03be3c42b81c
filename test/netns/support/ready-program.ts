/** Programs of this folder that print "ready" when they listen, and a result at their end. */

import type { Background } from './command';
import { until } from './until';

const READY = 'ready\n';

/** Waits until the program has printed "ready"; it may have ended since. @returns the program */
export async function untilReady(program: Background): Promise<Background> {
  await until(
    () => {
      if (program.stdout.startsWith(READY)) return true;
      if (!program.isRunning) throw new Error(`${program.command.join(' ')}: ${program.stderr}`);
      return false;
    },
    () => `${program.command.join(' ')} is ready: ${program.stderr}`,
  );
  return program;
}

/** Result that a program prints at its end, behind "ready". */
export async function lastWords(program: Background): Promise<string> {
  return (await program.succeeded()).slice(READY.length).trim();
}
