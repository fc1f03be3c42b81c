/**
 * All devices under test, in the order of the tables.
 */

import type { Dut } from './dut';
import { kernelBridge } from './kernel-bridge';
import { limit, limitPlain, limitPolling } from './limit';
import { openVswitch, openVswitchDpdk } from './open-vswitch';
import {
  tapswitch,
  tapswitchCalls,
  tapswitchFast,
  tapswitchHook,
  tapswitchNic,
  tapswitchPlain,
  tapswitchSegments,
  tapswitchStream,
  tapswitchVlan,
} from './tapswitch';
import { vde } from './vde';

export const DUTS: readonly Dut[] = [
  tapswitch,
  tapswitchPlain,
  tapswitchSegments,
  tapswitchCalls,
  tapswitchVlan,
  tapswitchHook,
  tapswitchNic,
  tapswitchFast,
  tapswitchStream,
  limit,
  limitPlain,
  limitPolling,
  kernelBridge,
  vde,
  openVswitch,
  openVswitchDpdk,
];
