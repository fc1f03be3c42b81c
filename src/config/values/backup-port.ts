/** The port that takes over for another one: its label, or `off` for none. */

import { textRule } from './rule';

export const backupPort = textRule('the name of a port, or off', (text) =>
  /^[^\s,]+$/.test(text) ? text : undefined,
);
