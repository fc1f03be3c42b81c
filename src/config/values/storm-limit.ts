/** Limit on the frames that a port may flood in a second: a whole number, or `off`. */

import { type Rule, expected } from './rule';

const FRAMES_MAX = 1_000_000_000;
const WHAT = `a whole number of frames per second from 0 to ${FRAMES_MAX}, or off`;

export const stormLimit: Rule<number | 'off'> = {
  fromText: (text) => {
    if (text === 'off') return text;
    const frames = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(frames <= FRAMES_MAX)) throw expected(WHAT, text);
    return frames;
  },
  fromValue: (value) => {
    if (value === 'off' || value === false) return 'off';
    const isLimit = Number.isInteger(value) && (value as number) >= 0;
    if (!isLimit || (value as number) > FRAMES_MAX) throw expected(WHAT, value);
    return value as number;
  },
  schema: {
    anyOf: [{ type: 'integer', minimum: 0, maximum: FRAMES_MAX }, { enum: ['off', false] }],
    description: WHAT,
  },
};
