/** Starts a whole switch from code: the same as `node dist/switch.js`, without a command line. */

import { createLogger } from './journal/logger';
import type { PortSpec } from './config/values/port-spec';
import { PORT_KINDS } from './ports/kinds';
import { type GivenConfig, type SwitchConfig, completeConfig } from './config/schema';
import { TapSwitch } from './control/tap-switch';

/** Options of a switch, the same as on the command line and with the same defaults. */
export type SwitchOptions = Omit<GivenConfig, 'ports'> & {
  /** Ports as `[KIND:]NAME[@NETNS][,KEY[=VALUE]]...`, or as objects with the same content. */
  readonly ports: readonly (string | PortSpec)[];
};

/**
 * Opens the ports and starts forwarding. As on the command line, the caller must be root or own the TAPs. The
 * switch logs to standard error: warnings and errors, unless `logLevel` sets another level.
 * @throws ValueError for an invalid port and for options that contradict each other, UsageError for unknown
 *   users and groups, StartError if the system refuses
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
