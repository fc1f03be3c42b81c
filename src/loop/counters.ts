/** Counters of loop guard, per port. The bridge stores the numbers. */

import type { CounterText } from '../frame/room';

export const LoopCounter = { Sent: 0, Returned: 1 } as const;

/** Name and meaning, indexed by `LoopCounter`. */
export const LOOP_COUNTERS: readonly CounterText[] = [
  { name: 'loop-probe-sent', meaning: 'Loop probes that the switch has sent.' },
  {
    name: 'loop-probe-returned',
    meaning: 'Loop probes of the switch that came back: there is a loop.',
  },
];
