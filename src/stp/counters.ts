/** Counters and drop reasons of the STP room, per port. The bridge stores the numbers. */

import type { CounterText } from '../frame/room';

export const StpCounter = { Received: 0, Sent: 1 } as const;

/** Name and meaning, indexed by `StpCounter`. */
export const STP_COUNTERS: readonly CounterText[] = [
  { name: 'bpdu-received', meaning: 'BPDUs that the spanning tree has taken.' },
  { name: 'bpdu-sent', meaning: 'BPDUs that the switch has sent.' },
];

export const StpDrop = { Invalid: 0, Filtered: 1, Own: 2, Guarded: 3 } as const;

/** Name and meaning, indexed by `StpDrop`. */
export const STP_DROPS: readonly CounterText[] = [
  {
    name: 'bpdu-invalid',
    meaning:
      'Frames to the address of STP that are no BPDU, or one with a wrong length, version or age.',
  },
  { name: 'bpdu-filtered', meaning: 'BPDUs on a port that has bpdu-filter.' },
  {
    name: 'bpdu-own',
    meaning:
      'BPDUs of the switch that came back on the port that had sent them: the link is a loop.',
  },
  { name: 'bpdu-guarded', meaning: 'BPDUs on a port that has bpdu-guard, which shut the port.' },
];
