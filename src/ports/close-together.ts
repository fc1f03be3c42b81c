/** Closes the TAPs of several ports at a time. */

import { type NativeTap, native } from '../native/native';

const leaving: NativeTap[] = [];
let closing: Promise<void> | undefined;

/**
 * Closes a TAP together with all others that are closed in this turn of the event loop. The kernel takes
 * some 20 ms to delete one, and no longer for many at a time. It resolves when they are closed.
 */
export function closeTogether(tap: NativeTap): Promise<void> {
  leaving.push(tap);
  closing ??= Promise.resolve().then(() => {
    closing = undefined;
    return native().closeTaps(leaving.splice(0));
  });
  return closing;
}
