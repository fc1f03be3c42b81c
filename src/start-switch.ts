/** The whole switch from code: what `node dist/switch.js` runs, without a command line. */

import { createLogger } from './journal/logger';
import type { PortSpec } from './config/values/port-spec';
import { PORT_KINDS } from './ports/kinds';
import { type GivenConfig, type SwitchConfig, completeConfig } from './config/schema';
import { TapSwitch } from './control/tap-switch';

/** As the options of the command line; what is left out has the same default. */
export type SwitchOptions = Omit<GivenConfig, 'ports'> & {
  /** `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or the same as an object. */
  readonly ports: readonly (string | PortSpec)[];
};

/**
 * Opens the ports and starts forwarding. Needs what the command line needs: root, or TAPs of one's
 * own. Logs to standard error, warnings and errors unless `logLevel` says otherwise.
 * @throws ValueError for a port that cannot be and for options that contradict each other,
 *   UsageError for users and groups that there are not, StartError when the system refuses
 */
export async function startSwitch(options: SwitchOptions): Promise<TapSwitch> {
  const specs = options.ports.map((port) =>
    typeof port === 'string' ? PORT_KINDS.parse(port) : PORT_KINDS.check(port),
  );
  const ports = PORT_KINDS.expand(specs);
  const config: SwitchConfig = completeConfig([{ logLevel: 'warn' }, { ...options, ports }], false);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    bridge: config.name,
  });
  log.load();
  return TapSwitch.start(config, log);
}
