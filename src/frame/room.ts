/** What every protocol room says or does alike. */

import type { Outbox } from './outbox';
import { CONSUMED, type Verdict } from './verdict';

/** What is said of a frame to the switch's own MAC that a room has dealt with. */
const KEPT_BY_SWITCH = 'it is for the switch, which keeps it';

/** The verdict on a frame to the switch's own MAC that the room has dealt with. */
export function keepForSwitch(outbox: Outbox): Verdict {
  outbox.reporter?.step(KEPT_BY_SWITCH);
  return CONSUMED;
}
