/** Tells systemd, where it listens, how the switch is: sd_notify(3). */

import type { Logger } from '../config/logger';
import { native } from '../native/native';

/** @param message `READY=1`, `STOPPING=1` */
export function notify(message: string, log: Logger): void {
  const socketPath = process.env['NOTIFY_SOCKET'];
  if (socketPath === undefined || socketPath === '') return;
  try {
    native().notifyService(socketPath, message);
  } catch (error) {
    log.warn(`the service manager does not listen: ${(error as Error).message}`);
  }
}
