/** Closing TAPs of several ports at a time. */

import { type NativeTap, native } from '../native/native';

const leaving: NativeTap[] = [];
let closing: Promise<void> | undefined;

/**
 * Closes a TAP together with all others that are closed in this turn: where one goes away, the kernel
 * takes some 20 ms, and many at a time take no longer. Resolves when they have gone.
 */
export function closeTogether(tap: NativeTap): Promise<void> {
  leaving.push(tap);
  closing ??= Promise.resolve().then(() => {
    closing = undefined;
    return native().closeTaps(leaving.splice(0));
  });
  return closing;
}
