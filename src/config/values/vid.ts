/** VLAN identifiers as people write them. Source: IEEE 802.1Q-2022 table 9-2. */

import { MAX_VID, MIN_VID, NO_VLAN } from '../../wire/vlan';
import { type Rule, expected, wholeNumber } from './rule';

/** VID of a VLAN. 0 means a frame with a priority and without a VLAN, and 4095 is reserved. */
export const vid = wholeNumber({ from: MIN_VID, to: MAX_VID });

const NONE = 'none';
const WHAT = `a VID from ${MIN_VID} to ${MAX_VID}, or none`;

/** VID, or `none`, which is `NO_VLAN`. */
export const vidOrNone: Rule<number> = {
  fromText: (text) => read(text, () => vid.fromText(text)),
  fromValue: (value) => read(value, () => vid.fromValue(value)),
  schema: { anyOf: [{ const: NONE }, vid.schema], description: WHAT },
};

function read(given: unknown, readVid: () => number): number {
  if (given === NONE) return NO_VLAN;
  try {
    return readVid();
  } catch {
    throw expected(WHAT, given);
  }
}

/** Value of a file from which `vidOrNone` reads the same. */
export function formatVidOrNone(value: number): number | string {
  return value === NO_VLAN ? NONE : value;
}
