/**
 * All devices under test, in the order of the tables.
 */

import type { Dut } from './dut';
import { kernelBridge } from './kernel-bridge';
import { limit } from './limit';
import { openVswitch, openVswitchDpdk } from './open-vswitch';
import { OURS, tapswitch } from './tapswitch';
import { vde } from './vde';

export const DUTS: readonly Dut[] = [
  tapswitch(OURS, 'tapswitch', []),
  tapswitch('ours-plain', 'tapswitch --no-offload', ['--no-offload']),
  limit('limit', 'limit loop, offloads', ['--vnet']),
  limit('limit-plain', 'limit loop, no offloads', []),
  kernelBridge,
  vde,
  openVswitch,
  openVswitchDpdk,
];
