/** Waits for conditions outside of this process. */

import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/** Milliseconds that are enough for every condition, also on a slow machine. */
const PATIENCE_MS = 20_000;

/**
 * Calls `probe` again and again until it finds something.
 * @param probe returns undefined or false as long as it finds nothing
 * @param what text of the error when the time is over; a function is called only then
 */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  what: string | (() => string),
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`not in ${patienceMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(POLL_MS);
  }
}
