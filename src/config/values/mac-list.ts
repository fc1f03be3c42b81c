/** A list of MAC addresses of stations, `02:00:00:00:00:01+02:00:00:00:00:02`, or `off` for none. */

import { type Rule, ValueError, expected } from './rule';
import { stationMac } from './station-mac';

const MACS_MAX = 256;
const WHAT = `MAC addresses with + between them, at most ${MACS_MAX}, or off`;

function ofMacs(texts: readonly unknown[], got: unknown): string {
  if (texts.length === 0 || texts.length > MACS_MAX) throw expected(WHAT, got);
  const macs = texts.map((text) => stationMac.fromValue(text));
  const repeated = macs.find((mac, at) => macs.indexOf(mac) !== at);
  if (repeated === undefined) return macs.join('+');
  throw new ValueError(`${repeated} is given twice; once is enough`);
}

/** The value is the text in canonical form. A file may have a list of MACs, too. */
export const macList: Rule<string> = {
  fromText: (text) => (text === 'off' ? text : ofMacs(text.split('+'), text)),
  fromValue: (value) => {
    if (value === 'off' || value === false) return 'off';
    if (typeof value === 'string') return ofMacs(value.split('+'), value);
    if (Array.isArray(value)) return ofMacs(value as unknown[], value);
    throw expected(WHAT, value);
  },
  schema: {
    anyOf: [
      { type: 'string' },
      { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: MACS_MAX },
      { const: false },
    ],
    description: WHAT,
  },
};
