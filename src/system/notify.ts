/** Reports the switch's state to systemd, where NOTIFY_SOCKET is set: sd_notify(3). */

import { native } from '../native/native';

/**
 * @param message `READY=1`, `STOPPING=1`
 * @param warn takes one line where the message could not be sent
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
