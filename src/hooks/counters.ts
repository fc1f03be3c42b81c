/** Drop reasons of the hooks, per port. The bridge stores the numbers. */

import type { CounterText } from '../frame/room';

export const HookDrop = { Dropped: 0, Failed: 1 } as const;

/** Name and meaning, indexed by `HookDrop`. */
export const HOOK_DROPS: readonly CounterText[] = [
  { name: 'hook', meaning: 'A hook dropped the frame.' },
  {
    name: 'hook-failed',
    meaning: "A hook with onError: 'drop' failed on the frame, or was switched off during it.",
  },
];
