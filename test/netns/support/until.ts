/** Waits for what happens outside of this process. */

import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/** Far beyond what anything here takes, so that a slow machine fails nothing. */
const PATIENCE_MS = 20_000;

/**
 * Looks again and again until `look` finds something.
 * @param look finds: anything but undefined or false
 * @param what stands in the error when it is not found in time; a function is asked only then
 */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  what: string | (() => string),
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`not in ${patienceMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(POLL_MS);
  }
}
