/**
 * Where frames come from and go to: the TAPs of the kernel, or memory. Whoever implements it works
 * on the bridge's burst, and decides nothing.
 */

import type { Transmitter } from '../l2/transmitter';

export interface PortIo extends Transmitter {
  /**
   * Fills the burst, from every port a fair share.
   * @param waitMs how long to wait for a first frame; 0 looks and returns.
   * @returns the number of frames. They are described in the burst; `Burst.begin` is the caller's.
   */
  receive(waitMs: number): number;
}
