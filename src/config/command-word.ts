/** Refuses a command word where a port is expected: `node dist/switch.js start tap0`. */

import { SWITCH_COMMAND as SWITCH, TAPCTL_COMMAND as TAPCTL } from '../system/command-name';
import { UsageError } from '../system/usage-error';
import { DEFAULT_KIND } from './values/port-spec';

/** Command that the user probably meant, by the word. A function takes the ports behind the word. */
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
 * Refuses a command word as the first port: `start tap0` would otherwise make a TAP called "start".
 * @throws UsageError where the first port is a command word
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
