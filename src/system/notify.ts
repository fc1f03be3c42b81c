/** Tells systemd, where it listens, how the switch is: sd_notify(3). */

import { native } from '../native/native';

/**
 * @param message `READY=1`, `STOPPING=1`
 * @param warn takes one line where the manager does not listen
 */
export function notify(message: string, warn: (line: string) => void): void {
  const socketPath = process.env['NOTIFY_SOCKET'];
  if (socketPath === undefined || socketPath === '') return;
  try {
    native().notifyService(socketPath, message);
  } catch (error) {
    warn(`the service manager does not listen: ${(error as Error).message}`);
  }
}
