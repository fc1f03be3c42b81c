/** A whole number, or `off` where there is none. */

import { type Rule, expected } from './rule';

export interface NumberOrOffRange {
  readonly from: number;
  readonly to: number;
  /** Unit of the number, in the plural. */
  readonly unit: string;
}

/** Rule for a whole number or `off`, which a file may also write as `false`. The range includes both ends. */
export function numberOrOff({ from, to, unit }: NumberOrOffRange): Rule<number | 'off'> {
  const what = `a whole number of ${unit} from ${from} to ${to}, or off`;
  const isRight = (value: number): boolean => value >= from && value <= to;
  return {
    fromText: (text) => {
      if (text === 'off') return text;
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!isRight(value)) throw expected(what, text);
      return value;
    },
    fromValue: (value) => {
      if (value === 'off' || value === false) return 'off';
      if (!Number.isInteger(value) || !isRight(value as number)) throw expected(what, value);
      return value as number;
    },
    schema: {
      anyOf: [{ type: 'integer', minimum: from, maximum: to }, { enum: ['off', false] }],
      description: what,
    },
  };
}
