/** Starts a whole switch from code: the same as `node dist/switch.js`, without a command line. */

import { readFileValues } from './config/file-schema';
import { formatPath } from './config/rule-schema';
import { type GivenConfig, type SwitchConfig, completeConfig } from './config/schema';
import { ValueError } from './config/values/rule';
import { TapSwitch } from './control/tap-switch';
import { Switch } from './library/switch';
import { createLogger } from './journal/logger';
import { openControl } from './open-control';
import { openMetrics } from './open-metrics';
import { PORT_KINDS, type PortKinds, portKinds } from './ports/kinds';
import { SCRIPT_KIND, ScriptKind } from './ports/script-port';
import type { SwitchOptions } from './switch-options';
import { RequestError } from './system/request-error';
import { findControlGroup } from './system/run-as';
import { StartError } from './system/start-error';
import { UsageError } from './system/usage-error';

/** Values where a program differs from the command line: it shares its terminal, and its rights. */
const DEFAULTS = { logLevel: 'warn', control: 'none' } as const satisfies GivenConfig;

/** Names of the switches of this program: two of one name would have one MAC. */
const names = new Set<string>();

/**
 * Opens the ports and starts forwarding. As on the command line, the caller must be root or own the TAPs; a switch
 * that has script ports only needs no rights. The switch logs to standard error.
 * @throws UsageError for wrong options, with one line for each; AddonError if there is no addon for this machine;
 *   StartError if the system refuses, or a switch of the same name runs. Nothing of the switch is left then.
 */
export async function startSwitch(options: SwitchOptions): Promise<Switch> {
  const scripts = new ScriptKind();
  const kinds = portKinds([...PORT_KINDS.kinds, scripts]);
  const config = readOptions(options, kinds);
  const { name } = config;
  if (names.has(name)) {
    const message = `name: a switch of this program is called ${name} already; give another name`;
    throw new StartError(message, { code: 'ERR_SWITCH_EXISTS' });
  }
  names.add(name);
  try {
    for (const port of config.ports) if (port.kind === SCRIPT_KIND) scripts.makeEnd(port.name);
    const tapSwitch = await start(config, kinds);
    tapSwitch.once('stopped', () => names.delete(name));
    return new Switch(tapSwitch, scripts);
  } catch (error) {
    scripts.destroyEnds();
    names.delete(name);
    throw error;
  }
}

async function start(config: SwitchConfig, kinds: PortKinds): Promise<TapSwitch> {
  const { controlGroup } = config;
  const controlGid = controlGroup === undefined ? undefined : findControlGroup(controlGroup);
  const log = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    bridge: config.name,
  });
  log.load();
  // The control socket comes before the ports: a second switch of the same name opens none.
  const { server } = await openControl(config, log, undefined, controlGid);
  const metrics = await openMetrics(config, log).catch((error: unknown) => {
    server?.close();
    throw error;
  });
  const starting = TapSwitch.start(config, log, undefined, kinds);
  metrics?.serve(starting);
  server?.serve(starting, () => {
    const message = 'the switch was started by a program; there is no file to read again';
    return Promise.reject(new RequestError('conflict', message));
  });
  const running = await starting;
  running.once('stopping', () => {
    server?.close();
    metrics?.close();
  });
  return running;
}

function readOptions(options: SwitchOptions, kinds: PortKinds): SwitchConfig {
  const verdict = readFileValues(options, kinds);
  if ('faults' in verdict) {
    const lines = verdict.faults.map(({ path, message }) =>
      path.length === 0 ? message : `${formatPath(path)}: ${message}`,
    );
    throw new UsageError(...lines);
  }
  refuseForeign(verdict.given);
  try {
    const config = completeConfig([DEFAULTS, verdict.given], false);
    if (config.ports.length > 0) return config;
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(error.message);
    throw error;
  }
  throw new UsageError('ports: none is given; name at least one, as in ports: ["tap0"]');
}

/** Refuses what has no meaning in a program: its rights are its own, and it has no socket unless it asks. */
function refuseForeign({ user, control = 'none', controlGroup }: GivenConfig): void {
  if (user !== undefined) {
    throw new UsageError('user: the switch has the rights of the program; leave it out');
  }
  if (controlGroup !== undefined && control === 'none') {
    throw new UsageError('control-group: there is no control socket; give its path as control');
  }
}
