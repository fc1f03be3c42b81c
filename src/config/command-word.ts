/** The word of a command where a port is expected: `node dist/switch.js start tap0`. */

import { UsageError } from '../system/usage-error';
import { DEFAULT_KIND } from './values/port-spec';

const SWITCH = 'node dist/switch.js';
const TAPCTL = 'node dist/tapctl.js';

/** What is meant, by the word; of the ports behind the word where it is a function. */
const MEANT: Readonly<Record<string, string | ((rest: string) => string)>> = {
  start: (rest) => `${SWITCH} ${rest}`,
  run: (rest) => `${SWITCH} ${rest}`,
  stop: 'kill -TERM PID',
  restart: 'systemctl restart tapswitch@NAME',
  help: `${SWITCH} --help`,
  version: `${SWITCH} --version`,
  status: `${TAPCTL} show`,
  ...Object.fromEntries(
    ['show', 'stats', 'events', 'fdb', 'neigh', 'capture', 'trace', 'reload'].map((word) => [
      word,
      `${TAPCTL} ${word}`,
    ]),
  ),
};

/**
 * Without this, `start tap0` would make a TAP that is called "start".
 * @throws UsageError where the first port is the word of a command
 */
export function refuseCommandWord([first = '', ...rest]: readonly string[]): void {
  if (!Object.hasOwn(MEANT, first)) return;
  const meant = MEANT[first] as (typeof MEANT)[string];
  const command = typeof meant === 'string' ? meant : meant(rest.join(' ') || 'tap0 tap1');
  throw new UsageError(
    `${first}: ports are expected and no command; did you mean "${command}"? ` +
      `A TAP of that name is ${DEFAULT_KIND}:${first}`,
  );
}
