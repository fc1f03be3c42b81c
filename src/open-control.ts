/** Opens the control socket that a configuration asks for. */

import { dirname } from 'node:path';
import { defaultControlPaths } from './api/control-path';
import { ControlServer } from './api/server';
import { isForbidden } from './api/socket';
import type { SwitchConfig } from './config/schema';
import type { Logger } from './journal/logger';
import type { Login } from './system/run-as';

export interface Control {
  readonly server?: ControlServer;
  /** Reason why there is no server although one was wanted. */
  readonly complaint?: string;
}

/**
 * Opens the control socket. A socket that was asked for is required. The default one is not: a user who may
 * write to neither of its folders gets a switch without a socket.
 * @param login user to whom the socket belongs, if not the user of this process
 * @param controlGid group whose members may open the socket
 * @throws StartError
 */
export async function openControl(
  config: SwitchConfig,
  log: Logger,
  login: Login | undefined,
  controlGid: number | undefined,
): Promise<Control> {
  if (config.control === 'none') return {};
  const paths = config.control === undefined ? defaultControlPaths(config.name) : [config.control];
  try {
    const access = { ...login, ...(controlGid !== undefined && { gid: controlGid }) };
    return { server: await ControlServer.listen(paths, log, access) };
  } catch (error) {
    const isOptional = config.control === undefined && isForbidden(error as Error);
    if (!isOptional) throw error;
    return {
      complaint:
        `no control: may not write to ${paths.map((path) => dirname(path)).join(' or ')} ` +
        `(${((error as Error).cause as NodeJS.ErrnoException).code}); set XDG_RUNTIME_DIR to a folder of yours, or give a --control`,
    };
  }
}
